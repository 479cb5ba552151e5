"""The weekly report as a page: one sheet a district, the week and the place chosen in the URL."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sikua_chassis.errors import FieldError, Invalid
from sikua_chassis.session import Session
from sikua_contracts import registry, scheduler
from sikua_rules.divisions import OURS, prefix_of
from sikua_rules.working_days import WorkCalendar
from starlette.responses import Response

from sikua_command_office.delivery import Office
from sikua_command_office.feed.api import visible
from sikua_command_office.feed.store import last_number
from sikua_command_office.freshness import Freshness, freshness
from sikua_command_office.pages.web.officer import Officer, Signed
from sikua_command_office.pages.web.rendering import render
from sikua_command_office.projects.calendar import calendar_with
from sikua_command_office.projects.store import calendar_years
from sikua_command_office.projects.story import days
from sikua_command_office.visibility import sees
from sikua_command_office.weekly import store
from sikua_command_office.weekly.assembly import Found, last_open, moments_of, stock
from sikua_command_office.weekly.charts import bars, trend
from sikua_command_office.weekly.report import report
from sikua_command_office.weekly.week import Week, week_named, week_of

router = APIRouter()

MOVED = (
    (scheduler.StepCompleted.type, "办结", "completed"),
    (registry.ProjectRegistered.type, "新登记", "registered"),
    (registry.ProjectClosed.type, "销号", "closed"),
    (scheduler.StepBlocked.type, "受阻", "blocked"),
    (scheduler.StepUnblocked.type, "堵点解除", "unblocked"),
    (scheduler.EscalationRaised.type, "督办", "raised"),
    (scheduler.EscalationResolved.type, "督办了结", "resolved"),
)

Name = Annotated[str | None, Query(alias="week", pattern=r"^[2-8]\d{3}-W\d{2}$", description="2026-W10")]
Division = Annotated[str, Query(pattern=r"^\d{6}$")]


@dataclass(frozen=True)
class Read:
    """What was read for a report: enough to draw it without the database."""

    week: Week
    now: datetime
    seen: list[str] | None
    found: Found
    calendar: WorkCalendar
    number: int
    fresh: Freshness


@router.get("/weekly")
async def show_weekly(
    request: Request, officer: Signed, name: Name = None, division: Division | None = None
) -> Response:
    """The report of a week, by default of this one; of one district, or of all that the officer sees."""
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        office: Office = session.tools
        read = await _read(session, week_of(session.now) if name is None else _week(name))
    # A city's report takes a third of a second of computing, for which nobody else should wait.
    async with office.reporting:
        return await asyncio.to_thread(_page, request, officer, read, division)


def _week(name: str) -> Week:
    try:
        return week_named(name)
    except ValueError as error:
        raise Invalid(errors=[FieldError("query.week", "一年中的一周 · a week of the year", name)]) from error


async def _read(session: Session, week: Week) -> Read:
    office: Office = session.tools
    seen, until = visible(session.actor), min(week.ends, session.now)
    steps = await store.steps_said(session, seen, moments_of(week, until), until)
    found = Found(
        until=until,
        begins=await store.record_begins(session),
        steps=steps,
        projects=await store.projects_said(session, seen, until),
        open_steps=await store.steps_told(session, last_open(steps)),
        held=await store.steps_held(session, seen, until),
        moves=await store.moves(session, seen, week.begins, until),
        escalations=await store.escalations_open(session, seen, until),
    )
    return Read(
        week=week,
        now=session.now,
        seen=seen,
        found=found,
        calendar=calendar_with(await calendar_years(session)),
        number=await last_number(session),
        fresh=freshness(session.now, session.recorded_at, await office.behind()),
    )


def _page(request: Request, officer: Officer, read: Read, division: str | None) -> Response:
    week, until, begins = read.week, read.found.until, read.found.begins
    drawn, projects = stock(week, read.found, read.calendar)
    there = {place for places in drawn.places.values() for place in places if _ours(place) and sees(read.seen, [place])}
    places = sorted(there if division is None else there & {division})
    whole: list[str | None] = [None] if division is None and len(there) > 1 else []
    return render(
        request,
        "weekly.html",
        officer,
        week=week,
        this=week_of(read.now),
        division=division,
        number=read.number,
        fresh=read.fresh,
        until=until,
        begins=begins,
        known=begins is not None and begins <= until and week.begins <= read.now,
        ended=week.ends < read.now,
        names={project: said.name for project, said in projects.items()},
        reports=[report(drawn, place) for place in [*whole, *places]],
        all_places=sorted(there),
        MOVED=MOVED,
        bars=bars,
        trend=trend,
        days=days,
    )


def _ours(division: str) -> bool:
    """Whether the division is a district of our city: those have a sheet of their own."""
    return division.startswith(prefix_of(OURS)) and division != OURS
