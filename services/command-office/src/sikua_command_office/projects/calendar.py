"""The calendar that lights are reckoned with: what ships with the rules, and the years published since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from sikua_rules.working_days import WorkCalendar


def calendar_with(years: Iterable[Any]) -> WorkCalendar:
    """The official calendar with these years (`year`, `version`, `off`, `work`; days as ISO text) in place.

    Equal years give the same calendar, which has counted its days already.
    """
    return _calendar(tuple((row["year"], row["version"], tuple(row["off"]), tuple(row["work"])) for row in years))


@lru_cache(maxsize=8)
def _calendar(years: tuple[tuple[int, int, tuple[str, ...], tuple[str, ...]], ...]) -> WorkCalendar:
    calendar = WorkCalendar.official()
    for year, version, *listed in years:
        off, work = (tuple(date.fromisoformat(day) for day in days) for days in listed)
        calendar = calendar.with_year(year, off, work, version)
    return calendar
