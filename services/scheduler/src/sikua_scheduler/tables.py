"""The scheduler's tables, declared: a test holds them against what the migrations make. Nothing that runs imports this."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Index, MetaData, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlmodel import Field, SQLModel


class SchedulerTable(SQLModel):
    """Parent of every table of this service, with a catalogue of its own."""

    metadata = MetaData()


def _moment(nullable: bool = True) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _json(nullable: bool = True) -> Any:
    return Column(JSONB, nullable=nullable)


class ProjectTable(SchedulerTable, table=True):
    """The last known record of each project."""

    __tablename__ = "project"

    project_id: str = Field(primary_key=True, sa_type=TEXT)
    version: int
    name: str = Field(sa_type=TEXT)
    status: str = Field(sa_type=TEXT)
    divisions: list[str] = Field(sa_column=Column(ARRAY(TEXT), nullable=False))
    record: dict[str, Any] = Field(sa_column=_json(nullable=False))
    planless_reason: str | None = Field(default=None, sa_type=TEXT)


class PlanTable(SchedulerTable, table=True):
    """One plan a project; its row is the lock of everything that concerns the project."""

    __tablename__ = "plan"

    project_id: str = Field(primary_key=True, sa_type=TEXT)
    version: str = Field(sa_type=TEXT)
    status: str = Field(sa_type=TEXT)
    fast_lane: bool
    fast_lane_reason: str | None = Field(default=None, sa_type=TEXT)
    quiet: bool
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    released_at: datetime | None = Field(default=None, sa_column=_moment())
    released_by: str | None = Field(default=None, sa_type=TEXT)


class StepTable(SchedulerTable, table=True):
    """Steps and items. `due_at`, `next_rung`, `next_rung_at` are indexes of what the rules derive."""

    __tablename__ = "step"
    __table_args__ = (
        Index("step_project", "project_id", "ordinal"),
        Index("step_next_rung", "next_rung_at", "step_id", postgresql_where=text("next_rung_at IS NOT NULL")),
        Index("step_calendar", "calendar_version", postgresql_where=text("armed_at IS NOT NULL")),
        Index("step_due", text("coalesce(due_at, 'infinity')"), "step_id"),
    )

    step_id: str = Field(primary_key=True, sa_type=TEXT)
    project_id: str = Field(sa_type=TEXT)
    project_name: str = Field(sa_type=TEXT)
    ordinal: int = Field(sa_type=SmallInteger)
    code: str = Field(sa_type=TEXT)
    item: str | None = Field(default=None, sa_type=TEXT)
    name_zh: str = Field(sa_type=TEXT)
    name_en: str = Field(sa_type=TEXT)
    owner_role: str = Field(sa_type=TEXT)
    owner_division: str = Field(sa_type=TEXT)
    consulted: list[dict[str, str]] = Field(sa_column=_json(nullable=False))
    status: str = Field(sa_type=TEXT)
    limit_amount: int
    limit_unit: str = Field(sa_type=TEXT)
    cycle: int
    coordination: int
    historic: bool
    armed_at: datetime | None = Field(default=None, sa_column=_moment())
    started_at: datetime | None = Field(default=None, sa_column=_moment())
    completed_at: datetime | None = Field(default=None, sa_column=_moment())
    due_at: datetime | None = Field(default=None, sa_column=_moment())
    due_provisional: bool
    calendar_version: int
    before_pause: str | None = Field(default=None, sa_type=TEXT)
    block: dict[str, Any] | None = Field(default=None, sa_column=_json())
    extension: dict[str, Any] | None = Field(default=None, sa_column=_json())
    policy: dict[str, Any] | None = Field(default=None, sa_column=_json())
    proof: dict[str, Any] | None = Field(default=None, sa_column=_json())
    refuted: list[str] = Field(sa_column=_json(nullable=False))
    next_rung: str | None = Field(default=None, sa_type=TEXT)
    next_rung_at: datetime | None = Field(default=None, sa_column=_moment())
    tracked: bool


class PauseTable(SchedulerTable, table=True):
    """Times in which a clock stood still."""

    __tablename__ = "pause"

    pause_id: str = Field(primary_key=True, sa_type=TEXT)
    step_id: str = Field(sa_type=TEXT, index=True)
    since: datetime = Field(sa_column=_moment(nullable=False))
    until: datetime | None = Field(default=None, sa_column=_moment())
    reason: str = Field(sa_type=TEXT)
    document: str = Field(sa_type=TEXT)
    of_project: bool
    by: str = Field(sa_type=TEXT)
    resumed_document: str | None = Field(default=None, sa_type=TEXT)
    resumed_by: str | None = Field(default=None, sa_type=TEXT)


class EscalationTable(SchedulerTable, table=True):
    """Rungs reached. A rung of a cycle is claimed by the unique constraint: nobody can fire it twice."""

    __tablename__ = "escalation"
    __table_args__ = (
        UniqueConstraint("step_id", "rung", "cycle", name="escalation_once"),
        Index("escalation_project", "project_id"),
        Index("escalation_order", "raised_at", "escalation_id"),
    )

    escalation_id: str = Field(primary_key=True, sa_type=TEXT)
    step_id: str = Field(sa_type=TEXT)
    project_id: str = Field(sa_type=TEXT)
    rung: str = Field(sa_type=TEXT)
    cycle: int
    raised_at: datetime = Field(sa_column=_moment(nullable=False))
    reason: str = Field(sa_type=TEXT)
    recipients: list[dict[str, str]] = Field(sa_column=_json(nullable=False))
    overdue_working_days: int
    quiet: bool
    forced: str | None = Field(default=None, sa_type=TEXT)
    acknowledged_at: datetime | None = Field(default=None, sa_column=_moment())
    acknowledged_by: str | None = Field(default=None, sa_type=TEXT)
    waits_until: datetime | None = Field(default=None, sa_column=_moment())
    resolved_at: datetime | None = Field(default=None, sa_column=_moment())
    resolution: str | None = Field(default=None, sa_type=TEXT)
    resolved_by: str | None = Field(default=None, sa_type=TEXT)


class TrackTable(SchedulerTable, table=True):
    """Tracks, closed ones too; at most one open for a project."""

    __tablename__ = "track"
    __table_args__ = (
        Index("track_open", "project_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("track_project", "project_id", "opened_at"),
    )

    track_id: str = Field(primary_key=True, sa_type=TEXT)
    project_id: str = Field(sa_type=TEXT)
    project_name: str = Field(sa_type=TEXT)
    reasons: list[str] = Field(sa_column=_json(nullable=False))
    opened_at: datetime = Field(sa_column=_moment(nullable=False))
    opened_by: str = Field(sa_type=TEXT)
    order_reason: str | None = Field(default=None, sa_type=TEXT)
    document: str | None = Field(default=None, sa_type=TEXT)
    closed_at: datetime | None = Field(default=None, sa_column=_moment())
    closed_by: str | None = Field(default=None, sa_type=TEXT)
    close_reason: str | None = Field(default=None, sa_type=TEXT)


class ReschedulingTable(SchedulerTable, table=True):
    """The journal of due moments that moved by themselves."""

    __tablename__ = "rescheduling"

    rescheduling_id: str = Field(primary_key=True, sa_type=TEXT)
    step_id: str = Field(sa_type=TEXT, index=True)
    project_id: str = Field(sa_type=TEXT)
    at: datetime = Field(sa_column=_moment(nullable=False))
    due_before: datetime | None = Field(default=None, sa_column=_moment())
    due_after: datetime | None = Field(default=None, sa_column=_moment())
    calendar_version: int
    reason: str = Field(sa_type=TEXT)


class CalendarYearTable(SchedulerTable, table=True):
    """Schedules published since the ones that ship with the rules. `version` counts the whole calendar."""

    __tablename__ = "calendar_year"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    version: int
    off: list[date] = Field(sa_column=_json(nullable=False))
    work: list[date] = Field(sa_column=_json(nullable=False))
    papers: list[str] = Field(sa_column=_json(nullable=False))
    published_at: datetime = Field(sa_column=_moment(nullable=False))
    published_by: str = Field(sa_type=TEXT)


class AuditorBeatTable(SchedulerTable, table=True):
    """The auditor's last look: when, over how many open escalations, and what stood wrong."""

    __tablename__ = "auditor_beat"

    id: int = Field(primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"autoincrement": False})
    business_at: datetime = Field(sa_column=_moment(nullable=False))
    recorded_at: datetime = Field(sa_column=_moment(nullable=False))
    open_escalations: int
    findings: list[dict[str, Any]] = Field(sa_column=_json(nullable=False))
