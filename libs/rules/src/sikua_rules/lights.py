"""The traffic light of a step, by one rule for all who show it: blue near the limit, yellow and red over it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sikua_rules.business_time import shanghai_day
from sikua_rules.due import overdue_working_days
from sikua_rules.working_days import WorkCalendar

Colour = Literal["GREEN", "BLUE", "YELLOW", "RED", "GREY"]

BLUE_FROM = 3
YELLOW_FROM = 1
RED_FROM = 5

_AT_REST = frozenset({"NOT_STARTED", "PAUSED", "SKIPPED"})


def light(status: str, due_at: datetime | None, now: datetime, calendar: WorkCalendar) -> Colour:
    """Colour of a step in `status` (a step status by name) that is due at `due_at`, seen at `now`.

    Blue from 3 working days before the due day, yellow when overdue by 1 working day, red by 5 (the ladder's
    defaults). Complete is green; waiting, paused and not applicable are grey.
    """
    if status in _AT_REST:
        return "GREY"
    if status == "COMPLETED" or due_at is None:
        return "GREEN"
    overdue = overdue_working_days(due_at, now, calendar)
    if overdue >= RED_FROM:
        return "RED"
    if overdue >= YELLOW_FROM:
        return "YELLOW"
    left = calendar.working_days_between(shanghai_day(now), shanghai_day(due_at))
    return "BLUE" if left <= BLUE_FROM else "GREEN"


def working_days_left(due_at: datetime, now: datetime, calendar: WorkCalendar) -> int:
    """Working days from today to the due day; negative when overdue by so many."""
    overdue = overdue_working_days(due_at, now, calendar)
    return -overdue if overdue else calendar.working_days_between(shanghai_day(now), shanghai_day(due_at))
