"""Draw the flow of events from the services' tables into `docs/`; with `--check`, only say whether the drawing is stale."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.event_flow import overview, page, score, tables

DOCS = Path(__file__).parents[2] / "docs"


def drawn(flows: tables.Flows) -> dict[str, str]:
    """The files of `docs/` that follow from the tables, by name."""
    return {
        "event-flow.svg": overview.draw(flows),
        "event-score.svg": score.draw(flows),
        "event-flow.md": page.write(flows),
    }


def stale(folder: Path, files: dict[str, str]) -> list[str]:
    """Names of files that are missing or say something else."""
    return [name for name, text in files.items() if not _is(folder / name, text)]


def main() -> int:
    """0 when the drawing is written or fresh, 1 when it is stale or an event is heard that nobody says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    arguments = parser.parse_args()
    flows = tables.read()
    untrue = tables.unheard_and_unsaid(flows)
    files = drawn(flows)
    old = stale(DOCS, files)
    for line in [
        *untrue,
        *(f"stale: docs/{name}; draw it with python -m tools.event_flow" for name in old if arguments.check),
    ]:
        print(line, file=sys.stderr)
    if not arguments.check:
        for name in old:
            (DOCS / name).write_text(files[name], encoding="utf-8")
    return 1 if untrue or (old and arguments.check) else 0


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
