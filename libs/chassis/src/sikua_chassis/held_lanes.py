"""Held lanes are worked off apart from the flow: waiting ones when progress wakes them, failing ones with growing pauses.

A lane is released only when nothing of it is held any more. A gap is filled from the source's own log; what cannot be had
or handled is parked, visible, until a person redrives or discards it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import structlog

from sikua_chassis.bus.port import Record
from sikua_chassis.clock import real_now
from sikua_chassis.connection import Connection
from sikua_chassis.consumer import Consumer
from sikua_chassis.database import LOST, Database
from sikua_chassis.gathering import Gathering
from sikua_chassis.inbox import Handled, Inbox
from sikua_chassis.lane_store import (
    DROP_HELD,
    DUE_LANES,
    HOLD,
    LOCK_LANE,
    NEXT_HELD,
    SETTLE_LANE,
    held_row,
    lane_of,
    record_of_held,
)
from sikua_chassis.lanes import WAITING_RETRY_SECONDS, Cause, Lane, LaneKey, LaneState, retry_after
from sikua_chassis.supervision import heed_cancellation

SWEEP_SECONDS = 0.5
LANES_A_SWEEP = 100
EVENTS_A_LANE = 200

log = structlog.get_logger("sikua.lanes")

Missing = Callable[[LaneKey, int, int], Awaitable[Sequence[Record]]]
"""Asks a source for the events of one stream with sequence first … last."""


class HeldLanes:
    """The worker of one consumer's held lanes."""

    def __init__(self, database: Database, consumer: Consumer, inbox: Inbox, missing: Missing) -> None:
        self._database = database
        self._consumer = consumer
        self._inbox = inbox
        self._missing = missing
        self._chance = random.Random()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                tried = await self.sweep()
                if not tried:
                    await self._consumer.held.wait(SWEEP_SECONDS)
            except Exception as trouble:
                heed_cancellation()
                log.warning(
                    "Held lanes cannot be worked off yet.",
                    action="lanes_pause",
                    error=repr(trouble),
                    exc_info=not isinstance(trouble, LOST),
                )
                await asyncio.sleep(SWEEP_SECONDS * 4)

    async def sweep(self) -> int:
        """Try every lane whose time has come, each in a transaction of its own; how many were tried.

        What goes wrong with one lane for no known reason keeps none of the others waiting; it is raised at the end.
        """
        rows = await self._database.pool.fetch(DUE_LANES, self._consumer.name, real_now(), LANES_A_SWEEP)
        wrong: list[Exception] = []
        for row in rows:
            try:
                await self._work_off((row["source"], row["topic"], row["subject"]))
            except LOST:
                raise
            except Exception as trouble:
                heed_cancellation()
                wrong.append(trouble)
        if wrong:
            raise wrong[0]
        return len(rows)

    async def _work_off(self, key: LaneKey) -> None:
        connection = self._database.connection()
        try:
            raw = await connection.begin()
            row = await raw.fetchrow(LOCK_LANE, self._consumer.name, *key)
            if row is None or row["state"] in (None, LaneState.PARKED):
                return
            lane = lane_of(row)
            held = [
                record_of_held(found["record"])
                for found in await raw.fetch(NEXT_HELD, self._consumer.name, *key, EVENTS_A_LANE)
            ]
            handled = Handled()
            gap = await self._through(connection, lane, held, handled)
            await self._settle(connection, lane, more=len(held) == EVENTS_A_LANE)
            await self._database.commit(connection, Gathering())
            self._consumer.applied += handled.applied
        finally:
            await connection.release()
        self._database.written.set()
        if gap is not None:
            await self.fill(key, *gap)

    async def _through(
        self, connection: Connection, lane: Lane, held: Sequence[Record], handled: Handled
    ) -> tuple[int, int] | None:
        """Handle held records in order until one does not go; the missing sequences when there is a gap."""
        lane.state = None
        for record in held:
            if record.sequence <= lane.sequence:
                continue
            if record.sequence > lane.sequence + 1:
                lane.hold(LaneState.GAP, Cause.GAP, f"{record.sequence} came after {lane.sequence}")
                return lane.sequence + 1, record.sequence - 1
            failure = await self._inbox.attempt(connection, lane, record, handled)
            if failure is not None:
                lane.hold(LaneState.RETRYING, Cause.HANDLER_FAILED, repr(failure))
                lane.attempts += 1
                return None
            if lane.state is not None:
                return None
            lane.attempts = 0
        return None

    async def _settle(self, connection: Connection, lane: Lane, *, more: bool) -> None:
        raw = await connection.begin()
        now = real_now()
        next_try = None
        if lane.state is LaneState.RETRYING:
            delay = retry_after(lane.attempts, self._chance)
            if delay is None:
                lane.state = LaneState.PARKED
                log.error("A lane is parked.", action="lane_parked", project_id=lane.subject, error=lane.detail)
            else:
                next_try = now + timedelta(seconds=delay)
        elif lane.state in (LaneState.WAITING, LaneState.GAP):
            next_try = now + timedelta(seconds=WAITING_RETRY_SECONDS)
        elif more:
            lane.state, next_try = LaneState.RETRYING, now
        if lane.state is None:
            lane.cause = lane.detail = None
        name = self._consumer.name
        await raw.execute(DROP_HELD, name, *lane.key, lane.sequence)
        await raw.execute(
            SETTLE_LANE,
            name,
            *lane.key,
            lane.sequence,
            lane.last_id,
            lane.state,
            lane.cause,
            lane.detail,
            lane.attempts,
            next_try,
        )

    async def fill(self, key: LaneKey, first: int, last: int) -> None:
        """Claim, act, record: ask the source for what is missing; park the lane when it cannot be had."""
        try:
            records = await self._missing(key, first, last)
        except LOST as trouble:
            heed_cancellation()
            log.warning("A gap cannot be asked for yet.", action="gap_waits", project_id=key[2], error=repr(trouble))
            return
        found = {record.sequence for record in records}
        complete = found.issuperset(range(first, last + 1))
        now = real_now()
        async with self._database.unit_of_work() as session:
            for record in records:
                await session.execute(HOLD, *held_row(self._consumer.name, record, now))
            await session.execute(
                "UPDATE lane SET state = $5, cause = 'gap', detail = $6, next_try_at = $7 WHERE consumer = $1 "
                "AND source = $2 AND topic = $3 AND subject = $4 AND state = 'gap'",
                self._consumer.name,
                *key,
                LaneState.RETRYING if complete else LaneState.PARKED,
                f"{first}–{last} " + ("came from the source" if complete else "cannot be had from the source"),
                now,
            )


async def count_by_state(database: Database, consumer: str) -> dict[str, int]:
    """How many lanes do not flow, by state."""
    rows: Sequence[Any] = await database.pool.fetch(
        "SELECT state, count(*) AS lanes FROM lane WHERE consumer = $1 AND state IS NOT NULL GROUP BY state", consumer
    )
    return {row["state"]: row["lanes"] for row in rows}
