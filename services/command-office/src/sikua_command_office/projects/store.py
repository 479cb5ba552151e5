"""The office's picture of projects: tables that only this service's handlers write, and that may be drawn anew.

Every write takes its rows as one JSON array, so that a batch of events costs one statement for each table it touches.
What a row leaves out stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sikua_chassis.session import Session

from sikua_command_office.store import upsert_of

KEEP_PROJECT = upsert_of(
    "project_card",
    key="project_id",
    takes="version status name divisions zone chain origins stage historic crossings record changed_at",
    keeps="started disagreeing reason merged_into",
    newer_by="version",
)
KEEP_STEP = upsert_of(
    "step_card",
    key="step_id",
    takes="project_id code status state changed_at",
    keeps="waiting_for reason proof late_working_days historic",
)
KEEP_TRACK = upsert_of(
    "track_card",
    key="track_id",
    takes="project_id open",
    keeps="reasons opened_by opened_at closed_at closed_by closed_reason",
)
KEEP_ESCALATION = upsert_of(
    "escalation_card",
    key="escalation_id",
    takes="project_id step_id rung",
    keeps="recipients reason overdue_working_days quiet raised_at acknowledged_by acknowledged_at waits_until "
    "resolved_by resolved_at resolution",
)
KEEP_NOTICE = upsert_of(
    "notice_card",
    key="notice_id",
    takes="project_id step_id escalation_id owner recipient channel status",
    keeps="subject_line reason at acknowledged_by acknowledged_at",
)
KEEP_FACT = upsert_of(
    "fact_card",
    key="fact_id",
    takes="project_id department dataset",
    keeps="field_values withheld as_of basis quality stated_at withdrawn_at withdrawn_reason",
)
KEEP_SILENCE = upsert_of("silence_card", key="project_id department dataset", takes="reason asked_at ask_again_at")
KEEP_CALENDAR = upsert_of("calendar_year", key="year", takes="version off work", newer_by="version")

_VISIBLE = "EXISTS (SELECT 1 FROM unnest({0}.divisions) AS division WHERE division LIKE ANY({1}::text[]))"
_CARD_COLUMNS = """project_id, version, status, name, divisions, zone, chain, origins, stage, historic, started, crossings,
       disagreeing, reason, merged_into, changed_at"""
_AMONG = "($1::text[] IS NULL OR project_id = ANY($1::text[]))"
_OPEN_STATUSES = ("ARMED", "STARTED", "BLOCKED", "PAUSED")


async def project(session: Session, project_id: str, visible: Sequence[str] | None) -> Any | None:
    """One project's card with its record, or None when there is none that may be seen."""
    if visible is None:
        return await session.fetchrow("SELECT * FROM project_card WHERE project_id = $1", project_id)
    seen = _VISIBLE.format("project_card", "$2")
    return await session.fetchrow(f"SELECT * FROM project_card WHERE project_id = $1 AND {seen}", project_id, visible)


async def projects(
    session: Session, *, after: Sequence[str] | None, limit: int, name: str | None, visible: Sequence[str] | None
) -> list[Any]:
    """Cards without their records, by name and id, after the given name and id; `name` is a part of the name."""
    wheres: list[str] = []
    arguments: list[Any] = []
    if after is not None:
        arguments += after
        wheres.append("(name, project_id) > ($1, $2)")
    if name:
        arguments.append(name)
        wheres.append(f"position(${len(arguments)} IN name) > 0")
    if visible is not None:
        arguments.append(visible)
        wheres.append(_VISIBLE.format("project_card", f"${len(arguments)}"))
    where = " AND ".join(wheres) or "true"
    return await session.fetch(
        f"SELECT {_CARD_COLUMNS} FROM project_card WHERE {where} ORDER BY name, project_id LIMIT {int(limit)}",
        *arguments,
    )


async def live_projects(session: Session, among: Sequence[str] | None) -> list[Any]:
    """Cards, without their records, of projects on the books (not closed, not merged): of all, or of these ids."""
    return await session.fetch(
        f"SELECT {_CARD_COLUMNS} FROM project_card WHERE status IN ('ACTIVE', 'SUSPENDED') AND {_AMONG}", among
    )


async def open_steps(session: Session, among: Sequence[str] | None) -> list[Any]:
    """The steps of all or of these projects whose turn it is, paused ones among them."""
    statuses = list(_OPEN_STATUSES)
    return await session.fetch(f"SELECT * FROM step_card WHERE {_AMONG} AND status = ANY($2::text[])", among, statuses)


async def finished_projects(session: Session, among: Sequence[str] | None) -> list[str]:
    """Ids of projects, of all or of these, with steps of which none is open."""
    rows = await session.fetch(
        f"SELECT project_id FROM step_card WHERE {_AMONG} GROUP BY project_id "
        "HAVING NOT bool_or(status = ANY($2::text[]))",
        among,
        list(_OPEN_STATUSES),
    )
    return [row["project_id"] for row in rows]


async def tracked_projects(session: Session, among: Sequence[str] | None) -> list[str]:
    """Ids of projects, of all or of these, under the command office's scheduling."""
    rows = await session.fetch(f"SELECT project_id FROM track_card WHERE {_AMONG} AND open", among)
    return [row["project_id"] for row in rows]


async def highest_rungs(session: Session, among: Sequence[str] | None) -> list[Any]:
    """Open rungs per step, of all or of these projects: step_id, rung, whether somebody accepted it."""
    return await session.fetch(
        f"SELECT step_id, rung, acknowledged_by FROM escalation_card WHERE {_AMONG} AND resolved_at IS NULL "
        "ORDER BY raised_at",
        among,
    )


async def open_escalations(session: Session) -> list[Any]:
    """All escalations that are not over, whole; the caller keeps those of projects that may be seen."""
    return await session.fetch(
        "SELECT * FROM escalation_card WHERE resolved_at IS NULL AND raised_at IS NOT NULL ORDER BY raised_at"
    )


async def of_project(session: Session, table: str, project_id: str, order: str) -> list[Any]:
    """All rows of one of these tables about one project; `order` names columns of it."""
    return await session.fetch(f"SELECT * FROM {table} WHERE project_id = $1 ORDER BY {order}", project_id)


async def calendar_years(session: Session) -> list[Any]:
    """Years whose working days were published after the rules were shipped."""
    return await session.fetch("SELECT year, version, off, work FROM calendar_year ORDER BY year")


async def keys_of_projects(session: Session, visible: Sequence[str] | None) -> list[Any]:
    """What projects can be found by: project_id, name, status, uscc and project_codes (JSON lists), by name."""
    seen = "true" if visible is None else _VISIBLE.format("project_card", "$1")
    return await session.fetch(
        "SELECT project_id, name, status, record->'uscc' AS uscc, record->'project_codes' AS project_codes "
        f"FROM project_card WHERE {seen} ORDER BY name, project_id",
        *(() if visible is None else (visible,)),
    )
