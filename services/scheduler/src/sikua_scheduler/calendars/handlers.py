"""A published schedule becomes a new version of the calendar; open steps are derived anew in claimed batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sikua_chassis import outbox
from sikua_chassis.errors import FieldError, Invalid
from sikua_chassis.session import Session
from sikua_contracts.scheduler import CalendarPublished

from sikua_scheduler.calendars import store
from sikua_scheduler.course import Course
from sikua_scheduler.courses.store import load, save
from sikua_scheduler.publishing import Schedule, ScheduleBody, read
from sikua_scheduler.steps.handlers import by

BATCH = 100


async def publish(session: Session, year: int, body: ScheduleBody) -> tuple[Schedule, int]:
    """Publish a year's working days. The schedule and the calendar's new version; the same schedule again changes nothing."""
    schedule, wrong = read(year, body)
    if wrong:
        raise Invalid(
            "放假安排有误 · the schedule is not valid",
            errors=[FieldError(one.field, one.expected, one.got) for one in wrong],
        )
    await store.lock(session)
    calendar = await store.calendar_in_force(session)
    known = calendar.years.get(year)
    if known is not None and known.off == frozenset(schedule.off) and known.work == frozenset(schedule.work):
        return schedule, calendar.version
    version = calendar.version + 1
    off, work = [day.isoformat() for day in schedule.off], [day.isoformat() for day in schedule.work]
    store.save(session, year, version, off, work, schedule.papers, by(session))
    outbox.publish(session, CalendarPublished(year=year, version=version, off=off, work=work, papers=schedule.papers))
    return schedule, version


async def claim(session: Session, limit: int) -> Sequence[Course]:
    """Courses with open steps under an older calendar, derived anew."""
    calendar = await store.calendar_in_force(session)
    courses = await load(session, await store.claim_behind(session, calendar.version, limit), locked=True)
    reason = f"工作日历更新为第{calendar.version}版 · calendar version {calendar.version}"
    for course in courses:
        for step in list(course.steps.values()):
            if step.is_open and step.calendar_version < calendar.version:
                course.move_due(step, reason)
    return courses


async def record(session: Session, course: Course, _outcome: Any) -> None:
    """Write the new due moments and say which moved."""
    save(session, course)


async def due(session: Session) -> int:
    """Open steps under an older calendar."""
    return await store.behind(session)
