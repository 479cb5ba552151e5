"""Calendar years as the scheduler published them, over the official ones that ship with the rules."""

from __future__ import annotations

from datetime import date

from sikua_chassis.session import Session
from sikua_rules.working_days import WorkCalendar

_KEEP = """INSERT INTO calendar_year (year, version, days_off, days_worked) VALUES ($1, $2, $3, $4)
ON CONFLICT (year) DO UPDATE SET version = excluded.version, days_off = excluded.days_off,
  days_worked = excluded.days_worked
WHERE calendar_year.version < excluded.version"""
_ALL = "SELECT year, version, days_off, days_worked FROM calendar_year ORDER BY year"
_MEMO = "notifier.calendar"


def keep(session: Session, year: int, version: int, off: list[str], work: list[str]) -> None:
    """Keep a published year; an older version than the one known changes nothing."""
    session.memo.pop(_MEMO, None)
    session.gather(_KEEP, year, version, off, work)


async def calendar(session: Session) -> WorkCalendar:
    """Working days as far as this service has heard of them; read once per batch."""
    known = session.memo.get(_MEMO)
    if isinstance(known, WorkCalendar):
        return known
    found = WorkCalendar.official()
    for row in await session.fetch(_ALL):
        found = found.with_year(row["year"], _dates(row["days_off"]), _dates(row["days_worked"]), row["version"])
    session.memo[_MEMO] = found
    return found


def _dates(texts: list[str]) -> list[date]:
    return [date.fromisoformat(text) for text in texts]
