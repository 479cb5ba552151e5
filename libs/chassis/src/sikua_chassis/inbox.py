"""A batch is handled in one transaction that also moves the consumer's position: nothing lost, nothing twice, in order.

The fast path handles the whole batch in one unit of work. When any event fails the batch is run once more with a
savepoint for each event: the failing one and its successors in the lane are held, all others are handled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import ValidationError

from sikua_chassis.bus.port import Batch, Record
from sikua_chassis.clock import BusinessClock, real_now
from sikua_chassis.database import ENVIRONMENT_ERRORS, Database
from sikua_chassis.flow import Flow, NotYet
from sikua_chassis.lane_store import HOLD, SET_ASIDE, aside_row, held_row, open_batch, saving
from sikua_chassis.lanes import Cause, Decision, Lane, LaneKey, LaneState, decide, key_of
from sikua_chassis.outbox import write_events
from sikua_chassis.session import Connection, Gathering, Session
from sikua_chassis.supervision import heed_cancellation
from sikua_chassis.telemetry.traces import Attributes, Tracing, current_traceparent, is_sampled, messaging

log = structlog.get_logger("sikua.inbox")


class PositionMoved(Exception):
    """Somebody else moved the position: this batch was not fetched from what is stored, and is thrown away."""


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


class Inbox:
    """Handles batches and single records for one consumer."""

    def __init__(self, database: Database, flow: Flow, tracing: Tracing, clock: BusinessClock | None = None) -> None:
        self.name = flow.service
        self._clock = clock
        self._database = database
        self._flow = flow
        self._tracing = tracing

    async def in_one(self, batch: Batch) -> Handled:
        await self._reach_time_of(batch)
        connection = self._database.connection()
        try:
            lanes, handled = await self._open(connection, batch)
            gathering, memo = Gathering(), dict[str, Any]()
            for record in batch.records:
                lane = lanes[key_of(record)]
                if self._to_apply(lane, record, handled):
                    await self._apply(connection, lane, record, gathering, memo, handled)
            await self._close(connection, batch, lanes, gathering, handled)
            return handled
        finally:
            self._database.statements += connection.statements
            await connection.release()

    async def one_by_one(self, batch: Batch) -> Handled:
        connection = self._database.connection()
        try:
            lanes, handled = await self._open(connection, batch)
            for record in batch.records:
                lane = lanes[key_of(record)]
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
            await self._close(connection, batch, lanes, Gathering(), handled)
            return handled
        finally:
            self._database.statements += connection.statements
            await connection.release()

    async def attempt(self, connection: Connection, lane: Lane, record: Record, handled: Handled) -> Exception | None:
        """Handle one record inside a savepoint. The failure, when it is the event's own; the world's fault is raised."""
        raw = await connection.begin()
        savepoint = raw.transaction()
        await savepoint.start()
        connection.has_savepoint = True
        gathering = Gathering()
        try:
            await self._apply(connection, lane, record, gathering, {}, handled)
            if lane.state is LaneState.WAITING:
                await savepoint.rollback()
                return None
            await self._send(connection, gathering)
        except ENVIRONMENT_ERRORS:
            raise
        except Exception as failure:
            heed_cancellation()
            await savepoint.rollback()
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
        self,
        connection: Connection,
        lane: Lane,
        record: Record,
        gathering: Gathering,
        memo: dict[str, Any],
        handled: Handled,
    ) -> None:
        heard = self._flow.by_type.get(record.type)
        if heard is not None:
            event = record.event(heard.said)
            before = gathering.size
            session: Session = self._database.session(
                connection, cause=event, traceparent=record.traceparent, gathering=gathering, memo=memo
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

    async def _open(self, connection: Connection, batch: Batch) -> tuple[dict[LaneKey, Lane], Handled]:
        raw = await connection.begin()
        lanes = await open_batch(raw, self.name, batch, real_now())
        connection.statements += 1
        if lanes is None:
            raise PositionMoved(f"{batch.log} is no longer at {batch.start}")
        await self._set_aside(connection, batch)
        return lanes, Handled()

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

    async def _close(
        self,
        connection: Connection,
        batch: Batch,
        lanes: dict[LaneKey, Lane],
        gathering: Gathering,
        handled: Handled,
    ) -> None:
        if handled.held:
            raw = await connection.begin()
            await raw.executemany(HOLD, handled.held)
            connection.statements += 1
        saved = saving(self.name, lanes.values(), sorted(handled.subjects), real_now())
        await self._database.commit(connection, gathering, saved)
        self._database.written.set()

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
