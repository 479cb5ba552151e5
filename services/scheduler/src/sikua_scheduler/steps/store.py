"""Steps as they are asked for: filtered, most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sikua_chassis.session import Session

from sikua_scheduler.courses.rows import step_of
from sikua_scheduler.step import Step

NEVER = "infinity"

_PAGE = """SELECT to_jsonb(s) AS step FROM step s JOIN project j USING (project_id) JOIN plan p USING (project_id)
WHERE ($1::text[] IS NULL OR EXISTS (
    SELECT 1 FROM unnest(j.divisions) division, unnest($1::text[]) seen WHERE starts_with(division, seen)))
  AND ($2::text IS NULL OR s.project_id = $2)
  AND ($3::text[] IS NULL OR s.status = ANY($3))
  AND ($4::text IS NULL OR s.owner_role = $4)
  AND ($5::text IS NULL OR s.owner_division = $5)
  AND ($6::text IS NULL OR s.code = $6)
  AND ($7::boolean IS NULL OR $7 = (p.status = 'OPEN' AND s.status IN ('ARMED', 'STARTED', 'BLOCKED')
       AND s.due_at IS NOT NULL AND s.due_at < $8))
  AND ($9::text IS NULL OR (coalesce(s.due_at, 'infinity'), s.step_id) > ($9::text::timestamptz, $10::text))
ORDER BY coalesce(s.due_at, 'infinity'), s.step_id LIMIT $11"""


@dataclass(frozen=True)
class Wanted:
    """Which steps are asked for; None leaves a filter out. `seen`: beginnings of division codes."""

    seen: list[str] | None = None
    project_id: str | None = None
    statuses: list[str] | None = None
    role: str | None = None
    division: str | None = None
    code: str | None = None
    overdue: bool | None = None


async def page(session: Session, wanted: Wanted, after: Sequence[str] | None, limit: int) -> list[Step]:
    """Steps due soonest first, after a place (due moment or `infinity`, id)."""
    due, step_id = after or (None, None)
    found = await session.fetch(
        _PAGE,
        wanted.seen,
        wanted.project_id,
        wanted.statuses,
        wanted.role,
        wanted.division,
        wanted.code,
        wanted.overdue,
        session.now,
        due,
        step_id,
        limit,
    )
    return [step_of(row["step"]) for row in found]


def moment(due: str) -> str:
    """The due moment in a cursor. Raises ValueError for what is no moment."""
    return due if due == NEVER else datetime.fromisoformat(due).isoformat()


def place_of(step: Step) -> tuple[str, str]:
    """The place of a step in that order."""
    return (step.due_at.isoformat() if step.due_at else NEVER, step.step_id)


async def project_of(session: Session, step_id: str) -> str | None:
    """The project a step belongs to."""
    found = await session.fetchval("SELECT project_id FROM step WHERE step_id = $1", step_id)
    return str(found) if found is not None else None
