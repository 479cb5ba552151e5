"""A batch is handled in one transaction that also moves the consumer's position: nothing lost, nothing twice, in order.

The fast path handles the whole batch in one unit of work. When any event fails the batch is run once more with a
savepoint for each event: the failing one and its successors in the lane are held, all others are handled.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import structlog
from pydantic import ValidationError

from sikua_chassis.batches import BatchConnection, KnownLanes, LanesDiffer, Place, PositionMoved
from sikua_chassis.bus.port import Batch, Record
from sikua_chassis.clock import BusinessClock, real_now
from sikua_chassis.connection import Connection
from sikua_chassis.database import ENVIRONMENT_ERRORS, Database
from sikua_chassis.flow import Flow, NotYet
from sikua_chassis.gathering import Gathering, Part
from sikua_chassis.lane_store import HOLD, SET_ASIDE, aside_row, held_row, is_refused, moving, saving
from sikua_chassis.lanes import Cause, Decision, Lane, LaneKey, LaneState, decide, key_of
from sikua_chassis.outbox import write_events
from sikua_chassis.session import Moment, Session
from sikua_chassis.supervision import heed_cancellation
from sikua_chassis.telemetry.traces import Attributes, Tracing, current_traceparent, is_sampled, messaging

log = structlog.get_logger("sikua.inbox")


NOT_THE_EVENTS: tuple[type[BaseException], ...] = (PositionMoved, *ENVIRONMENT_ERRORS)


class WroteThenWaits(Exception):
    """A handler wrote and then said NotYet: its event needs a savepoint of its own, so that nothing of it remains."""


@dataclass
class Handled:
    """What became of a batch, before it is written down."""

    held: list[tuple[Any, ...]] = field(default_factory=list)
    subjects: set[str] = field(default_factory=set)
    applied: int = 0
    duplicates: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shared:
    """What handlers have in common whose work is written together: the moment, what is gathered, what is remembered."""

    at: Moment
    gathering: Gathering = field(default_factory=Gathering)
    memo: dict[str, Any] = field(default_factory=dict)


class Inbox:
    """Handles batches and single records for one consumer."""

    def __init__(self, database: Database, flow: Flow, tracing: Tracing, clock: BusinessClock | None = None) -> None:
        self.name = flow.service
        self._clock = clock
        self._database = database
        self._flow = flow
        self._tracing = tracing
        self._known = KnownLanes()

    async def in_one(self, batch: Batch, sending: Callable[[], None] | None = None) -> Handled:
        """Handle the whole batch in one unit of work. `sending` is called when it leaves for the database."""
        await self._reach_time_of(batch)
        known = self._known.of(batch)
        if known is not None:
            try:
                return await self._in_one(batch, known, sending)
            except LanesDiffer:
                self._known.forget(batch)
        return await self._in_one(batch, None, sending)

    async def _in_one(
        self, batch: Batch, known: dict[LaneKey, Place] | None, sending: Callable[[], None] | None
    ) -> Handled:
        async with self._connection(batch, known, sending) as connection:
            handled = await self._open(connection, batch)
            shared = Shared(self._database.moment())
            for record in batch.records:
                lane = connection.lanes[key_of(record)]
                if self._to_apply(lane, record, handled):
                    await self._apply(connection, lane, record, shared, handled)
            await self._close(connection, batch, shared.gathering, handled)
            return handled

    async def one_by_one(self, batch: Batch) -> Handled:
        async with self._connection(batch, None) as connection:
            handled = await self._open(connection, batch)
            for record in batch.records:
                lane = connection.lanes[key_of(record)]
                if self._to_apply(lane, record, handled):
                    failure = await self.attempt(connection, lane, record, handled)
                    if failure is not None:
                        cause = Cause.UNREADABLE if isinstance(failure, ValidationError) else Cause.HANDLER_FAILED
                        lane.hold(LaneState.RETRYING, cause, repr(failure))
                        handled.held.append(held_row(self.name, record, real_now()))
                        handled.failures.append(f"{cause}: {type(failure).__name__} in {record.type}")
                        log.warning(
                            "An event cannot be handled; its lane is held.",
                            action="lane_held",
                            event_id=record.id,
                            project_id=record.subject,
                            error=repr(failure),
                        )
            await self._close(connection, batch, Gathering(), handled)
            return handled

    async def attempt(self, connection: Connection, lane: Lane, record: Record, handled: Handled) -> Exception | None:
        """Handle one record inside a savepoint. The failure, when it is the event's own; the world's fault is raised."""
        raw = await connection.begin()
        savepoint = raw.transaction()
        await savepoint.start()
        connection.has_savepoint = True
        shared, stood, applied = Shared(self._database.moment()), (lane.sequence, lane.last_id), handled.applied
        try:
            await self._apply(connection, lane, record, shared, handled)
            if lane.state is LaneState.WAITING:
                await savepoint.rollback()
                return None
            await self._send(connection, shared.gathering)
        except ENVIRONMENT_ERRORS:
            raise
        except Exception as failure:
            heed_cancellation()
            await savepoint.rollback()
            # The database may refuse what was gathered after the handler has gone well: the lane has not moved then.
            lane.sequence, lane.last_id = stood
            handled.applied = applied
            return failure
        finally:
            connection.has_savepoint = False
        await savepoint.commit()
        return None

    def _to_apply(self, lane: Lane, record: Record, handled: Handled) -> bool:
        decision = decide(lane, record)
        if decision is Decision.APPLY:
            return True
        if decision is Decision.DUPLICATE:
            handled.duplicates += 1
            return False
        if decision is Decision.GAP:
            lane.hold(LaneState.GAP, Cause.GAP, f"{record.sequence} came after {lane.sequence}")
        elif decision is Decision.FORK:
            lane.hold(LaneState.PARKED, Cause.FORKED, f"{record.id} does not follow {lane.last_id}")
        handled.held.append(held_row(self.name, record, real_now()))
        return False

    async def _apply(
        self, connection: Connection, lane: Lane, record: Record, shared: Shared, handled: Handled
    ) -> None:
        heard = self._flow.by_type.get(record.type)
        if heard is not None:
            event, gathering = record.event(heard.said), shared.gathering
            before = gathering.size
            session: Session = self._database.session(
                connection,
                cause=event,
                traceparent=record.traceparent,
                gathering=gathering,
                memo=shared.memo,
                at=shared.at,
            )
            if is_sampled(record.traceparent):
                name, attributes = f"process {record.topic}", _named(record, self.name)
                with self._tracing.span_from(record.traceparent, name, attributes=attributes):
                    session.traceparent = current_traceparent()
                    answer = await heard.handle(session, event)
            else:
                answer = await heard.handle(session, event)
            if isinstance(answer, NotYet):
                if gathering.size != before and not connection.has_savepoint:
                    raise WroteThenWaits(record.type)
                lane.hold(LaneState.WAITING, Cause.NOT_YET, answer.reason)
                handled.held.append(held_row(self.name, record, real_now()))
                return
            handled.applied += 1
            handled.subjects.add(record.subject)
        lane.moved(record)

    async def _reach_time_of(self, batch: Batch) -> None:
        """No effect is dated before its cause, though each process sees a turn of business time in its own moment."""
        if self._clock is not None and batch.records:
            await self._clock.reach(max(record.time for record in batch.records))

    @asynccontextmanager
    async def _connection(
        self, batch: Batch, known: dict[LaneKey, Place] | None, sending: Callable[[], None] | None = None
    ) -> AsyncIterator[BatchConnection]:
        database = self._database
        connection = BatchConnection(lambda: database.pool, self.name, batch, known, sending, database.bulk_inserts)
        try:
            yield connection
        finally:
            self._database.statements += connection.statements
            await connection.release()

    async def _open(self, connection: BatchConnection, batch: Batch) -> Handled:
        """Lock and load the lanes, unless they are known; then only what needs the transaction begins it."""
        if connection.known is None:
            await connection.begin()
        await self._set_aside(connection, batch)
        return Handled()

    async def _set_aside(self, connection: Connection, batch: Batch) -> None:
        """Keep what is no event among the discarded: it has no lane that it could hold up."""
        if not batch.unreadable:
            return
        raw = await connection.begin()
        await raw.executemany(SET_ASIDE, [aside_row(self.name, found, real_now()) for found in batch.unreadable])
        connection.statements += 1
        for found in batch.unreadable:
            log.error(
                "Something in a log is no event and is set aside.",
                action="unreadable_set_aside",
                log=batch.log,
                position=found.position,
                reason=found.reason,
            )

    async def _close(self, connection: BatchConnection, batch: Batch, gathering: Gathering, handled: Handled) -> None:
        if handled.held:
            raw = await connection.begin()
            await raw.executemany(HOLD, handled.held)
            connection.statements += 1
        lanes, woken = connection.lanes.values(), sorted(handled.subjects)
        if connection.is_open:
            await self._database.commit(connection, gathering, saving(self.name, lanes, woken, real_now()))
        else:
            await self._move_on(connection, gathering, moving(self.name, batch, connection.known or {}, lanes, woken))
        self._known.keep(lanes)
        self._database.written.set()

    async def _move_on(self, connection: BatchConnection, gathering: Gathering, own: Part) -> None:
        """Open and close the batch with one of the frame's statements: nothing before needed its transaction."""
        connection.is_open = True
        try:
            await self._database.commit(connection, gathering, own)
        except asyncpg.NotNullViolationError as refusal:
            if not is_refused(refusal):
                raise
            raise LanesDiffer from refusal

    async def _send(self, connection: Connection, gathering: Gathering) -> None:
        session = self._database.session(connection, gathering=gathering)
        await session.flush()
        events = write_events(gathering.take_events())
        if events is not None:
            raw = await connection.begin()
            await raw.execute(events[0], *events[1])
            connection.statements += 1
            connection.has_said = True


def _named(record: Record, consumer: str) -> Attributes:
    return messaging(
        "process",
        record.topic,
        **{
            "messaging.consumer.group.name": f"sikua.{consumer}",
            "messaging.message.id": record.id,
            "cloudevents.event_type": record.type,
            "cloudevents.event_subject": record.subject,
        },
    )
