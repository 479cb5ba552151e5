"""Business time is turned only when the system is quiet: nothing waits, nothing is due, everything heard is handled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from datetime import date, datetime
from datetime import time as time_of_day
from typing import Any

from sikua_contracts.topics import SERVICES
from sikua_rules.business_time import SHANGHAI
from sikua_rules.working_days import ONE_DAY, WorkCalendar

from sikua_cli.demo.offices import Offices
from sikua_cli.trouble import Trouble

PAUSES_SECONDS = (0.01, 0.02, 0.03, 0.05, 0.1)
PATIENCE_SECONDS = 180.0
LONGEST_SECONDS = 3600.0
MORNING = time_of_day(9, 0)


class _Patience:
    """Ends when nothing has moved for so long; whatever moves renews it, up to an hour in all."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + LONGEST_SECONDS
        self._until = time.monotonic() + seconds
        self._seen: dict[str, Any] = {}

    def sees(self, status: dict[str, Any]) -> None:
        """Look at a service at work. Raises Trouble that names it, and what it works at, when patience is at its end."""
        now = (_position(status), status["outbox"], status["works"])
        if self._seen.get(status["service"]) != now:
            self._seen[status["service"]] = now
            self._until = time.monotonic() + self._seconds
        if time.monotonic() > min(self._until, self._ends):
            who = _who(status)
            raise Trouble(f"已停滞,未处理完:{who}", f"still at work, and nothing has moved for a while: {who}")


async def until_quiet(offices: Offices, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until two rounds in a row find every service quiet and none of them moved in between.

    Raises Trouble that names who still works, and at what, when nothing has moved for three minutes.
    """
    patience = _Patience(patience_seconds)
    before: list[tuple[Any, ...]] = []
    while True:
        now = [_position(await _until_one_is_quiet(offices, name, patience)) for name in SERVICES]
        if now == before:
            return
        before = now


async def _until_one_is_quiet(offices: Offices, service: str, patience: _Patience) -> dict[str, Any]:
    pauses = iter(PAUSES_SECONDS)
    while True:
        status = await offices.status(service)
        if status["quiet"]:
            return status
        patience.sees(status)
        await asyncio.sleep(next(pauses, PAUSES_SECONDS[-1]))


def mornings(begin: datetime, end: datetime, calendar: WorkCalendar) -> Iterable[datetime]:
    """09:00 of each working day from the day of `begin` to before `end`."""
    day = begin.astimezone(SHANGHAI).date()
    while (moment := morning(day)) < end:
        if calendar.is_working_day(day):
            yield moment
        day += ONE_DAY


def morning(day: date) -> datetime:
    """09:00 in Shanghai."""
    return datetime.combine(day, MORNING, SHANGHAI)


def _position(status: dict[str, Any]) -> tuple[Any, ...]:
    logs = sorted((name, log["position"]) for name, log in status["logs"].items())
    return (status["service"], status["published"], *logs)


def _who(status: dict[str, Any]) -> str:
    at = [f"{name} {count}" for name, count in status["works"].items() if count]
    at += [f"{name} behind" for name, log in status["logs"].items() if log["position"] < log["head"]]
    at += [f"outbox {status['outbox']}"] if status["outbox"] else []
    at += [str(status["halted"])] if status["halted"] else []
    at += [f"{loop}: {failure}" for loop, failure in status["failures"].items()]
    return f"{status['service']} ({', '.join(at) or 'lanes'})"
