"""Schedules of years, published since those that ship with the rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from sikua_chassis.session import Session
from sikua_rules.working_days import WorkCalendar

from sikua_scheduler.policies import Policies

_VERSION = "SELECT coalesce(max(version), 1) FROM calendar_year"
_YEARS = 'SELECT year, version, "off", work, papers, published_at, published_by FROM calendar_year ORDER BY version'
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('sikua scheduler calendar'))"
_SAVE = """INSERT INTO calendar_year (year, version, "off", work, papers, published_at, published_by)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (year) DO UPDATE SET version = excluded.version, "off" = excluded."off", work = excluded.work,
  papers = excluded.papers, published_at = excluded.published_at, published_by = excluded.published_by"""
_BEHIND = """SELECT count(*) FROM step s JOIN plan p USING (project_id)
WHERE s.armed_at IS NOT NULL AND s.calendar_version < (SELECT coalesce(max(version), 1) FROM calendar_year)
  AND s.status IN ('ARMED', 'STARTED', 'BLOCKED', 'PAUSED')"""
_CLAIM_BEHIND = """SELECT p.project_id FROM plan p
WHERE p.project_id IN (SELECT s.project_id FROM step s WHERE s.armed_at IS NOT NULL AND s.calendar_version < $1
    AND s.status IN ('ARMED', 'STARTED', 'BLOCKED', 'PAUSED'))
ORDER BY p.project_id LIMIT $2 FOR UPDATE SKIP LOCKED"""


async def calendar_in_force(session: Session) -> WorkCalendar:
    """The calendar of this unit of work: asked once, kept by version."""
    known = session.memo.get("calendar")
    if isinstance(known, WorkCalendar):
        return known
    policies: Policies = session.tools
    version = await session.fetchval(_VERSION)
    calendar = policies.calendars.get(version)
    if calendar is None:
        calendar = _assembled(await years(session))
        policies.calendars[calendar.version] = calendar
    session.memo["calendar"] = calendar
    return calendar


async def years(session: Session) -> list[Any]:
    """Rows of the years published here, in order of version."""
    return await session.fetch(_YEARS)


async def lock(session: Session) -> None:
    """Publish one schedule at a time; what was known of the calendar before the lock is forgotten."""
    await session.execute(_ALONE)
    session.memo.pop("calendar", None)


def save(
    session: Session, year: int, version: int, off: list[str], work: list[str], papers: list[str], by: str
) -> None:
    """Keep a year's schedule under a new version of the calendar."""
    session.gather(_SAVE, year, version, off, work, papers, session.now, by)


async def behind(session: Session) -> int:
    """Open steps whose due moment was derived under an older calendar."""
    return int(await session.fetchval(_BEHIND))


async def claim_behind(session: Session, version: int, limit: int) -> list[str]:
    """Projects with such steps, locked; those that somebody else holds are left out."""
    return [row["project_id"] for row in await session.fetch(_CLAIM_BEHIND, version, limit)]


def _assembled(rows: list[Any]) -> WorkCalendar:
    calendar = WorkCalendar.official()
    for row in rows:
        calendar = calendar.with_year(row["year"], _dates(row["off"]), _dates(row["work"]), row["version"])
    return calendar


def _dates(texts: list[str]) -> list[date]:
    return [date.fromisoformat(text) for text in texts]
