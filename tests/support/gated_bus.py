"""A bus that holds every chunk back until the test lets it through, and a speaker whose relay sends on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sikua_chassis import outbox
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.bus.port import Record
from sikua_chassis.clock import real_now
from sikua_chassis.database import Database
from sikua_chassis.relay import Relay
from sikua_contracts.envelope import source_of
from support.small_services import closed
from support.system import System

SEEN_SECONDS = 20


class Gated(EmbeddedBus):
    """A bus that shows what is sent and waits until it is let through."""

    carries = True

    def __init__(self, url: str) -> None:
        super().__init__(url, {})
        self.begun: list[list[tuple[str, int]]] = []
        self.under_way = 0
        self.most_under_way = 0
        self.gate = asyncio.Semaphore(0)

    async def send(self, service: str, records: Sequence[Record]) -> None:
        self.begun.append([(record.subject, record.sequence) for record in records])
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.gate.acquire()
        finally:
            self.under_way -= 1

    async def has_begun(self, chunks: int) -> None:
        """Wait until so many chunks were handed over."""
        async with asyncio.timeout(SEEN_SECONDS):
            while len(self.begun) < chunks:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def relayed(system: System, bus: Gated, *, begin: asyncio.Event) -> AsyncIterator[Database]:
    """A speaker's database whose relay starts when it is told to."""
    database = Database(system.url, "notifier", service="notifier", source=source_of("notifier"), business_now=real_now)
    await database.open()

    async def run() -> None:
        await begin.wait()
        await Relay(database, bus).run()

    task = asyncio.create_task(run())
    try:
        yield database
    finally:
        task.cancel()
        await asyncio.wait([task])
        await database.close()


async def say(database: Database, *subjects: str) -> None:
    """One event of each of these subjects, all in one unit of work."""
    async with database.unit_of_work() as session:
        for subject in subjects:
            outbox.publish(session, closed(subject))


async def log_of(database: Database, wanted: int) -> list[tuple[str, int]]:
    """The published log, once it holds so many."""
    async with asyncio.timeout(SEEN_SECONDS):
        while await database.pool.fetchval("SELECT count(*) FROM published") < wanted:
            await asyncio.sleep(0.01)
    rows = await database.pool.fetch("SELECT aggregateid, sequence FROM published ORDER BY position")
    return [(row["aggregateid"], row["sequence"]) for row in rows]
