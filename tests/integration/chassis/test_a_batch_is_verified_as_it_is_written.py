"""A batch whose lanes are known is written without asking; what was known wrongly is found out, and nothing of it remains."""

from typing import Any

import pytest
from sikua_chassis.batches import PositionMoved
from sikua_chassis.bus.port import Batch, Record
from sikua_chassis.clock import real_now
from sikua_chassis.database import Database
from sikua_chassis.flow import Flow, Hears, NotYet
from sikua_chassis.inbox import Handled, Inbox
from sikua_chassis.lane_store import position_of
from sikua_chassis.session import Session
from sikua_chassis.telemetry.traces import tracing
from sikua_contracts.envelope import Event
from support.small_services import Heard, closed, listener
from support.system import System

LOG, SOURCE, CONSUMER = "scheduler", "/by-hand", "by-hand"
SAID = type(closed("p"))


def record(subject: str, sequence: int) -> Record:
    now, payload = real_now(), closed(subject).model_dump_json()
    before = f"{subject}-{sequence - 1}" if sequence > 1 else None
    return Record(f"{subject}-{sequence}", SOURCE, SAID.topic, subject, SAID.type, payload, sequence, before, now, now)


class ByHand:
    """A consumer to whom batches are handed one by one; `answer` is what its handler says after it has written."""

    def __init__(self, database: Database, *, reads: bool = False) -> None:
        self.database = database
        self.reads = reads
        self.answer: NotYet | None = None
        self.inbox = Inbox(database, Flow(CONSUMER, hears=(Hears(SAID, self.handle),)), tracing(CONSUMER))
        self.at = 0

    async def handle(self, session: Session, event: Event[Any]) -> NotYet | None:
        if self.reads:
            await session.fetchval("SELECT count(*) FROM heard")
        if self.answer is None:
            await Heard.note(session, event)
        return self.answer

    async def hears(self, *records: Record) -> Handled:
        await position_of(self.database.pool, CONSUMER, LOG, real_now())
        handled = await self.inbox.in_one(Batch(LOG, self.at, self.at + len(records), records))
        self.at += len(records)
        return handled

    async def kept(self) -> list[tuple[str, int]]:
        rows = await self.database.pool.fetch("SELECT subject, sequence FROM heard ORDER BY number")
        return [(row["subject"], row["sequence"]) for row in rows]

    async def stored(self) -> int:
        found: int = await self.database.pool.fetchval("SELECT position FROM position WHERE consumer = $1", CONSUMER)
        return found

    async def lanes(self) -> list[tuple[str, int, str | None, str | None]]:
        rows = await self.database.pool.fetch(
            "SELECT subject, sequence, last_id, state FROM lane WHERE consumer = $1 ORDER BY subject", CONSUMER
        )
        return [(row["subject"], row["sequence"], row["last_id"], row["state"]) for row in rows]


@pytest.fixture(params=[False, True], ids=["handler only writes", "handler reads first"])
async def consumer(system: System, request: pytest.FixtureRequest) -> ByHand:
    async def nothing(session: Session, event: Event[Any]) -> None: ...

    service = await system.start(listener(nothing))
    return ByHand(service.database, reads=request.param)


async def test_streams_that_begin_and_streams_that_go_on_are_written_alike(consumer: ByHand) -> None:
    await consumer.hears(record("p1", 1), record("p2", 1), record("p1", 2))
    await consumer.hears(record("p2", 2), record("p3", 1))
    assert await consumer.kept() == [("p1", 1), ("p2", 1), ("p1", 2), ("p2", 2), ("p3", 1)]
    assert await consumer.stored() == 5
    assert await consumer.lanes() == [("p1", 2, "p1-2", None), ("p2", 2, "p2-2", None), ("p3", 1, "p3-1", None)]


async def test_one_event_whose_lane_is_known_is_one_statement(consumer: ByHand) -> None:
    for sequence in (1, 2):
        before = consumer.database.statements
        await consumer.hears(record("p1", sequence))
        # A handler that reads opens the batch, reads, and writes.
        assert consumer.database.statements - before == (3 if consumer.reads else 1)


