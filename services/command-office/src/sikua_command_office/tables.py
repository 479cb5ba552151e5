"""The command office's tables, declared: a test holds them against what the migrations make. Nothing that runs imports this."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Index, Integer, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class OfficeTable(SQLModel):
    """The command office's tables, apart from every other service's."""

    metadata = MetaData()


def text_column(*, nullable: bool = True, key: bool = False) -> Any:
    """A text column."""
    return Column(Text, primary_key=key, nullable=nullable and not key)


def moment_column(*, nullable: bool = True) -> Any:
    """A moment, aware, kept in UTC."""
    return Column(DateTime(timezone=True), nullable=nullable)


def texts_column(*, nullable: bool = False) -> Any:
    """A list of texts."""
    return Column(ARRAY(Text), nullable=nullable)


def document_column(*, nullable: bool = False) -> Any:
    """A JSON document."""
    return Column(JSONB, nullable=nullable)


class FeedCounter(OfficeTable, table=True):
    """The last number given, per feed."""

    __tablename__ = "feed_counter"

    feed: str = Field(sa_column=text_column(key=True))
    last: int = Field(sa_column=Column(BigInteger, nullable=False))


class FeedEntry(OfficeTable, table=True):
    """One event as the command office may show it, under its number. A record: rows are only ever added."""

    __tablename__ = "feed_entry"
    __table_args__ = (
        Index("feed_entry_event", "event_id", unique=True),
        Index("feed_entry_project", "project_id", "number"),
        Index("feed_entry_type", "type", "number"),
        Index("feed_entry_entered", "entered_at", postgresql_using="brin"),
    )

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    event_id: str = Field(sa_column=text_column(nullable=False))
    type: str = Field(sa_column=text_column(nullable=False))
    source: str = Field(sa_column=text_column(nullable=False))
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    project_id: str | None = Field(sa_column=text_column())
    time: datetime = Field(sa_column=moment_column(nullable=False))
    recorded_at: datetime = Field(sa_column=moment_column(nullable=False))
    entered_at: datetime = Field(sa_column=moment_column(nullable=False))
    correlation_id: str | None = Field(sa_column=text_column())
    data: Any = Field(sa_column=document_column())
    sentence_zh: str = Field(sa_column=text_column(nullable=False))
    sentence_en: str = Field(sa_column=text_column(nullable=False))


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


class DeskMark(OfficeTable, table=True):
    """Up to which number of the feed somebody has said to have looked, and when (business time)."""

    __tablename__ = "desk_mark"

    subject: str = Field(sa_column=text_column(key=True))
    seen: int = Field(sa_column=Column(BigInteger, nullable=False))
    marked_at: datetime = Field(sa_column=moment_column(nullable=False))


class SignInCode(OfficeTable, table=True):
    """A code that was handed out and not used yet."""

    __tablename__ = "sign_in_code"
    __table_args__ = (Index("sign_in_code_expires", "expires_at"),)

    fingerprint: str = Field(sa_column=text_column(key=True))
    sealed: str = Field(sa_column=text_column(nullable=False))
    expires_at: datetime = Field(sa_column=moment_column(nullable=False))


class OfficerSession(OfficeTable, table=True):
    """A browser that is signed in."""

    __tablename__ = "officer_session"
    __table_args__ = (Index("officer_session_expires", "expires_at"),)

    fingerprint: str = Field(sa_column=text_column(key=True))
    sealed: str = Field(sa_column=text_column(nullable=False))
    expires_at: datetime = Field(sa_column=moment_column(nullable=False))


class KeptDocument(OfficeTable, table=True):
    """A document attached as proof. `content` is what the hash was taken of."""

    __tablename__ = "kept_document"

    project_id: str = Field(sa_column=text_column(key=True))
    sha256: str = Field(sa_column=text_column(key=True))
    name: str = Field(sa_column=text_column(nullable=False))
    media_type: str = Field(sa_column=text_column(nullable=False))
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    kept_by: str = Field(sa_column=text_column(nullable=False))
    kept_at: datetime = Field(sa_column=moment_column(nullable=False))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
