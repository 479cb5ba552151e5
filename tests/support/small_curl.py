"""As much of curl as the guides use, for machines that have none: headers, a body, and a stream cut off after a time."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import httpx

CUT_OFF, REFUSED = 28, 22


def main() -> int:
    """Ask once and print the answer; 22 when it is a refusal, 28 when the time is over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", "-S", "-sS", "-N", action="store_true")
    parser.add_argument("--fail-with-body", action="store_true")
    parser.add_argument("--max-time", type=float, default=60.0)
    parser.add_argument("-H", action="append", default=[], dest="headers")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-d", "--data-binary", dest="body")
    parser.add_argument("url")
    asked = parser.parse_args()
    headers = dict(line.split(": ", 1) for line in asked.headers)
    body = Path(asked.body[1:]).read_bytes() if (asked.body or "").startswith("@") else (asked.body or "").encode()
    method = asked.method or ("POST" if asked.body else "GET")
    until = time.monotonic() + asked.max_time
    try:
        with httpx.stream(method, asked.url, headers=headers, content=body or None, timeout=asked.max_time) as answer:
            for part in answer.iter_text():
                sys.stdout.write(part)
                if time.monotonic() > until:
                    return CUT_OFF
            return REFUSED if asked.fail_with_body and answer.is_error else 0
    except httpx.TimeoutException:
        return CUT_OFF


if __name__ == "__main__":
    sys.exit(main())
