"""Draws one chart: a Vega-Lite specification comes in at standard input, an SVG goes out at standard output.

Run as a process of its own, so that the drawing engine (a V8 of a hundred megabytes) never lives in the service.
"""

from __future__ import annotations

import json
import sys

import vl_convert


def main() -> None:
    """Draw, then end."""
    sys.stdout.write(vl_convert.vegalite_to_svg(json.load(sys.stdin)))


if __name__ == "__main__":
    main()
