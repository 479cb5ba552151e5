"""Escalations as they are asked for, and the steps whose next rung has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sikua_chassis.session import Session

_PAGE = """SELECT e.*, s.code, s.item, s.name_zh, s.name_en, s.project_name, s.owner_role, s.owner_division, s.due_at,
  s.status AS step_status
FROM escalation e JOIN step s USING (step_id) JOIN project j ON j.project_id = e.project_id
WHERE ($1::text[] IS NULL OR EXISTS (
    SELECT 1 FROM unnest(j.divisions) division, unnest($1::text[]) seen WHERE starts_with(division, seen)))
  AND ($2::text IS NULL OR e.project_id = $2)
  AND ($3::text IS NULL OR e.step_id = $3)
  AND ($4::text IS NULL OR e.rung = $4)
  AND ($5::boolean IS NULL OR (e.resolved_at IS NULL) = $5)
  AND ($6::boolean IS NULL OR (e.acknowledged_at IS NOT NULL) = $6)
  AND ($7::boolean IS NULL OR e.quiet = $7)
  AND ($8::text IS NULL OR s.owner_role = $8)
  AND ($9::text IS NULL OR e.escalation_id = $9)
  AND ($10::text IS NULL OR (e.raised_at, e.escalation_id) > ($10::text::timestamptz, $11::text))
ORDER BY e.raised_at, e.escalation_id LIMIT $12"""
_DUE = "SELECT count(*) FROM step WHERE next_rung_at <= $1"
_CLAIM = """SELECT s.step_id, s.project_id FROM step s JOIN plan p USING (project_id)
WHERE s.next_rung_at <= $1 ORDER BY s.next_rung_at, s.step_id LIMIT $2 FOR UPDATE OF p SKIP LOCKED"""
_COUNT_OPEN = "SELECT count(*) FROM escalation WHERE resolved_at IS NULL"
_LATE = """SELECT s.step_id, s.project_id, s.next_rung, s.next_rung_at FROM step s
WHERE s.next_rung_at < $1 ORDER BY s.next_rung_at LIMIT 50"""
_STRAY = """SELECT e.escalation_id, e.step_id, e.project_id, e.rung, s.status FROM escalation e JOIN step s USING (step_id)
WHERE e.resolved_at IS NULL AND s.status IN ('NOT_STARTED', 'COMPLETED', 'SKIPPED') ORDER BY e.raised_at LIMIT 50"""
_STUCK = """SELECT s.step_id, s.project_id, s.status, s.due_at FROM step s JOIN plan p USING (project_id)
WHERE p.status = 'OPEN' AND s.status IN ('ARMED', 'STARTED', 'BLOCKED') AND s.due_at < $1 AND s.next_rung_at IS NULL
  AND s.policy->'rungs' @> '[{"rung": "RED"}]'
  AND NOT EXISTS (SELECT 1 FROM escalation e WHERE e.step_id = s.step_id AND e.rung IN ('RED', 'COORDINATE', 'TOP'))
ORDER BY s.due_at LIMIT 50"""
_BEAT = """INSERT INTO auditor_beat (id, business_at, recorded_at, open_escalations, findings) VALUES (1, $1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET business_at = excluded.business_at, recorded_at = excluded.recorded_at,
  open_escalations = excluded.open_escalations, findings = excluded.findings"""
_LAST_BEAT = "SELECT business_at, recorded_at, open_escalations, findings FROM auditor_beat WHERE id = 1"


@dataclass(frozen=True)
class Wanted:
    """Which escalations are asked for; None leaves a filter out."""

    seen: list[str] | None = None
    project_id: str | None = None
    step_id: str | None = None
    rung: str | None = None
    is_open: bool | None = None
    acknowledged: bool | None = None
    quiet: bool | None = None
    role: str | None = None
    escalation_id: str | None = None


async def page(session: Session, wanted: Wanted, after: Sequence[str] | None, limit: int) -> list[Any]:
    """Escalations, oldest first, each with the step it stands on."""
    raised, escalation_id = after or (None, None)
    return await session.fetch(
        _PAGE,
        wanted.seen,
        wanted.project_id,
        wanted.step_id,
        wanted.rung,
        wanted.is_open,
        wanted.acknowledged,
        wanted.quiet,
        wanted.role,
        wanted.escalation_id,
        raised,
        escalation_id,
        limit,
    )


async def count_due(session: Session) -> int:
    """Steps whose next rung has come."""
    return int(await session.fetchval(_DUE, session.now))


async def claim_due(session: Session, limit: int) -> list[tuple[str, str]]:
    """Step and project of rungs that have come, oldest first; the projects are locked, those of others left out."""
    return [(row["step_id"], row["project_id"]) for row in await session.fetch(_CLAIM, session.now, limit)]


async def audit(session: Session, late_before: datetime) -> tuple[int, list[dict[str, Any]]]:
    """Open escalations, and what stands wrong: rungs long past, escalations on steps at rest, red steps nobody heard of."""
    findings: list[dict[str, Any]] = []
    for kind, sql, arguments in (
        ("rung-late", _LATE, (late_before,)),
        ("escalation-stray", _STRAY, ()),
        ("step-without-rung", _STUCK, (late_before,)),
    ):
        found = await session.fetch(sql, *arguments)
        findings += [{"finding": kind, **_texts(row)} for row in found]
    return int(await session.fetchval(_COUNT_OPEN)), findings


def beat(session: Session, open_escalations: int, findings: list[dict[str, Any]]) -> None:
    """The auditor has looked."""
    session.gather(_BEAT, session.now, session.recorded_at, open_escalations, findings)


async def last_beat(session: Session) -> Any | None:
    """The auditor's last look."""
    return await session.fetchrow(_LAST_BEAT)


def moment(raised: str) -> str:
    """The moment in a cursor. Raises ValueError for what is none."""
    return datetime.fromisoformat(raised).isoformat()


def _texts(row: Any) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in dict(row).items()}
