"""`make bench`: measures every row, prints it, and leaves `bench/results/latest.json` and `latest.svg`.

ARGS: `--rounds 5 --seconds 1.5`, `--only posts hearing whole`, `--no-demo`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import uvloop
from sikua_chassis.auth.issuer import LocalIssuer

from bench import hearing, posts, whole
from bench.databases import server, server_version
from bench.machine import machine, versions
from bench.results import write
from bench.rounds import Row

PARTS = ("hearing", "posts", "whole")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds per row")
    parser.add_argument("--seconds", type=float, default=1.5, help="of load per side and round")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--no-demo", action="store_true", help="leave the demo out")
    return parser.parse_args()


async def measured(asked: argparse.Namespace, folder: Path, url: str, also: dict[str, float]) -> AsyncIterator[Row]:
    """All rows that were asked for, each as soon as it is there."""
    if "hearing" in asked.only:
        async for row in hearing.rows(url, asked.rounds):
            yield row
    if "posts" in asked.only:
        key = folder / "issuer.jwk"
        token = LocalIssuer.at(key).issue("bench", roles=["command_office"], lifetime_seconds=7200)
        async for row in posts.rows(url, key, posts.Plan(asked.rounds, asked.seconds, token)):
            yield row
    if "whole" in asked.only:
        async for row in whole.rows(folder, min(asked.rounds, 3), also, demo=not asked.no_demo):
            yield row


async def main() -> None:
    """Measure, print, write."""
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="sikua-bench-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        rows: list[Row] = []
        also: dict[str, float] = {}
        async with server(folder) as url:
            async for row in measured(asked, folder, url, also):
                rows.append(row)
                print(told(row), flush=True)
            path = write(machine(folder), versions(await server_version(url)), rows, also)
    print(f"→ {path}", file=sys.stderr)


def told(row: Row) -> str:
    """One row on one line."""
    sign = "≥" if row.better == "higher" else "≤"
    mark = "✓" if row.reached else "✗"
    figures = f"{row.ours:>10.1f} / {row.other:>10.1f} {row.unit:<10} = {row.ratio:6.2f} ({row.low:.2f}–{row.high:.2f})"
    return f"{mark} {figures}  goal {sign} {row.goal:g}  {row.row}"


if __name__ == "__main__":
    uvloop.run(main())
