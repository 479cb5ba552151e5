"""The office's picture of projects: tables that only this service's handlers write, and that may be drawn anew.

Every write takes its rows as one JSON array, so that a batch of events costs one statement for each table it touches.
What a row leaves out stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sikua_chassis.session import Session
from sqlalchemy import BigInteger, Boolean, Column, Index, Integer
from sqlmodel import Field

from sikua_command_office.store import (
    OfficeTable,
    document_column,
    moment_column,
    text_column,
    texts_column,
    upsert_of,
)


class ProjectCard(OfficeTable, table=True):
    """A project as its newest record tells. `reason` is of the last suspension, closing or the like."""

    __tablename__ = "project_card"
    __table_args__ = (Index("project_card_name", "name", "project_id"),)

    project_id: str = Field(sa_column=text_column(key=True))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    status: str = Field(sa_column=text_column(nullable=False))
    name: str = Field(sa_column=text_column(nullable=False))
    divisions: list[str] = Field(sa_column=texts_column())
    zone: str | None = Field(sa_column=text_column())
    chain: str | None = Field(sa_column=text_column())
    origins: list[str] = Field(sa_column=texts_column())
    stage: str | None = Field(sa_column=text_column())
    historic: bool = Field(sa_column=Column(Boolean, nullable=False))
    started: bool | None = Field(sa_column=Column(Boolean, nullable=True))
    crossings: list[str] = Field(sa_column=texts_column())
    disagreeing: list[str] | None = Field(sa_column=texts_column(nullable=True))
    reason: str | None = Field(sa_column=text_column())
    merged_into: str | None = Field(sa_column=text_column())
    record: Any = Field(sa_column=document_column())
    changed_at: datetime = Field(sa_column=moment_column(nullable=False))


class StepCard(OfficeTable, table=True):
    """A step as its newest event tells. `waiting_for` is whom a block waits for; `proof` what completed the step."""

    __tablename__ = "step_card"
    __table_args__ = (Index("step_card_project", "project_id"), Index("step_card_status", "status"))

    step_id: str = Field(sa_column=text_column(key=True))
    project_id: str = Field(sa_column=text_column(nullable=False))
    code: str = Field(sa_column=text_column(nullable=False))
    status: str = Field(sa_column=text_column(nullable=False))
    waiting_for: Any = Field(sa_column=document_column(nullable=True))
    reason: str | None = Field(sa_column=text_column())
    proof: Any = Field(sa_column=document_column(nullable=True))
    late_working_days: int | None = Field(sa_column=Column(Integer, nullable=True))
    historic: bool | None = Field(sa_column=Column(Boolean, nullable=True))
    state: Any = Field(sa_column=document_column())
    changed_at: datetime = Field(sa_column=moment_column(nullable=False))


class TrackCard(OfficeTable, table=True):
    """A project under the command office's scheduling, and why."""

    __tablename__ = "track_card"
    __table_args__ = (Index("track_card_project", "project_id"),)

    track_id: str = Field(sa_column=text_column(key=True))
    project_id: str = Field(sa_column=text_column(nullable=False))
    open: bool = Field(sa_column=Column(Boolean, nullable=False))
    reasons: list[str] | None = Field(sa_column=texts_column(nullable=True))
    opened_by: str | None = Field(sa_column=text_column())
    opened_at: datetime | None = Field(sa_column=moment_column())
    closed_at: datetime | None = Field(sa_column=moment_column())
    closed_by: str | None = Field(sa_column=text_column())
    closed_reason: str | None = Field(sa_column=text_column())


class EscalationCard(OfficeTable, table=True):
    """A rung that was reached, who accepted it, and how it ended."""

    __tablename__ = "escalation_card"
    __table_args__ = (Index("escalation_card_project", "project_id"),)

    escalation_id: str = Field(sa_column=text_column(key=True))
    project_id: str = Field(sa_column=text_column(nullable=False))
    step_id: str = Field(sa_column=text_column(nullable=False))
    rung: str = Field(sa_column=text_column(nullable=False))
    recipients: Any = Field(sa_column=document_column(nullable=True))
    reason: str | None = Field(sa_column=text_column())
    overdue_working_days: int | None = Field(sa_column=Column(Integer, nullable=True))
    quiet: bool | None = Field(sa_column=Column(Boolean, nullable=True))
    raised_at: datetime | None = Field(sa_column=moment_column())
    acknowledged_by: str | None = Field(sa_column=text_column())
    acknowledged_at: datetime | None = Field(sa_column=moment_column())
    waits_until: datetime | None = Field(sa_column=moment_column())
    resolved_by: str | None = Field(sa_column=text_column())
    resolved_at: datetime | None = Field(sa_column=moment_column())
    resolution: str | None = Field(sa_column=text_column())


