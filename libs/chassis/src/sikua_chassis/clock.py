"""Two clocks: real time drives infrastructure, business time drives rules and may be a row that a driver turns.

In mode `system` both are the machine's clock. In mode `turned` business time is the row `clock.business_clock(id = 1)`,
read again every 100 ms by every process that follows it; it never goes backwards. `now()` never waits.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import asyncpg
import structlog

from sikua_chassis.errors import SikuaError
from sikua_chassis.supervision import heed_cancellation

CREATE_CLOCK = """CREATE SCHEMA IF NOT EXISTS clock;
CREATE TABLE IF NOT EXISTS clock.business_clock (
  id int PRIMARY KEY CHECK (id = 1),
  moment timestamptz NOT NULL
)"""
_READ = "SELECT moment FROM clock.business_clock WHERE id = 1"
_TURN = """INSERT INTO clock.business_clock (id, moment) VALUES (1, $1)
ON CONFLICT (id) DO UPDATE SET moment = excluded.moment WHERE business_clock.moment <= excluded.moment
RETURNING moment"""
_POLL_SECONDS = 0.1

_log = structlog.get_logger(__name__)


class ClockMode(StrEnum):
    """Where business time comes from."""

    SYSTEM = "system"
    TURNED = "turned"


class ClockTurnedBack(SikuaError):
    """Business time never goes backwards."""


def real_now() -> datetime:
    """The machine's clock, aware UTC: for leases, retries, tokens, signatures."""
    return datetime.now(UTC)


class BusinessClock:
    """Business time of one process. `start(pool)` follows the row; without it `turn_to` alone turns the clock."""

    def __init__(self, mode: ClockMode | str = ClockMode.SYSTEM, moment: datetime | None = None) -> None:
        self.mode = ClockMode(mode)
        self._moment = moment
        self._task: asyncio.Task[None] | None = None
        self._pools: list[asyncpg.Pool] = []

    def now(self) -> datetime:
        """Business time, aware UTC. In mode `turned` before the first turn: the machine's clock."""
        if self.mode is ClockMode.SYSTEM or self._moment is None:
            return real_now()
        return self._moment

    def turn_to(self, moment: datetime) -> None:
        """Turn this process's clock at once. Raises ClockTurnedBack; in mode `system` there is nothing to turn."""
        if self.mode is ClockMode.SYSTEM:
            raise SikuaError("business time is the system's; only a turned clock can be turned")
        if self._moment is not None and moment < self._moment:
            raise ClockTurnedBack(
                f"business time is {self._moment.isoformat()}, not turning back to {moment.isoformat()}"
            )
        self._moment = moment.astimezone(UTC)

    async def start(self, pool: asyncpg.Pool) -> None:
        """Read the row once, then follow it until `stop`. In mode `system` nothing is followed.

        Services of one process share a clock; each gives its pool, and when one closes the next is read from.
        """
        if self.mode is ClockMode.SYSTEM:
            return
        await self._follow_once(pool)
        self._pools.append(pool)
        if self._task is None:
            self._task = asyncio.create_task(self._follow(), name="business clock")

    async def reach(self, moment: datetime) -> None:
        """Read the row at once when somebody else acted at a later moment: it was turned, and we have not seen it yet."""
        if self.mode is ClockMode.TURNED and self._pools and moment > self.now():
            await self._follow_once(self._pools[0])

    async def stop(self) -> None:
        """Stop following; the last known moment stays."""
        task, self._task = self._task, None
        self._pools.clear()
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _follow(self) -> None:
        silent = False
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                await self._follow_once(self._pools[0])
                silent = False
            except Exception as error:
                # Whatever it is: a clock that is followed no more would stand still, and every limit with it.
                heed_cancellation()
                if not silent:
                    _log.warning(
                        "Business time cannot be read; the last moment stays.", action="clock_lost", error=repr(error)
                    )
                silent = True
                self._try_the_next_pool()

    def _try_the_next_pool(self) -> None:
        tried = self._pools.pop(0)
        if not tried.is_closing() or not self._pools:
            self._pools.append(tried)

    async def _follow_once(self, pool: asyncpg.Pool) -> None:
        moment = await pool.fetchval(_READ)
        if moment is not None and (self._moment is None or moment > self._moment):
            self._moment = moment.astimezone(UTC)


async def create(connection: Any) -> None:
    """Create the schema and table of the turned clock where they are missing."""
    await connection.execute(CREATE_CLOCK)


async def turn(connection: Any, moment: datetime) -> datetime:
    """Turn business time for every process that follows the row. Raises ClockTurnedBack instead of going backwards."""
    turned = await connection.fetchval(_TURN, moment)
    if turned is None:
        raise ClockTurnedBack(f"business time is later than {moment.isoformat()}")
    return moment.astimezone(UTC)
