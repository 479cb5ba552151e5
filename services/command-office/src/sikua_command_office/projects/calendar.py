"""The calendar that lights are reckoned with: what ships with the rules, and the years published since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sikua_rules.working_days import WorkCalendar


def calendar_with(years: Iterable[Any]) -> WorkCalendar:
    """The official calendar with these years (`year`, `version`, `off`, `work`; days as ISO text) in place."""
    calendar = WorkCalendar.official()
    for row in years:
        off, work = (tuple(date.fromisoformat(day) for day in row[kind]) for kind in ("off", "work"))
        calendar = calendar.with_year(row["year"], off, work, row["version"])
    return calendar
