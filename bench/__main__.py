"""`make bench`: measures every row, prints it, and leaves `bench/results/latest.json` and `latest.svg`.

ARGS: parts to measure alone (`hearing posts pages listeners whole kafka-hearing relay kafka-posts latency apart`), `--rounds 5`,
`--seconds 1.5`, `--no-demo`. A run of some parts leaves its figures in `bench/results/partial.json` instead.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import uvloop
from sikua_chassis.auth.issuer import LocalIssuer

from bench import apart, hearing, latency, listeners, pages, posts, whole
from bench.cluster import cluster
from bench.databases import server, server_version
from bench.machine import machine, versions
from bench.office import office
from bench.results import write
from bench.rounds import Row

ON_KAFKA = ("kafka-hearing", "relay", "kafka-posts", "latency")
PARTS = ("hearing", "posts", "pages", "listeners", "whole", *ON_KAFKA, "apart")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds per row")
    parser.add_argument("--seconds", type=float, default=1.5, help="of load per side and round")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--no-demo", action="store_true", help="leave the demo out")
    asked = parser.parse_args()
    if unknown := [part for part in asked.parts if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    asked.parts = asked.parts or list(PARTS)
    return asked


async def measured(asked: argparse.Namespace, folder: Path, url: str, also: dict[str, float]) -> AsyncIterator[Row]:
    """All rows that were asked for, each as soon as it is there."""
    key = folder / "issuer.jwk"
    token = LocalIssuer.at(key).issue("bench", roles=["command_office"], lifetime_seconds=7200)
    plan = posts.Plan(asked.rounds, asked.seconds, token)
    if "hearing" in asked.parts:
        async for row in hearing.rows(url, asked.rounds):
            yield row
    if "posts" in asked.parts:
        async for row in posts.rows(url, key, plan):
            yield row
    if "pages" in asked.parts:
        async with office(url, key, token) as seat:
            async for row in pages.rows(seat, folder, asked.rounds, also):
                yield row
    if "listeners" in asked.parts:
        async for row in listeners.rows(url, key, plan, also):
            yield row
    if "whole" in asked.parts:
        async for row in whole.rows(folder, min(asked.rounds, 3), also, demo=not asked.no_demo):
            yield row
    if set(ON_KAFKA) & set(asked.parts):
        async with cluster(folder) as bootstrap:
            async for row in kafka_rows(asked, Ground(url, bootstrap, key), plan, also):
                yield row
            if "latency" in asked.parts:
                async with server(folder / "dated", dates_commits=True) as dated:
                    async for row in latency.rows(dated, key, bootstrap, plan, also):
                        yield row
    if "apart" in asked.parts:
        async for row in apart.rows(folder, also):
            yield row


@dataclass(frozen=True)
class Ground:
    """Where the rows that need Kafka are measured: both servers, and the issuer's key."""

    url: str
    bootstrap: str
    key: Path


async def kafka_rows(
    asked: argparse.Namespace, ground: Ground, plan: posts.Plan, also: dict[str, float]
) -> AsyncIterator[Row]:
    """The rows that need Kafka, as far as they were asked for. What they measure against is imported only here."""
    from bench import on_kafka

    if "kafka-hearing" in asked.parts:
        async for row in on_kafka.hearing_rows(ground.url, ground.bootstrap, asked.rounds, also):
            yield row
    if "relay" in asked.parts:
        async for row in on_kafka.relay_rows(ground.url, ground.bootstrap, asked.rounds):
            yield row
    if "kafka-posts" in asked.parts:
        async for row in posts.kafka_rows(ground.url, ground.key, ground.bootstrap, plan):
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
            whole_run = set(asked.parts) == set(PARTS) and not asked.no_demo
            path = write(machine(folder), versions(await server_version(url)), rows, also, whole=whole_run)
    print(f"→ {path}", file=sys.stderr)


def told(row: Row) -> str:
    """One row on one line."""
    sign = "≥" if row.better == "higher" else "≤"
    mark = "✓" if row.reached else "✗"
    figures = f"{row.ours:>10.1f} / {row.other:>10.1f} {row.unit:<10} = {row.ratio:6.2f} ({row.low:.2f}–{row.high:.2f})"
    return f"{mark} {figures}  goal {sign} {row.goal:g}  {row.row}"


if __name__ == "__main__":
    uvloop.run(main())
