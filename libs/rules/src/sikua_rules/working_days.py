"""The calendar of working days: weekdays that are no holiday, and weekend days declared for working (调休上班).

The State Council publishes each year's schedule in the autumn before. A year not yet published is *provisional*: it is
computed from the law, marked as such, and never an error.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from sikua_rules.holidays import SATURDAY, customary_name, provisional_days
from sikua_rules.tables import document

ONE_DAY = timedelta(days=1)


class Why(NamedTuple):
    """Why a day counts or not. Kinds: weekday, weekend, holiday, make_up_day, and provisional_… of the first three."""

    kind: str
    text_zh: str

    @property
    def text_en(self) -> str:
        """The same for readers of English."""
        return _ENGLISH[self.kind]


_ENGLISH = {
    "weekday": "working day",
    "weekend": "weekend",
    "holiday": "public holiday",
    "make_up_day": "weekend day declared for working",
    "provisional_weekday": "working day, as far as the law alone tells",
    "provisional_weekend": "weekend, unless it will be declared for working",
    "provisional_holiday": "public holiday by law, schedule not yet published",
}


@dataclass(frozen=True)
class YearSchedule:
    """The published schedule of one year: days off (weekend days among them), weekend days for working."""

    off: frozenset[date]
    work: frozenset[date]
    version: int = 1


@dataclass(frozen=True)
class WorkCalendar:
    """Working days under the schedules known. Immutable: `with_year` gives another calendar.

    `version` counts the changes since the official schedules shipped with the rules (1).
    """

    years: Mapping[int, YearSchedule] = field(default_factory=dict)
    version: int = 1
    _counted: dict[int, Sequence[int]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @staticmethod
    def official() -> WorkCalendar:
        """The schedules of the State Council General Office that ship with the rules (2021–2026)."""
        return _official()

    @property
    def known_years(self) -> frozenset[int]:
        """Years whose schedule is published; every other year is provisional."""
        return frozenset(self.years)

    def with_year(
        self, year: int, off: Iterable[date], work: Iterable[date], version: int | None = None
    ) -> WorkCalendar:
        """The calendar with this year's schedule in place of what it knew. `version` defaults to the next one."""
        number = self.version + 1 if version is None else version
        schedule = YearSchedule(frozenset(off), frozenset(work), number)
        return WorkCalendar({**self.years, year: schedule}, max(self.version + 1, number))

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on that day, provisionally or not."""
        said = self._published(day)
        if said is not None:
            return said
        if day.weekday() >= SATURDAY:
            return False
        return day.year in self.years or day not in provisional_days(day.year)

    def is_provisional(self, day: date) -> bool:
        """Whether the schedule of the day's year is still unpublished."""
        return day.year not in self.years

    def why(self, day: date) -> Why:
        """Why the day is a working day or not, in words for officers."""
        said = self._published(day)
        if said is True and day.weekday() >= SATURDAY:
            return Why("make_up_day", "调休上班日")
        if said is False:
            return Why("holiday", f"{customary_name(day)}放假")
        return self._ordinary(day)

    def add_working_days(self, start: date, amount: int) -> date:
        """The `amount`-th working day after `start`, which is never counted. 0 gives `start`; ValueError below."""
        if amount < 0:
            raise ValueError(f"an amount of working days is not negative: {amount}")
        day = start
        while amount:
            day += ONE_DAY
            amount -= self.is_working_day(day)
        return day

    def working_days_between(self, after: date, until: date) -> int:
        """Working days after `after` up to and including `until`; 0 when `until` is not later. Inverse of adding."""
        if until <= after:
            return 0
        whole_years = sum(self._in_year(year)[-1] for year in range(after.year, until.year))
        return whole_years + self._up_to(until) - self._up_to(after)

    def next_working_day(self, day: date) -> date:
        """The day itself when it is a working day, else the first one after it."""
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def _up_to(self, day: date) -> int:
        """Working days of the day's year up to and including the day."""
        return self._in_year(day.year)[day.timetuple().tm_yday]

    def _in_year(self, year: int) -> Sequence[int]:
        """Working days among the first 0, 1, 2, … days of a year. Counted once: screens ask for thousands of spans."""
        counted = self._counted.get(year)
        if counted is None:
            first = date(year, 1, 1)
            days = (first + timedelta(days=number) for number in range(366 if isleap(year) else 365))
            counted = self._counted[year] = (0, *accumulate(int(self.is_working_day(day)) for day in days))
        return counted

    def _published(self, day: date) -> bool | None:
        for year in (day.year, day.year + 1, day.year - 1):
            schedule = self.years.get(year)
            if schedule is None:
                continue
            if day in schedule.work:
                return True
            if day in schedule.off:
                return False
        return None

    def _ordinary(self, day: date) -> Why:
        weekend = day.weekday() >= SATURDAY
        if not self.is_provisional(day):
            return Why("weekend", "周末") if weekend else Why("weekday", "工作日")
        holiday = provisional_days(day.year).get(day)
        if holiday is not None:
            return Why("provisional_holiday", f"{holiday}（法定，放假安排未公布）")
        if weekend:
            return Why("provisional_weekend", "周末（放假安排未公布）")
        return Why("provisional_weekday", "工作日（放假安排未公布）")


@cache
def _official() -> WorkCalendar:
    years = {
        int(year): YearSchedule(_dates(schedule["off"]), _dates(schedule["work"]))
        for year, schedule in document("calendar_cn")["years"].items()
    }
    return WorkCalendar(years)


def _dates(texts: Iterable[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in texts)
