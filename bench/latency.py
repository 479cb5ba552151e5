"""How long a POST takes to be applied by a consumer, and shown in the feed, at a quarter of what the two can sustain.

Applied is when the consumer's transaction has committed: the database's own time of that commit, on the same machine's clock as
the answer's arrival at the client. PostgreSQL takes it before it flushes; what flushing and telling take is measured beside it
and added.

The other side takes its steps at the same rate: back to back they are shorter, because nobody has to be woken for them. How
short is told beside the rows.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sikua_contracts.topics import PROJECTS

from bench.cluster import fresh_topics
from bench.counting import until
from bench.load import posted, posts_per_second
from bench.posts import Plan, Side, drained, running, warmed
from bench.rounds import Row, row_of
from bench.sides import PREFIX

SHARE = 0.25
SLOWEST = 1.0
WRITERS = 8
STEPS = 150
LATE_SECONDS = 20.0
PAYLOAD = b"x" * 1024
APPLIED = """SELECT project_id, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS applied
FROM "command-office".feed_entry WHERE project_id = ANY($1)"""
COMMITTED = "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS committed FROM late ORDER BY number"
EMBEDDED = "embedded"
HOW_APPLIED = (
    "ours ends with the commit of the consumer's transaction, flushed; a listener reads the feed meanwhile; on Kafka registry "
    "and command office are a process each, as the distributed form has them, embedded they share one; the other side takes "
    "each step alone, at the same rate"
)


@dataclass
class Seen:
    """Moments by project, on the machine's clock: asked, accepted, and read from the feed."""

    asked: dict[str, float] = field(default_factory=dict)
    accepted: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Floor:
    """Seconds of the other side: two commits, a produce and a fetch; and of a commit, what comes after its timestamp."""

    whole: float
    flush: float


@dataclass
class Waits:
    """Seconds of every POST of all rounds; and of each round ours and the other side's, when its steps go back to back."""

    applied: list[float] = field(default_factory=list)
    back_to_back: list[tuple[float, float]] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)


async def rows(server: str, key: Path, bootstrap: str, plan: Plan, also: dict[str, float]) -> AsyncIterator[Row]:
    """The row of each form; what has no goal goes into `also`. The server keeps the times of commits."""
    await fresh_topics(bootstrap, PREFIX)
    for kind, form in (("consumer", EMBEDDED), ("kafka", "on Kafka")):
        pairs: list[tuple[float, float]] = []
        waits = Waits()
        async with _services(form, server, key, bootstrap) as side:
            await warmed(side, plan)
            sustained = await posts_per_second(side.port, "/projects", plan.token, WRITERS, plan.seconds)
            rate = max(SHARE * sustained, SLOWEST)
            for _ in range(plan.rounds):
                await drained(side.url)
                floor = await _floor(server, bootstrap, rate)
                back_to_back = await _floor(server, bootstrap, math.inf)
                seen = await _watched(side, plan, rate)
                applied = await _applied(side.url, seen, floor)
                pairs.append((max(median(applied), 1e-4) * 1000, floor.whole * 1000))
                waits.back_to_back.append((median(applied), back_to_back.whole))
                waits.applied += applied
                waits.shown += [seen.shown[name] - seen.accepted[name] for name in seen.accepted]
                waits.whole += [seen.shown[name] - seen.asked[name] for name in seen.accepted]
        _tell(waits, kind, also)
        also[f"post_to_feed_requests_per_second_{kind}"] = round(rate, 1)
        said = (
            f"accepted → applied by a consumer, p50 at 25 % of saturation, {form} / two commits, a produce and a fetch"
        )
        yield row_of(said, "ms", 2.0, pairs, better="lower", note=HOW_APPLIED)


@asynccontextmanager
async def _services(form: str, server: str, key: Path, bootstrap: str) -> AsyncIterator[Side]:
    """Registry and command office as this form has them: in one process, or each in its own over Kafka."""
    async with AsyncExitStack() as stack:
        if form == EMBEDDED:
            yield await stack.enter_async_context(running("consumer", server, key, room="late"))
            return
        speaks = await stack.enter_async_context(running("kafka-registry", server, key, bootstrap, room="late"))
        hears = await stack.enter_async_context(running("kafka-office", server, key, bootstrap, beside=speaks.url))
        yield replace(speaks, office=hears.office)


def _tell(waits: Waits, kind: str, also: dict[str, float]) -> None:
    for what, seconds in (
        ("accepted_to_applied", waits.applied),
        ("accepted_to_feed", waits.shown),
        ("post_to_feed", waits.whole),
    ):
        also[f"{what}_ms_p50_{kind}"] = round(median(seconds) * 1000, 1)
        also[f"{what}_ms_p99_{kind}"] = round(quantiles(seconds, n=100)[98] * 1000, 1)
    also[f"back_to_back_ms_{kind}"] = round(median(other for _, other in waits.back_to_back) * 1000, 2)
    also[f"accepted_to_applied_by_back_to_back_{kind}"] = round(
        median(ours / other for ours, other in waits.back_to_back), 2
    )


