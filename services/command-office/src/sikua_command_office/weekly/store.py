"""What the feed recorded of steps and projects up to a moment, of projects that the reader sees today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sikua_chassis.session import Session
from sikua_contracts import registry, scheduler

from sikua_command_office.feed.wording import WORDINGS

STEP_TYPES = [type_ for type_ in WORDINGS if type_.startswith("cn.sikua.step.")]
PROJECT_TYPES = [type_ for type_ in WORDINGS if type_.startswith("cn.sikua.project.")]
MOVES = [
    said.type
    for said in (
        scheduler.StepCompleted,
        scheduler.StepBlocked,
        scheduler.StepUnblocked,
        scheduler.EscalationRaised,
        scheduler.EscalationResolved,
        scheduler.TrackOpened,
        registry.ProjectRegistered,
        registry.ProjectClosed,
    )
]
MOST_MOVES = 20_000

_SEEN = """($1::text[] IS NULL OR EXISTS (SELECT 1 FROM project_card c, unnest(c.divisions) AS division
    WHERE c.project_id = {0}.project_id AND division LIKE ANY($1::text[])))"""
_OPEN = "('ARMED', 'STARTED', 'BLOCKED', 'PAUSED')"
# A moment belongs to the stretch that it ends: what happened in that very moment had happened by then.
_STEPS = f"""SELECT number, time, project_id, step_id, status, due_at FROM (
    SELECT last.*, count(*) OVER (PARTITION BY step_id) AS told FROM (
        SELECT DISTINCT ON (step_id, stretch) * FROM (
            SELECT f.number, f.time, f.project_id, s.step_id COLLATE "C" AS step_id, s.status, s.due_at,
                width_bucket(f.time - interval '1 microsecond', $4::timestamptz[]) AS stretch
            FROM feed_entry f,
                jsonb_to_record(f.data->'step') AS s(step_id text, status text, due_at timestamptz)
            WHERE f.type = ANY($2::text[]) AND f.time <= $3 AND f.data->'step' IS NOT NULL AND {_SEEN.format("f")}
        ) AS every ORDER BY step_id, stretch, number DESC
    ) AS last
) AS those WHERE told > 1 OR status IN {_OPEN} ORDER BY number"""
_PROJECTS = f"""SELECT f.time, f.project_id, f.data->'record'->>'name' AS name, f.data->'record'->>'status' AS status,
    f.data->'record'->'divisions' AS divisions
FROM feed_entry f WHERE f.type = ANY($2::text[]) AND f.time <= $3 AND f.data->'record' IS NOT NULL AND {_SEEN.format("f")}
ORDER BY f.number"""
_TOLD = "SELECT (data->'step')::text AS step FROM feed_entry WHERE number = ANY($1::bigint[]) ORDER BY number"
_HELD = f"""SELECT DISTINCT ON (f.data->'step'->>'step_id', f.type) f.data->'step'->>'step_id' AS step_id, f.type,
    f.data->'waiting_for' AS waiting_for, f.data->>'reason' AS reason
FROM feed_entry f WHERE f.type = ANY($2::text[]) AND f.time <= $3 AND f.data->'step' IS NOT NULL AND {_SEEN.format("f")}
ORDER BY f.data->'step'->>'step_id', f.type, f.number DESC"""
_MOVES = f"""SELECT f.number, f.project_id, f.type, f.time, f.sentence_zh, f.sentence_en
FROM feed_entry f WHERE f.type = ANY($2::text[]) AND f.time >= $3 AND f.time <= $4 AND f.project_id IS NOT NULL
    AND {_SEEN.format("f")} ORDER BY f.number LIMIT {MOST_MOVES}"""
_ESCALATIONS = f"""SELECT e.project_id, e.step_id, e.rung, e.raised_at, e.acknowledged_by, e.acknowledged_at
FROM escalation_card e WHERE e.raised_at <= $2 AND (e.resolved_at IS NULL OR e.resolved_at > $2)
    AND {_SEEN.format("e")} ORDER BY e.raised_at, e.escalation_id"""


async def record_begins(session: Session) -> datetime | None:
    """When the first entry of the feed happened (business time); None while there is none."""
    first: datetime | None = await session.fetchval("SELECT time FROM feed_entry ORDER BY number LIMIT 1")
    return first


async def steps_said(
    session: Session, visible: Sequence[str] | None, moments: Sequence[datetime], until: datetime
) -> list[Any]:
    """What was said last of each step in each stretch between these moments (rising), up to `until`, in the order of the
    record: number, time, project_id, step_id, status, due_at. Steps of which only their end is left are left out."""
    return await session.fetch(_STEPS, visible, STEP_TYPES, until, moments)


async def projects_said(session: Session, visible: Sequence[str] | None, until: datetime) -> list[Any]:
    """Everything said of projects up to a moment: time, project_id, name, status, divisions (a JSON list)."""
    return await session.fetch(_PROJECTS, visible, PROJECT_TYPES, until)


async def steps_told(session: Session, numbers: Sequence[int]) -> list[str]:
    """The steps as these entries of the feed told them, as JSON text."""
    return [row["step"] for row in await session.fetch(_TOLD, numbers)]


async def steps_held(session: Session, visible: Sequence[str] | None, until: datetime) -> list[Any]:
    """The last block and the last pause of each step up to a moment: step_id, type, waiting_for, reason."""
    held = [scheduler.StepBlocked.type, scheduler.StepPaused.type]
    return await session.fetch(_HELD, visible, held, until)


async def moves(session: Session, visible: Sequence[str] | None, since: datetime, until: datetime) -> list[Any]:
    """What happened between two moments that a report tells of, in the order of the record."""
    return await session.fetch(_MOVES, visible, MOVES, since, until)


async def escalations_open(session: Session, visible: Sequence[str] | None, until: datetime) -> list[Any]:
    """Escalations that were open at a moment, oldest first; an acceptance counts if `acknowledged_at` is no later."""
    return await session.fetch(_ESCALATIONS, visible, until)
