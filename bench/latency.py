"""How long a POST takes to be applied by a consumer and shown in the feed, at a quarter of what the two can sustain."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sikua_contracts.topics import PROJECTS

from bench.cluster import fresh_topics, until
from bench.load import posted, posts_per_second
from bench.posts import Plan, Side, running, warmed
from bench.rounds import Row, row_of
from bench.sides import PREFIX

SHARE = 0.25
SLOWEST = 1.0
WRITERS = 8
STEPS = 150
LATE_SECONDS = 20.0
PAYLOAD = b"x" * 1024
BEYOND_APPLIED = (
    "ours ends when a listener has read the entry's line: a read by the feed and a line sent, beyond applied"
)


@dataclass
class Seen:
    """Moments by project, on one clock: asked, accepted, and read from the feed."""

    asked: dict[str, float] = field(default_factory=dict)
    accepted: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)


async def rows(server: str, key: Path, bootstrap: str, plan: Plan, also: dict[str, float]) -> AsyncIterator[Row]:
    """The row of each form; end-to-end times go into `also`."""
    await fresh_topics(bootstrap, PREFIX)
    for kind, form in (("consumer", "embedded"), ("kafka", "on Kafka")):
        pairs: list[tuple[float, float]] = []
        ends: list[float] = []
        async with running(kind, server, key, bootstrap if kind == "kafka" else "", room="late") as side:
            await warmed(side, plan)
            sustained = await posts_per_second(side.port, "/projects", plan.token, WRITERS, plan.seconds)
            rate = max(SHARE * sustained, SLOWEST)
            for _ in range(plan.rounds):
                floor = await _floor(server, bootstrap)
                seen = await _watched(side, plan, rate)
                waited = [seen.shown[name] - seen.accepted[name] for name in seen.accepted]
                pairs.append((max(median(waited), 1e-4) * 1000, floor * 1000))
                ends += [seen.shown[name] - seen.asked[name] for name in seen.accepted]
        also[f"post_to_feed_ms_p50_{kind}"] = round(median(ends) * 1000, 1)
        also[f"post_to_feed_ms_p99_{kind}"] = round(quantiles(ends, n=100)[98] * 1000, 1)
        also[f"post_to_feed_requests_per_second_{kind}"] = round(rate, 1)
        said = f"accepted → applied and in the feed, p50 at 25 % of saturation, {form} / two commits, a produce and a fetch"
        yield row_of(said, "ms", 2.0, pairs, better="lower", note=BEYOND_APPLIED)


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
            await asyncio.sleep(max(0.0, begins + turn / rate - time.perf_counter()))
            asked = time.perf_counter()
            body = await posted(reader, writer, "/projects", plan.token)
            now = time.perf_counter()
            project = str(json.loads(body)["project_id"])
            seen.asked[project], seen.accepted[project] = asked, now


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
            now = time.perf_counter()
            entry: dict[str, Any] = json.loads(line[5:])
            project = entry.get("project_id")
            if project is not None:
                seen.shown.setdefault(str(project), now)


async def _floor(server: str, bootstrap: str) -> float:
    """Two commits and one record produced and fetched, each the median of a row of single ones, in seconds."""
    return 2 * await _commit(server) + await _carried(bootstrap)


async def _commit(server: str) -> float:
    connection = await asyncpg.connect(server)
    taken = []
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS late (number int, payload text)")
        for number in range(STEPS):
            started = time.perf_counter()
            await connection.execute("INSERT INTO late VALUES ($1, $2)", number, PAYLOAD.decode())
            taken.append(time.perf_counter() - started)
    finally:
        await connection.close()
    return median(taken)


async def _carried(bootstrap: str) -> float:
    """From before a record is produced until another has fetched it."""
    topic = await fresh_topics(bootstrap, "floor.") + PROJECTS
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="latest")
    taken = []
    await producer.start()
    await consumer.start()
    try:
        await consumer.seek_to_end()
        for number in range(STEPS):
            fetching = asyncio.ensure_future(consumer.getone())
            started = time.perf_counter()
            await producer.send_and_wait(topic, PAYLOAD, key=str(number).encode())
            await asyncio.wait_for(fetching, LATE_SECONDS)
            taken.append(time.perf_counter() - started)
    finally:
        await consumer.stop()
        await producer.stop()
    return median(taken)