async def _applied(url: str, seen: Seen, floor: Floor) -> list[float]:
    """Seconds from each accepted POST until its event's transaction at the consumer was committed; below 0 when earlier."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(APPLIED, list(seen.accepted))
    finally:
        await connection.close()
    return [row["applied"] + floor.flush - seen.accepted[row["project_id"]] for row in rows]


async def _watched(side: Side, plan: Plan, rate: float) -> Seen:
    """Post at this rate while a listener reads the feed; all that was accepted has been shown."""
    seen = Seen()
    async with _feed(side.office, plan.token) as lines:
        listening = asyncio.create_task(_listen(lines, seen))
        begins = time.perf_counter() + 0.1
        turns = count()
        await asyncio.gather(*(_write(side, plan, seen, turns, begins, rate) for _ in range(WRITERS)))
        await until(lambda: seen.accepted.keys() <= seen.shown.keys(), LATE_SECONDS)
        listening.cancel()
        await asyncio.wait([listening])
    return seen


async def _write(side: Side, plan: Plan, seen: Seen, turns: count[int], begins: float, rate: float) -> None:
    async with AsyncExitStack() as stack:
        reader, writer = await asyncio.open_connection("127.0.0.1", side.port)
        stack.callback(writer.close)
        while (turn := next(turns)) < STEPS:
            await _due(begins, turn, rate)
            asked = time.time()
            body = await posted(reader, writer, "/projects", plan.token)
            now = time.time()
            project = str(json.loads(body)["project_id"])
            seen.asked[project], seen.accepted[project] = asked, now


async def _due(begins: float, turn: int, rate: float) -> None:
    """Wait for the moment of this turn, of so many a second."""
    await asyncio.sleep(max(0.0, begins + turn / rate - time.perf_counter()))


@asynccontextmanager
async def _feed(port: int, token: str) -> AsyncIterator[asyncio.StreamReader]:
    """The live feed from now on; open when the block begins."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    try:
        head = f"GET /feed/stream HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
        writer.write(head.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer.decode())
        await asyncio.sleep(0.3)
        yield reader
    finally:
        writer.close()


async def _listen(lines: asyncio.StreamReader, seen: Seen) -> None:
    async for line in lines:
        if line.startswith(b"data:"):
            now = time.time()
            entry: dict[str, Any] = json.loads(line[5:])
            project = entry.get("project_id")
            if project is not None:
                seen.shown.setdefault(str(project), now)


async def _floor(server: str, bootstrap: str, rate: float) -> Floor:
    """Two commits and one record produced and fetched, each the median of a row of single ones, so many a second."""
    whole, flush = await _commit(server, rate)
    return Floor(2 * whole + await _carried(bootstrap, rate), flush)


async def _commit(server: str, rate: float) -> tuple[float, float]:
    """Seconds of a commit: from before it is asked for, and from its timestamp, until it is answered."""
    connection = await asyncpg.connect(server)
    began, ended = [], []
    try:
        await connection.execute("DROP TABLE IF EXISTS late; CREATE TABLE late (number int, payload text)")
        begins = time.perf_counter()
        for number in range(STEPS):
            await _due(begins, number, rate)
            began.append(time.time())
            await connection.execute("INSERT INTO late VALUES ($1, $2)", number, PAYLOAD.decode())
            ended.append(time.time())
        committed = [row["committed"] for row in await connection.fetch(COMMITTED)]
    finally:
        await connection.close()
    whole = median(end - start for start, end in zip(began, ended, strict=True))
    return whole, median(end - at for at, end in zip(committed, ended, strict=True))


async def _carried(bootstrap: str, rate: float) -> float:
    """From before a record is produced until another has fetched it."""
    topic = await fresh_topics(bootstrap, "floor.") + PROJECTS
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="latest")
    taken = []
    await producer.start()
    await consumer.start()
    try:
        await consumer.seek_to_end()
        begins = time.perf_counter()
        for number in range(STEPS):
            fetching = asyncio.ensure_future(consumer.getone())
            await _due(begins, number, rate)
            started = time.perf_counter()
            await producer.send_and_wait(topic, PAYLOAD, key=str(number).encode())
            await asyncio.wait_for(fetching, LATE_SECONDS)
            taken.append(time.perf_counter() - started)
    finally:
        await consumer.stop()
        await producer.stop()
    return median(taken)
