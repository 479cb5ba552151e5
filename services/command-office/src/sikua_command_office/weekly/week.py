"""A week of the calendar in Shanghai, Monday to Sunday, named as ISO 8601 does: "2026-W10"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sikua_rules.business_time import SHANGHAI, shanghai_day

_NAME = re.compile(r"(\d{4})-W(\d{2})")
_DAYS = timedelta(days=7)


@dataclass(frozen=True, order=True)
class Week:
    """The week that begins on `monday`."""

    monday: date

    @property
    def name(self) -> str:
        """ "2026-W10"."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + _DAYS - timedelta(days=1)

    @property
    def begins(self) -> datetime:
        """Its first moment, in UTC."""
        return datetime.combine(self.monday, time(), SHANGHAI).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """Its last moment, on Sunday, in UTC."""
        return self.begins + _DAYS - timedelta(microseconds=1)

    def plus(self, weeks: int) -> Week:
        """The week so many weeks later; earlier when negative. Raises OverflowError beyond the calendar."""
        return Week(self.monday + weeks * _DAYS)


def week_of(moment: datetime) -> Week:
    """The week in which a moment lies."""
    day = shanghai_day(moment)
    return Week(day - timedelta(days=day.weekday()))


def week_named(name: str) -> Week:
    """The week of a name. Raises ValueError for what names none ("2026-W54")."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"not a week: {name}")
    return Week(date.fromisocalendar(int(found[1]), int(found[2]), 1))
