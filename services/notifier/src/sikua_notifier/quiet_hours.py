"""Working time under the calendar: people are written to from 09:00 to 17:30 on working days, unless it is urgent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sikua_rules.business_time import CLOSE, OPEN, SHANGHAI

IsWorkingDay = Callable[[date], bool]

_FURTHEST_DAYS = 60


@dataclass(frozen=True)
class WorkingTime:
    """From `opens` (included) to `closes` (excluded), Asia/Shanghai, on days that `is_working_day` affirms."""

    is_working_day: IsWorkingDay
    opens: time = OPEN
    closes: time = CLOSE

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"working time opens at {self.opens} and closes at {self.closes}: it must open first")

    def holds(self, moment: datetime) -> bool:
        """Whether people work at this moment."""
        local = moment.astimezone(SHANGHAI)
        return self.is_working_day(local.date()) and self.opens <= local.time() < self.closes

    def next_moment(self, moment: datetime) -> datetime:
        """The moment itself within working time, else the next opening. Aware UTC."""
        if self.holds(moment):
            return moment.astimezone(UTC)
        local = moment.astimezone(SHANGHAI)
        first = local.date() if local.time() < self.opens else local.date() + timedelta(days=1)
        return at(self.next_working_day(first), self.opens)

    def next_working_day(self, day: date) -> date:
        """This day, or the first working day after it. Raises ValueError when two months have none."""
        for ahead in range(_FURTHEST_DAYS):
            candidate = day + timedelta(days=ahead)
            if self.is_working_day(candidate):
                return candidate
        raise ValueError(f"the calendar names no working day in {_FURTHEST_DAYS} days from {day}")

    def after(self, moment: datetime, working: timedelta) -> datetime:
        """The moment when so much working time has passed. Aware UTC."""
        current, left = self.next_moment(moment), working
        while True:
            closing = at(current.astimezone(SHANGHAI).date(), self.closes)
            if current + left <= closing:
                return current + left
            left -= closing - current
            current = self.next_moment(closing)


def at(day: date, clock: time) -> datetime:
    """A day and a clock time of Asia/Shanghai as aware UTC."""
    return datetime.combine(day, clock, SHANGHAI).astimezone(UTC)
