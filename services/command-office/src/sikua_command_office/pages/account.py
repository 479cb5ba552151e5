"""Why a step is late, day by day: the reckoning of its limit, then every day since it was due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sikua_rules.business_time import shanghai_day
from sikua_rules.due import DayCount, Pause, explain
from sikua_rules.limits import Limit
from sikua_rules.working_days import ONE_DAY, WorkCalendar

from sikua_command_office.views import StepView

LONGEST = 400


@dataclass(frozen=True)
class Account:
    """`limit`: the days from the arming to the due day. `over`: those since, up to today; `total` of both may be more."""

    limit: list[DayCount]
    over: list[DayCount]
    total: int


def account(step: StepView, now: datetime, calendar: WorkCalendar) -> Account | None:
    """The account of a step whose clock was set; None where there is none."""
    if step.armed_at is None or step.limit_amount is None or step.limit_unit is None:
        return None
    pauses: list[Pause] = [(pause.from_at, pause.until_at) for pause in step.pauses]
    extension = sum(each.amount for each in step.extensions)
    days = explain(step.armed_at, Limit(step.limit_amount, step.limit_unit), calendar, extension, pauses)
    over = list(_over(shanghai_day(step.due_at), shanghai_day(now), calendar)) if step.due_at else []
    return Account(days[:LONGEST], over[:LONGEST], len(days) + len(over))


def _over(due: date, today: date, calendar: WorkCalendar) -> Iterator[DayCount]:
    ordinal, day = 0, due
    while day < today:
        day += ONE_DAY
        why = calendar.why(day)
        counts = calendar.is_working_day(day)
        ordinal += counts
        zh = f"{why.text_zh}，超期第{ordinal}个工作日" if counts else f"{why.text_zh}，不计入"
        en = f"{why.text_en}: working day {ordinal} over" if counts else f"{why.text_en}: not counted"
        yield DayCount(day, counts, ordinal if counts else None, why.kind, zh, en)
