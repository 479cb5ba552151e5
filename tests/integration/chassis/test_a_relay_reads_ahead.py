"""While one chunk is under way the next is read: never more than one chunk is sent, and a late commit keeps its turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sikua_chassis import outbox, relay
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


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "CHUNK", 2)


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


@pytest.mark.usefixtures("small_chunks")
async def test_a_row_committed_late_leaves_before_its_successors(system: System) -> None:
    bus, begin = Gated(system.url), asyncio.Event()
    async with relayed(system, bus, begin=begin) as database:
        late = database.connection()
        raw = await late.begin()
        session = database.session(late)
        outbox.publish(session, closed("late"))
        events = outbox.write_events(session.gathering.take_events())
        assert events is not None
        await raw.execute(events[0], *events[1])
        await say(database, "a", "b", "c", "d", "e", "f")
        begin.set()
        await bus.has_begun(1)
        await late.commit()
        await late.release()
        await say(database, "late", "late")
        for chunk in range(2, 6):
            bus.gate.release()
            await bus.has_begun(chunk)
        bus.gate.release()
        everything = [(subject, 1) for subject in ("a", "b", "c", "d", "e", "f")]
        log = await log_of(database, 9)
        assert [each for each in log if each[0] == "late"] == [("late", 1), ("late", 2), ("late", 3)]
        assert sorted(each for each in log if each[0] != "late") == everything
        sent = [each for chunk in bus.begun for each in chunk]
        assert sent == log
        assert bus.most_under_way == 1


@pytest.mark.usefixtures("small_chunks")
async def test_what_was_read_ahead_is_not_sent_when_the_chunk_before_it_fails(system: System) -> None:
    class Failing(Gated):
        async def send(self, service: str, records: Sequence[Record]) -> None:
            await super().send(service, records)
            if len(self.begun) == 2:
                raise OSError("the second chunk is lost")

    bus, begin = Failing(system.url), asyncio.Event()
    async with relayed(system, bus, begin=begin) as database:
        await say(database, *(["p"] * 6))
        begin.set()
        for chunk in range(1, 5):
            await bus.has_begun(chunk)
            bus.gate.release()
        log = await log_of(database, 6)
        assert log == [("p", n) for n in range(1, 7)]
        assert bus.begun == [[("p", 1), ("p", 2)], [("p", 3), ("p", 4)], [("p", 3), ("p", 4)], [("p", 5), ("p", 6)]]