class NoticeCard(OfficeTable, table=True):
    """A notice and what became of it."""

    __tablename__ = "notice_card"
    __table_args__ = (Index("notice_card_project", "project_id"),)

    notice_id: str = Field(sa_column=text_column(key=True))
    project_id: str = Field(sa_column=text_column(nullable=False))
    step_id: str | None = Field(sa_column=text_column())
    escalation_id: str | None = Field(sa_column=text_column())
    owner: Any = Field(sa_column=document_column())
    recipient: str = Field(sa_column=text_column(nullable=False))
    channel: str = Field(sa_column=text_column(nullable=False))
    status: str = Field(sa_column=text_column(nullable=False))
    subject_line: str | None = Field(sa_column=text_column())
    reason: str | None = Field(sa_column=text_column())
    at: datetime | None = Field(sa_column=moment_column())
    acknowledged_by: str | None = Field(sa_column=text_column())
    acknowledged_at: datetime | None = Field(sa_column=moment_column())


class FactCard(OfficeTable, table=True):
    """A fact as its department stated it; values above L2 are only named. A withdrawn one says why."""

    __tablename__ = "fact_card"
    __table_args__ = (Index("fact_card_project", "project_id"),)

    fact_id: str = Field(sa_column=text_column(key=True))
    project_id: str = Field(sa_column=text_column(nullable=False))
    department: str = Field(sa_column=text_column(nullable=False))
    dataset: str = Field(sa_column=text_column(nullable=False))
    field_values: Any = Field(sa_column=document_column(nullable=True))
    withheld: list[str] | None = Field(sa_column=texts_column(nullable=True))
    as_of: datetime | None = Field(sa_column=moment_column())
    basis: str | None = Field(sa_column=text_column())
    quality: str | None = Field(sa_column=text_column())
    stated_at: datetime | None = Field(sa_column=moment_column())
    withdrawn_at: datetime | None = Field(sa_column=moment_column())
    withdrawn_reason: str | None = Field(sa_column=text_column())


class SilenceCard(OfficeTable, table=True):
    """A department that was asked and had nothing to say: why, and when it is asked again."""

    __tablename__ = "silence_card"

    project_id: str = Field(sa_column=text_column(key=True))
    department: str = Field(sa_column=text_column(key=True))
    dataset: str = Field(sa_column=text_column(key=True))
    reason: str = Field(sa_column=text_column(nullable=False))
    asked_at: datetime = Field(sa_column=moment_column(nullable=False))
    ask_again_at: datetime | None = Field(sa_column=moment_column())


class CalendarYear(OfficeTable, table=True):
    """The working days of a year as last published."""

    __tablename__ = "calendar_year"

    year: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    off: list[str] = Field(sa_column=texts_column())
    work: list[str] = Field(sa_column=texts_column())


KEEP_PROJECT = upsert_of(ProjectCard, keeps=("started", "disagreeing", "reason", "merged_into"), newer_by="version")
KEEP_STEP = upsert_of(StepCard, keeps=("waiting_for", "reason", "proof", "late_working_days", "historic"))
KEEP_TRACK = upsert_of(
    TrackCard, keeps=("reasons", "opened_by", "opened_at", "closed_at", "closed_by", "closed_reason")
)
KEEP_ESCALATION = upsert_of(
    EscalationCard,
    keeps=(
        *("recipients", "reason", "overdue_working_days", "quiet", "raised_at"),
        *("acknowledged_by", "acknowledged_at", "waits_until", "resolved_by", "resolved_at", "resolution"),
    ),
)
KEEP_NOTICE = upsert_of(NoticeCard, keeps=("subject_line", "reason", "at", "acknowledged_by", "acknowledged_at"))
KEEP_FACT = upsert_of(
    FactCard,
    keeps=(
        *("field_values", "withheld", "as_of", "basis", "quality", "stated_at"),
        *("withdrawn_at", "withdrawn_reason"),
    ),
)
KEEP_SILENCE = upsert_of(SilenceCard)
KEEP_CALENDAR = upsert_of(CalendarYear, newer_by="version")

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


async def of_project(session: Session, table: type[OfficeTable], project_id: str, order: str) -> list[Any]:
    """All rows of one of these tables about one project; `order` names columns of it."""
    return await session.fetch(
        f"SELECT * FROM {table.__tablename__} WHERE project_id = $1 ORDER BY {order}", project_id
    )


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
