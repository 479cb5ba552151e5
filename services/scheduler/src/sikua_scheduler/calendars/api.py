"""Routes of calendars. Translation only."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel
from sikua_chassis.api import Reading, Writing, allows

from sikua_scheduler.calendars import handlers, store
from sikua_scheduler.publishing import ScheduleBody

router = APIRouter(tags=["calendars"])

Year = Annotated[int, Path(ge=2000, le=2100)]


class CalendarYear(BaseModel):
    """One year's schedule; `version` is that of the calendar in which it last changed."""

    year: int
    version: int
    off: list[date]
    work: list[date]
    papers: list[str]


class CalendarView(BaseModel):
    """All published years; later ones are provisional: computed from the law until their schedule is published."""

    version: int
    provisional_from: int
    years: list[CalendarYear]


@router.get("/calendars", dependencies=[allows("steps:read")])
async def calendars(session: Reading) -> CalendarView:
    """The working-day calendar in force."""
    calendar = await store.calendar_in_force(session)
    papers = {row["year"]: row["papers"] for row in await store.years(session)}
    years = [
        CalendarYear(
            year=year,
            version=schedule.version,
            off=sorted(schedule.off),
            work=sorted(schedule.work),
            papers=papers.get(year, []),
        )
        for year, schedule in sorted(calendar.years.items())
    ]
    first = max(calendar.known_years) + 1
    return CalendarView(version=calendar.version, provisional_from=first, years=years)


@router.put("/calendars/{year}", dependencies=[allows("calendars:write")])
async def publish(year: Year, body: ScheduleBody, session: Writing) -> CalendarYear:
    """Publish a year's working days; due moments that depend on it are derived anew and said."""
    schedule, version = await handlers.publish(session, year, body)
    return CalendarYear(year=year, version=version, off=schedule.off, work=schedule.work, papers=schedule.papers)
