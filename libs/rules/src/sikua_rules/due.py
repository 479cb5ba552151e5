"""When a step is due: armed, plus its limit in its own unit, plus the time its clock stood still.

The day of arming is never counted. A limit ends at close of business (17:30 in Shanghai) of its last day; one in
calendar days or months that would end on a day off moves to the next working day. A day on which the clock stood still
at close of business does not count.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sikua_rules.business_time import close_of_business, shanghai_day
from sikua_rules.limits import Limit, LimitUnit
from sikua_rules.working_days import ONE_DAY, WorkCalendar

Pause = tuple[datetime, datetime | None]
"""From when the clock stood still until when it ran again; None: it still stands."""

LONGEST_EXPLANATION = 2000


@dataclass(frozen=True)
class Due:
    """`at` in UTC, None while the clock stands still. `provisional`: a year without a published schedule decided it."""

    at: datetime | None
    provisional: bool


@dataclass(frozen=True)
class DayCount:
    """One day of the reckoning. `ordinal` numbers counted ones. `kind` is of `WorkCalendar.why`, or paused, moved."""

    date: date
    counted: bool
    ordinal: int | None
    kind: str
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class _Step:
    day: date
    counted: bool
    kind: str
    last: bool


def due_moment(
    armed_at: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    extensions_amount: int = 0,
    pauses: Sequence[Pause] = (),
) -> Due:
    """The due moment of a clock armed at `armed_at` (aware). An extension lengthens the limit in the limit's own unit.

    A pause that is open before the due moment leaves no due moment (None); one that opens later changes nothing.
    """
    provisional = False
    for step in _walk(shanghai_day(armed_at), limit, calendar, extensions_amount, pauses):
        decides = limit.unit is LimitUnit.WORKING_DAY or step.last or step.kind == "moved"
        provisional = provisional or (decides and calendar.is_provisional(step.day))
        if step.last:
            return Due(close_of_business(step.day), provisional)
    return Due(None, provisional)


def explain(
    armed_at: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    extensions_amount: int = 0,
    pauses: Sequence[Pause] = (),
) -> list[DayCount]:
    """Day by day from the day after arming to the due day: which counted, which not and why. At most 2000 days."""
    days: list[DayCount] = []
    ordinal = 0
    for step in _walk(shanghai_day(armed_at), limit, calendar, extensions_amount, pauses):
        ordinal += step.counted
        days.append(_told(step, ordinal, limit, calendar))
        if step.last or len(days) == LONGEST_EXPLANATION:
            break
    return days


def overdue_working_days(due_at: datetime, now: datetime, calendar: WorkCalendar) -> int:
    """Working days begun since the due day: 0 up to its end, 1 from the start of the next working day on."""
    return calendar.working_days_between(shanghai_day(due_at), shanghai_day(now))


def _walk(
    armed: date, limit: Limit, calendar: WorkCalendar, extensions_amount: int, pauses: Sequence[Pause]
) -> Iterator[_Step]:
    """Days after arming, until the last one (`last`) or until a pause that never ends swallows the rest."""
    wanted = _days_wanted(armed, limit, extensions_amount)
    in_working_days = limit.unit is LimitUnit.WORKING_DAY
    counted = 0
    day = armed
    while True:
        day += ONE_DAY
        pause = _standing_at_close(day, pauses)
        working = calendar.is_working_day(day)
        counts = pause is None and counted < wanted and (working or not in_working_days)
        counted += counts
        last = pause is None and working and counted >= wanted
        yield _Step(day, counts, _kind(pause is not None, counts, last, counted >= wanted), last)
        if last or (pause is not None and pause[1] is None):
            return


def _kind(paused: bool, counts: bool, last: bool, used_up: bool) -> str:
    if paused:
        return "paused"
    if used_up and not (last and counts):
        return "moved"
    return "counted" if counts else "off"


def _days_wanted(armed: date, limit: Limit, extensions_amount: int) -> int:
    amount = limit.amount + extensions_amount
    if limit.unit is LimitUnit.MONTH:
        return (_months_later(armed, amount) - armed).days
    return amount


def _months_later(day: date, amount: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    last = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _standing_at_close(day: date, pauses: Sequence[Pause]) -> Pause | None:
    if not pauses:
        return None
    close = close_of_business(day)
    standing = [(start, end) for start, end in pauses if start <= close and (end is None or close < end)]
    return next((pause for pause in standing if pause[1] is None), standing[0] if standing else None)


def _told(step: _Step, ordinal: int, limit: Limit, calendar: WorkCalendar) -> DayCount:
    if step.kind == "paused":
        return DayCount(step.day, False, None, "paused", "计时中止，不计入", "the clock stood still: not counted")
    why = calendar.why(step.day)
    if step.counted:
        unit_zh, unit_en = _UNITS[limit.unit]
        zh, en = f"{why.text_zh}，第{ordinal}个{unit_zh}", f"{why.text_en}: {unit_en} {ordinal}"
        return DayCount(step.day, True, ordinal, why.kind, zh, en)
    if step.last:
        zh, en = f"{why.text_zh}，期限顺延至此日", f"{why.text_en}: the limit ends here, moved from a day off"
        return DayCount(step.day, False, None, "moved", zh, en)
    return DayCount(step.day, False, None, why.kind, f"{why.text_zh}，不计入", f"{why.text_en}: not counted")


_UNITS = {
    LimitUnit.WORKING_DAY: ("工作日", "working day"),
    LimitUnit.CALENDAR_DAY: ("日历日", "calendar day"),
    LimitUnit.MONTH: ("日历日", "calendar day"),
}
