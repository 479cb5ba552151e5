"""A year's schedule as it is handed in: the holiday-cn form or ours, checked against the year it is for."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

MOST_DAYS = 120
_Paper = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]


class NamedDay(BaseModel):
    """A day of holiday-cn: off, or a weekend day declared for working."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    name: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")] = ""
    date: date
    is_off_day: StrictBool = Field(alias="isOffDay")


class ScheduleBody(BaseModel):
    """Either `days` (holiday-cn) or `off` and `work`. Fields that a file of holiday-cn carries beside are let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    year: StrictInt | None = None
    papers: list[_Paper] = Field(default=[], max_length=20)
    days: list[NamedDay] | None = Field(default=None, max_length=MOST_DAYS)
    off: list[date] | None = Field(default=None, max_length=MOST_DAYS)
    work: list[date] | None = Field(default=None, max_length=MOST_DAYS)


class Schedule(BaseModel):
    """Days off and weekend days for working, in order."""

    off: list[date]
    work: list[date]
    papers: list[str]


class Wrong(BaseModel):
    """One thing that is wrong with a schedule."""

    field: str
    expected: str
    got: str


def read(year: int, body: ScheduleBody) -> tuple[Schedule, list[Wrong]]:
    """The schedule, and everything that is wrong with it (empty: it may be published)."""
    off = sorted({*(body.off or []), *(one.date for one in body.days or [] if one.is_off_day)})
    work = sorted({*(body.work or []), *(one.date for one in body.days or [] if not one.is_off_day)})
    return Schedule(off=off, work=work, papers=list(body.papers)), list(_wrongs(year, body, off, work))


def _wrongs(year: int, body: ScheduleBody, off: list[date], work: list[date]) -> list[Wrong]:
    wrong = []
    if body.year is not None and body.year != year:
        wrong.append(Wrong(field="/year", expected=f"路径中的年份 {year} · {year}, as in the path", got=str(body.year)))
    if (body.days is None) is (body.off is None):
        wrong.append(
            Wrong(
                field="/days", expected="days，或者 off 和 work · either days, or off and work", got="both or neither"
            )
        )
    if not off:
        wrong.append(Wrong(field="/off", expected="当年的放假日 · the year's days off", got="none"))
    # A schedule may reach over New Year by some days (holiday-cn lists 31 December with the year after).
    strangers = [day for day in (*off, *work) if abs(day.year - year) > 1 or (day.year != year and 2 < day.month < 11)]
    wrong += [
        Wrong(field="/days", expected=f"{year} 年的日期 · days of {year}", got=day.isoformat()) for day in strangers
    ]
    both = sorted(set(off) & set(work))
    wrong += [
        Wrong(field="/days", expected="放假或上班二者之一 · off or for working", got=f"{day} is both") for day in both
    ]
    weekdays = [day for day in work if day.weekday() < 5]
    wrong += [Wrong(field="/work", expected="周末日期 · weekend days", got=f"{day} is a weekday") for day in weekdays]
    return wrong