async def test_a_batch_from_another_position_writes_nothing(consumer: ByHand) -> None:
    await consumer.hears(record("p1", 1))
    consumer.at = 7
    with pytest.raises(PositionMoved):
        await consumer.hears(record("p1", 2), record("p2", 1))
    assert await consumer.kept() == [("p1", 1)]
    assert await consumer.lanes() == [("p1", 1, "p1-1", None)]
    assert await consumer.stored() == 1


async def test_a_position_that_is_gone_stays_gone(consumer: ByHand) -> None:
    await consumer.hears(record("p1", 1))
    await consumer.database.pool.execute("DELETE FROM position WHERE consumer = $1", CONSUMER)
    with pytest.raises(PositionMoved):
        await consumer.inbox.in_one(Batch(LOG, 1, 2, [record("p1", 2)]))
    assert await consumer.kept() == [("p1", 1)]
    assert await consumer.stored() is None


async def test_what_another_one_has_handled_meanwhile_is_a_duplicate(consumer: ByHand) -> None:
    other = ByHand(consumer.database)
    await consumer.hears(record("p1", 1))
    other.at = 1
    await other.hears(record("p1", 2), record("p2", 1))
    consumer.at = 3
    handled = await consumer.hears(record("p1", 2), record("p2", 1), record("p1", 3))
    assert (handled.applied, handled.duplicates) == (1, 2)
    assert await consumer.kept() == [("p1", 1), ("p1", 2), ("p2", 1), ("p1", 3)]


@pytest.mark.parametrize(
    "change", ["state = 'parked', cause = 'handler_failed'", "sequence = 0, state = 'gap', cause = 'gap'"]
)
async def test_a_lane_that_was_stopped_meanwhile_holds_its_events(consumer: ByHand, change: str) -> None:
    await consumer.hears(record("p1", 1), record("p2", 1))
    await consumer.database.pool.execute(f"UPDATE lane SET {change} WHERE consumer = '{CONSUMER}' AND subject = 'p1'")
    await consumer.hears(record("p1", 2), record("p2", 2))
    assert await consumer.kept() == [("p1", 1), ("p2", 1), ("p2", 2)]
    held = await consumer.database.pool.fetch("SELECT subject, sequence FROM held WHERE consumer = $1", CONSUMER)
    assert [tuple(row) for row in held] == [("p1", 2)]


async def test_a_lane_whose_last_event_is_another_one_is_a_fork(consumer: ByHand) -> None:
    await consumer.hears(record("p1", 1))
    await consumer.database.pool.execute(f"UPDATE lane SET last_id = 'another' WHERE consumer = '{CONSUMER}'")
    await consumer.hears(record("p1", 2))
    assert await consumer.kept() == [("p1", 1)]
    assert await consumer.lanes() == [("p1", 1, "another", "parked")]


async def test_an_event_that_has_to_wait_is_held_though_its_lane_was_known(consumer: ByHand) -> None:
    await consumer.hears(record("p1", 1))
    consumer.answer = NotYet("something else comes first")
    handled = await consumer.hears(record("p1", 2), record("p2", 1))
    assert handled.applied == 0
    assert await consumer.lanes() == [("p1", 1, "p1-1", "waiting"), ("p2", 0, None, "waiting")]
    consumer.answer = None
    await consumer.hears(record("p1", 3), record("p3", 1))
    assert await consumer.kept() == [("p1", 1), ("p3", 1)]


async def test_progress_wakes_the_waiting_lane_of_the_same_project(consumer: ByHand) -> None:
    await consumer.hears(record("p1", 1))
    await consumer.database.pool.execute(
        "INSERT INTO lane (consumer, source, topic, subject, sequence, state, next_try_at) "
        "VALUES ($1, 'elsewhere', 'another', 'p1', 0, 'waiting', now() + interval '1 day')",
        CONSUMER,
    )
    await consumer.hears(record("p1", 2))
    due = await consumer.database.pool.fetchval("SELECT next_try_at <= now() FROM lane WHERE source = 'elsewhere'")
    assert due
