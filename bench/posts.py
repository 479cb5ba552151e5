"""Rows of the registry's POST: against a plain one, against the ORM, and with what runs behind it while it answers."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from bench.cluster import fresh_topics
from bench.databases import database
from bench.load import posts_per_second
from bench.rounds import Measure, Row, compared
from bench.sides import PREFIX

WRITERS = (1, 8, 32)
SIDES = ("registry", "plain", "orm", "relay", "consumer", "all")
START_SECONDS = 180.0
DRAIN_SECONDS = 120.0
WARM_SECONDS = 0.5
LOOK_SECONDS = 0.3
STILL_LOOKS = 6
"""A consumer that is behind handles up to 200 events at once, and its position stands still meanwhile."""


@dataclass(frozen=True)
class Side:
    """A running side: its port (0: it takes no projects), the database behind it, its process.

    `office`: the command office's port where there is one.
    """

    kind: str
    port: int
    url: str
    office: int = 0
    process: int = 0

    @property
    def path(self) -> str:
        """Where it takes projects: the whole system has one port for all its services."""
        return "/registry/projects" if self.kind == "all" else "/projects"


@dataclass(frozen=True)
class Plan:
    """How long and how often to measure."""

    rounds: int
    seconds: float
    token: str


async def rows(server: str, key: Path, plan: Plan) -> AsyncIterator[Row]:
    """Each row as soon as it is measured."""
    async with AsyncExitStack() as stack:
        sides = {kind: await stack.enter_async_context(running(kind, server, key)) for kind in SIDES}
        for writers in WRITERS:
            ours = _measure(sides["registry"], plan, writers)
            plain = _measure(sides["plain"], plan, writers)
            orm = _measure(sides["orm"], plan, writers)
            said = f"registry POST / plain POST without SQL, {writers} writers"
            yield await compared(said, "requests/s", 0.45, ours, plain, plan.rounds)
            said = f"registry POST / SQLModel ORM POST, {writers} writers"
            yield await compared(said, "requests/s", 2.5, ours, orm, plan.rounds)
        for kind, goal, said in (
            ("relay", 0.7, "POST with relay live / POST alone, 8 writers"),
            ("consumer", 0.6, "POST with relay and one consumer live in the same process / POST alone, 8 writers"),
            ("all", 0.6, "POST with all seven services live in the same process / POST alone, 8 writers"),
        ):
            live, alone = _measure(sides[kind], plan, 8), _measure(sides["registry"], plan, 8)
            yield await compared(said, "requests/s", goal, live, alone, plan.rounds)


@asynccontextmanager
async def running(
    kind: str, server: str, key: Path, bootstrap: str = "", *, room: str = "bench", beside: str = ""
) -> AsyncIterator[Side]:
    """A side in a process of its own, on a database of its own whose name begins with `room`, or on the one `beside`."""
    url = beside or await database(server, f"{room}_{kind}")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.sides", kind, url, str(key), bootstrap), stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            line = await process.stdout.readline() if process.stdout else b""
        ports: dict[str, int] = json.loads(line)
        yield Side(kind, ports.get("port", 0), url, ports.get("office", 0), process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def kafka_rows(server: str, key: Path, bootstrap: str, plan: Plan) -> AsyncIterator[Row]:
    """The row of POST with everything behind it on Kafka."""
    async with AsyncExitStack() as stack:
        await fresh_topics(bootstrap, PREFIX)
        alone = await stack.enter_async_context(running("registry", server, key, room="kafka"))
        live = await stack.enter_async_context(running("kafka", server, key, bootstrap, room="kafka"))
        await warmed(live, plan)
        said = "POST with relay and one consumer live on Kafka in the same process / POST alone, 8 writers"
        pair = _measure(live, plan, 8), _measure(alone, plan, 8)
        yield await compared(said, "requests/s", 0.6, *pair, plan.rounds)


async def warmed(side: Side, plan: Plan) -> None:
    """Let everything behind this side have connected and joined: what was said first has been heard."""
    await posts_per_second(side.port, side.path, plan.token, 1, WARM_SECONDS)
    await drained(side.url)


def _measure(side: Side, plan: Plan, writers: int) -> Measure:
    async def measure() -> float:
        rate = await posts_per_second(side.port, side.path, plan.token, writers, plan.seconds)
        if side.kind in ("relay", "consumer", "kafka", "all"):
            await drained(side.url)
        return rate

    return measure


async def drained(url: str) -> None:
    """Wait until what was said has been published and heard, so that the next round does not pay for this one."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            before, still = -1, 0
            while still < STILL_LOOKS:
                now = await _said(connection)
                still = still + 1 if now == before and not await _waiting(connection) else 0
                before = now
                await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()


async def _schemas(connection: asyncpg.Connection, table: str) -> list[str]:
    rows = await connection.fetch("SELECT schemaname FROM pg_tables WHERE tablename = $1", table)
    return [row["schemaname"] for row in rows]


async def _said(connection: asyncpg.Connection) -> int:
    schemas = await _schemas(connection, "publication")
    said = [await connection.fetchval(f'SELECT last_position FROM "{schema}".publication') for schema in schemas]
    heard = [
        await connection.fetchval(f'SELECT coalesce(sum(position), 0)::bigint FROM "{schema}".position')
        for schema in schemas
    ]
    return int(sum(said) + sum(heard))


async def _waiting(connection: asyncpg.Connection) -> int:
    waiting = 0
    for schema in await _schemas(connection, "outbox"):
        waiting += await connection.fetchval(f'SELECT count(*) FROM "{schema}".outbox')
    return waiting
