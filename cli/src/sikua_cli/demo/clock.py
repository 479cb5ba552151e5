"""Business time is turned only when the system is quiet: nothing waits, nothing is due, everything heard is handled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from datetime import date, datetime
from datetime import time as time_of_day
from typing import Any

from sikua_rules.business_time import SHANGHAI
from sikua_rules.working_days import ONE_DAY, WorkCalendar

from sikua_cli.demo.offices import Offices
from sikua_cli.trouble import Trouble

POLL_SECONDS = 0.03
PATIENCE_SECONDS = 180.0
MORNING = time_of_day(9, 0)


async def until_quiet(offices: Offices) -> None:
    """Wait until two looks in a row find every service quiet and none of them moved in between.

    Raises Trouble that names who still works, and at what, when it takes longer than three minutes.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    before: tuple[Any, ...] | None = None
    while True:
        statuses = await offices.statuses()
        busy = [status for status in statuses if not status["quiet"]]
        now = None if busy else _positions(statuses)
        if now is not None and now == before:
            return
        if busy and time.monotonic() > deadline:
            who = _who(busy)
            raise Trouble(f"三分钟内未处理完:{who}", f"still at work after three minutes: {who}")
        before = now
        if busy:
            await asyncio.sleep(POLL_SECONDS)


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


def _positions(statuses: list[dict[str, Any]]) -> tuple[Any, ...]:
    return tuple(
        (
            status["service"],
            status["published"],
            *sorted((name, log["position"]) for name, log in status["logs"].items()),
        )
        for status in statuses
    )


def _who(busy: list[dict[str, Any]]) -> str:
    said = []
    for status in busy:
        at = [f"{name} {count}" for name, count in status["works"].items() if count]
        at += [f"{name} behind" for name, log in status["logs"].items() if log["position"] < log["head"]]
        at += [f"outbox {status['outbox']}"] if status["outbox"] else []
        at += [str(status["halted"])] if status["halted"] else []
        said.append(f"{status['service']} ({', '.join(at) or 'lanes'})")
    return "; ".join(said)
