"""A relay sends what its process has just committed without reading it back, and never before what must leave first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sikua_chassis import relay
from sikua_chassis.bus.port import RECORD_COLUMNS, Record, RecordRefused, record_of_row
from sikua_chassis.clock import real_now
from sikua_chassis.database import Database
from sikua_chassis.fresh_rows import MOST_ROWS
from sikua_chassis.outbox import shard_of
from sikua_chassis.shards import key_of
from sikua_contracts.envelope import source_of
from support.gated_bus import Gated, log_of, relayed, say
from support.system import System

UNREADABLE = "SELECT 1 / 0 FROM unnest($1::int[], $3::bigint[]) LIMIT $2"


@pytest.fixture(autouse=True)
def long_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """No look at the outbox because of the time: a test would wait for it instead of for what it is about."""
    monkeypatch.setattr(relay, "HEARTBEAT_SECONDS", 600.0)


@asynccontextmanager
async def in_step(system: System, bus: Gated) -> AsyncIterator[Database]:
    """A database whose relay has read the outbox to its end, and marked what it found: the first of `first`."""
    begin = asyncio.Event()
    async with relayed(system, bus, begin=begin) as database:
        await say(database, "first")
        begin.set()
        bus.gate.release()
        await log_of(database, 1)
        yield database


@asynccontextmanager
async def another_process(system: System) -> AsyncIterator[Database]:
    """Whoever else says something in this service's name; nobody here is woken by it."""
    other = Database(system.url, "notifier", service="notifier", source=source_of("notifier"), business_now=real_now)
    await other.open()
    try:
        yield other
    finally:
        await other.close()


def sent(bus: Gated) -> list[tuple[str, int]]:
    return [each for chunk in bus.begun for each in chunk]


async def test_it_is_not_read_back(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Gated(system.url)
    async with in_step(system, bus) as database:
        monkeypatch.setattr(relay, "READ", UNREADABLE)
        await say(database, "a")
        await bus.has_begun(2)
        bus.gate.release()
        await asyncio.gather(say(database, "b"), say(database, "a", "a"), say(database, "first"))
        for _ in range(4):
            bus.gate.release()
        log = await log_of(database, 6)
        assert [each for each in log if each[0] == "a"] == [("a", 1), ("a", 2), ("a", 3)]
        assert sorted(sent(bus)) == sorted(log)
        assert bus.most_under_way == 1


async def test_it_carries_what_the_outbox_holds(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    class Seeing(Gated):
        async def send(self, service: str, records: Sequence[Record]) -> None:
            seen.extend(records)
            await super().send(service, records)

    seen: list[Record] = []
    bus = Seeing(system.url)
    async with in_step(system, bus) as database:
        monkeypatch.setattr(relay, "READ", UNREADABLE)
        bus.gate.release()
        await say(database, "first")
        await log_of(database, 2)
        rows = await database.pool.fetch(f"SELECT {RECORD_COLUMNS} FROM published ORDER BY position")
        assert seen == [record_of_row(row) for row in rows]
        assert seen[1].previousid == seen[0].id


@pytest.mark.parametrize("stream", ["first", "new"])
async def test_what_another_process_said_before_it_leaves_before_it(system: System, stream: str) -> None:
    bus = Gated(system.url)
    async with in_step(system, bus) as database, another_process(system) as other:
        await say(other, stream)
        await say(database, stream)
        bus.gate.release()
        log = await log_of(database, 3)
        assert log == sent(bus)
        begins = 2 if stream == "first" else 1
        assert log[1:] == [(stream, begins), (stream, begins + 1)]


async def test_what_others_say_in_our_shards_is_read_beside_it(system: System) -> None:
    theirs = next(name for name in map(str, range(100)) if shard_of(name) != shard_of("first"))
    ours = [name for name in map(str, range(100)) if shard_of(name) != shard_of(theirs)]
    holder = await asyncpg.connect(system.url)
    await holder.execute("SELECT pg_advisory_lock($1, $2)", key_of("notifier"), shard_of(theirs))
    bus = Gated(system.url)
    try:
        async with in_step(system, bus) as database, another_process(system) as other:
            await say(other, ours[0])
            await say(database, theirs, ours[1])
            bus.gate.release()
            bus.gate.release()
            assert (await log_of(database, 3))[1:] == [(ours[1], 1), (ours[0], 1)]
            assert (theirs, 1) not in sent(bus)
    finally:
        await holder.close()


async def test_what_follows_a_refused_one_stays(system: System) -> None:
    class Refusing(Gated):
        async def send(self, service: str, records: Sequence[Record]) -> None:
            await super().send(service, records)
            for record in records:
                if record.subject == "bad":
                    raise RecordRefused(record.id, "too strange")

    bus = Refusing(system.url)
    async with in_step(system, bus) as database:
        await say(database, "bad", "good")
        bus.gate.release()
        bus.gate.release()
        await log_of(database, 2)
        await say(database, "bad")
        await say(database, "good")
        bus.gate.release()
        assert await log_of(database, 3) == [("first", 1), ("good", 1), ("good", 2)]
        assert bus.begun[-1] == [("good", 2)]
        assert await database.pool.fetchval("SELECT count(*) FROM outbox WHERE aggregateid = 'bad'") == 2


async def test_after_a_failure_the_outbox_is_read_from_its_first_row(system: System) -> None:
    class Failing(Gated):
        async def send(self, service: str, records: Sequence[Record]) -> None:
            await super().send(service, records)
            if len(self.begun) == 2:
                raise OSError("this chunk is lost")

    bus = Failing(system.url)
    async with in_step(system, bus) as database:
        await say(database, "a")
        await bus.has_begun(2)
        await say(database, "a", "b")
        bus.gate.release()
        await bus.has_begun(3)
        bus.gate.release()
        assert await log_of(database, 4) == [("first", 1), ("a", 1), ("a", 2), ("b", 1)]
        assert bus.begun[1:] == [[("a", 1)], [("a", 1), ("a", 2), ("b", 1)]]


async def test_nothing_is_returned_to_a_relay_that_is_behind(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Gated(system.url)
    async with in_step(system, bus) as database:
        assert database.fresh.wanted
        monkeypatch.setattr(relay, "CHUNK", 2)
        await say(database, *(["a"] * (MOST_ROWS + 1)))
        await bus.has_begun(2)
        await say(database, "b")
        assert not database.fresh.wanted
        for _ in range(MOST_ROWS):
            bus.gate.release()
        log = await log_of(database, MOST_ROWS + 3)
        assert [each for each in log if each[0] == "a"] == [("a", n + 1) for n in range(MOST_ROWS + 1)]
        await say(database, "a")
        assert (await log_of(database, MOST_ROWS + 4))[-1] == ("a", MOST_ROWS + 2)
