"""What can be said about a year whose schedule the State Council has not published: statutory days, provisionally.

Source: 全国年节及纪念日放假办法 (2024); a statutory day on a weekend is made good on the next weekday.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from sikua_rules.tables import rows

SATURDAY = 5
_TABLE = "statutory_holidays_provisional"
_FIXED = ((1, 1, "元旦"), (5, 1, "劳动节"), (5, 2, "劳动节"), (10, 1, "国庆节"), (10, 2, "国庆节"), (10, 3, "国庆节"))
_CHINESE = {
    "New Year": "元旦",
    "Chinese New Year": "春节",
    "Tomb-Sweeping": "清明节",
    "Labor": "劳动节",
    "Dragon Boat": "端午节",
    "Mid-Autumn": "中秋节",
    "National": "国庆节",
}


@cache
def provisional_days(year: int) -> dict[date, str]:
    """Days off of the year besides weekends, as far as the law alone tells them, with their Chinese names.

    To 2030 from the table with lunar holidays; in other years only those of fixed date. Never raises.
    """
    listed = {date.fromisoformat(row["date"]): _chinese(row["name_en"]) for row in rows(_TABLE)}
    of_year = {day: name for day, name in listed.items() if day.year == year}
    return of_year or _fixed_days(year)


def customary_name(day: date) -> str:
    """The holiday that a published day off belongs to, by its season; schedules themselves list bare dates."""
    if day.month in (1, 12) and (day.month == 12 or day.day <= 5):
        return "元旦"
    names = {1: "春节", 2: "春节", 3: "清明节", 4: "清明节", 5: "劳动节", 6: "端午节", 9: "中秋节", 10: "国庆节"}
    if (day.month, day.day) >= (4, 20) and (day.month, day.day) <= (4, 30):
        return "劳动节"
    if day.month == 5 and day.day > 15:
        return "端午节"
    return names.get(day.month, "节日")


def _fixed_days(year: int) -> dict[date, str]:
    days: dict[date, str] = {}
    owed: list[tuple[date, str]] = []
    for month, number, name in _FIXED:
        day = date(year, month, number)
        days[day] = name
        if day.weekday() >= SATURDAY:
            owed.append((day, name))
    for day, name in owed:
        while day in days or day.weekday() >= SATURDAY:
            day += timedelta(days=1)
        days[day] = name
    return days


def _chinese(english: str) -> str:
    whole = english.split(";")[-1].strip()
    longest_first = sorted(_CHINESE, key=len, reverse=True)
    return next(_CHINESE[start] for start in longest_first if whole.startswith(start))
