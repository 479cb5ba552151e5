"""Rows of the inbox: with the bus against the same SQL on the same messages in memory, and in batches against one by one."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import TypeVar

from sikua_chassis import outbox
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.bus.port import RECORD_COLUMNS, Batch, Bus, Record, record_of_row
from sikua_chassis.clock import BusinessClock, real_now
from sikua_chassis.consumer import BATCH, Consumer
from sikua_chassis.database import Database
from sikua_chassis.flow import Flow, Hears
from sikua_chassis.inbox import Inbox
from sikua_chassis.lane_store import position_of
from sikua_chassis.migrate import migrate
from sikua_chassis.relay import Relay
from sikua_chassis.session import Session
from sikua_chassis.telemetry.metrics import Metrics
from sikua_chassis.telemetry.traces import tracing
from sikua_contracts.envelope import Event, new_id, source_of
from sikua_contracts.examples import EXAMPLES
from sikua_contracts.registry import ProjectRegistered
from sikua_contracts.topics import SPEAKERS

from bench.counting import PATIENCE_SECONDS, until
from bench.databases import database
from bench.heard import KEEP, row_of
from bench.rounds import Row, compared

SPEAKER = "registry"
MESSAGES = 4000
ONE_BY_ONE = 600
_NUMBERS = count()

BusT = TypeVar("BusT", bound=Bus)


async def keep(session: Session, event: Event[ProjectRegistered]) -> None:
    """What the consumer does with each message: one upsert."""
    session.gather(KEEP, *row_of(event.data))


async def rows(server: str, rounds: int) -> AsyncIterator[Row]:
    """Each row as soon as it is measured."""
    url = await database(server, "bench_hearing")
    async with room_of(url, EmbeddedBus(url, SPEAKERS)) as (room, bus):
        await say(room, MESSAGES)
        await publish_all(room, bus)
        records = await published(room)

        async def with_bus() -> float:
            return await _consumed(room, bus, len(records))

        async def in_memory() -> float:
            return await _handled(room, records, BATCH)

        async def one_by_one() -> float:
            return await _handled(room, records[:ONE_BY_ONE], 1)

        said = "inbox consumer / the same SQL on the same messages without a bus"
        yield await compared(said, "events/s", 0.85, with_bus, in_memory, rounds)
        said = "inbox consumer in batches / one transaction per message"
        yield await compared(said, "events/s", 8.0, with_bus, one_by_one, rounds)


@asynccontextmanager
async def room_of(url: str, bus: BusT) -> AsyncIterator[tuple[Database, BusT]]:
    """A speaker's new database with a table to hear into, and the bus, both open while the block lasts."""
    await migrate(url, SPEAKER, None)
    async with opened(url, bus) as room:
        await room.pool.execute("CREATE TABLE heard (project_id text PRIMARY KEY, name text, status text, version int)")
        yield room, bus


@asynccontextmanager
async def opened(url: str, bus: Bus) -> AsyncIterator[Database]:
    """A speaker's database that is there, and the bus, both open while the block lasts."""
    room = Database(url, SPEAKER, service=SPEAKER, source=source_of(SPEAKER), business_now=BusinessClock().now)
    await bus.start()
    await room.open()
    try:
        yield room
    finally:
        await room.close()
        await bus.stop()


async def say(room: Database, messages: int) -> None:
    """Put so many messages, each of a project of its own, into the outbox."""
    example = EXAMPLES[ProjectRegistered.type].data
    for _ in range(messages // BATCH):
        async with room.unit_of_work() as session:
            for _ in range(BATCH):
                record = example.record.model_copy(update={"project_id": new_id()})
                outbox.publish(session, example.model_copy(update={"record": record}))


async def publish_all(room: Database, bus: Bus) -> None:
    """Let a relay empty the outbox."""
    relay = asyncio.create_task(Relay(room, bus).run())
    while True:
        await asyncio.sleep(0.02)
        if not await room.pool.fetchval("SELECT count(*) FROM outbox"):
            break
    relay.cancel()
    await asyncio.wait([relay])


async def published(room: Database) -> list[Record]:
    """The records as they lie in the log."""
    rows = await room.pool.fetch(f"SELECT {RECORD_COLUMNS} FROM published ORDER BY position")
    return [record_of_row(row) for row in rows]


def fresh_inbox(room: Database) -> tuple[Flow, Inbox]:
    """A consumer that nobody has been before: it reads everything anew."""
    flow = Flow(service=f"bench-{os.getpid()}-{next(_NUMBERS)}", hears=(Hears(ProjectRegistered, keep),))
    return flow, Inbox(room, flow, tracing(flow.service))


async def _consumed(room: Database, bus: EmbeddedBus, messages: int) -> float:
    flow, inbox = fresh_inbox(room)
    consumer = Consumer(room, bus, flow, inbox, Metrics(flow.service))
    started = time.perf_counter()
    task = asyncio.create_task(consumer.run())
    await until(lambda: consumer.applied >= messages, PATIENCE_SECONDS)
    took = time.perf_counter() - started
    task.cancel()
    await asyncio.wait([task])
    return messages / took


async def _handled(room: Database, records: Sequence[Record], size: int) -> float:
    flow, inbox = fresh_inbox(room)
    at, _ = await position_of(room.pool, flow.service, SPEAKER, real_now())
    started = time.perf_counter()
    for first in range(0, len(records), size):
        part = records[first : first + size]
        await inbox.in_one(Batch(SPEAKER, at, at + len(part), part))
        at += len(part)
    return len(records) / (time.perf_counter() - started)
