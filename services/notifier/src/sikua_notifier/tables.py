"""The notifier's tables, declared: a test holds them against what the migrations make. Nothing that runs imports this."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, MetaData, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel
from sqlmodel import Field as Declared


class NotifierTable(SQLModel):
    """The notifier's tables, apart from every other service's."""

    metadata = MetaData()


class CalendarYearRow(NotifierTable, table=True):
    """One year's days off and weekend days worked, as ISO dates."""

    __tablename__ = "calendar_year"

    year: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    version: int
    days_off: Any = Field(sa_column=Column(JSONB, nullable=False))
    days_worked: Any = Field(sa_column=Column(JSONB, nullable=False))


class ContactRow(NotifierTable, table=True):
    """A person and the ways to reach them; empty text where there is none."""

    __tablename__ = "contact"

    person: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    unit: str = Field(sa_column=Column(Text, nullable=False))
    role: str = Field(sa_column=Column(Text, nullable=False))
    division: str = Field(sa_column=Column(Text, nullable=False))
    email: str = Field(sa_column=Column(Text, nullable=False))
    webhook: str = Field(sa_column=Column(Text, nullable=False))
    deputy: str = Field(sa_column=Column(Text, nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class RosterRow(NotifierTable, table=True):
    """Who is on duty for a role in a division; the lowest place is asked first."""

    __tablename__ = "roster"

    role: str = Field(sa_column=Column(Text, primary_key=True))
    division: str = Field(sa_column=Column(Text, primary_key=True))
    place: int = Field(primary_key=True)
    person: str = Field(sa_column=Column(Text, nullable=False))


class SilenceRow(NotifierTable, table=True):
    """What is held back, from when until when (business time), by whose order and why."""

    __tablename__ = "silence"

    id: str = Declared(sa_column=Column(Text, primary_key=True))
    matchers: Any = Declared(sa_column=Column(JSONB, nullable=False))
    starts_at: datetime = Declared(sa_column=Column(DateTime(timezone=True), nullable=False))
    ends_at: datetime = Declared(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_by: str = Declared(sa_column=Column(Text, nullable=False))
    comment: str = Declared(sa_column=Column(Text, nullable=False))
    created_at: datetime = Declared(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_by: str | None = Declared(sa_column=Column(Text))


class EndpointRow(NotifierTable, table=True):
    """Where a webhook goes. `secret_before` signs beside `secret` until its moment (real time); both are sealed."""

    __tablename__ = "endpoint"
    __table_args__ = (UniqueConstraint("name", name="endpoint_name"),)

    id: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    url: str = Field(sa_column=Column(Text, nullable=False))
    secret: str = Field(sa_column=Column(Text, nullable=False))
    secret_before: str | None = Field(sa_column=Column(Text))
    secret_before_until: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    state: str = Field(sa_column=Column(Text, nullable=False))
    disabled_reason: str | None = Field(sa_column=Column(Text))
    paused_until: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    created_by: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class NoticeRow(NotifierTable, table=True):
    """What is told to one recipient through one channel because of one event. Moments are business time."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("event_id", "recipient", "channel", name="notice_once"),)

    id: str = Field(sa_column=Column(Text, primary_key=True))
    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), unique=True, nullable=False))
    event_id: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    project_id: str = Field(sa_column=Column(Text, nullable=False))
    project_name: str = Field(sa_column=Column(Text, nullable=False))
    step_id: str | None = Field(sa_column=Column(Text))
    escalation_id: str | None = Field(sa_column=Column(Text))
    owner_role: str = Field(sa_column=Column(Text, nullable=False))
    owner_division: str = Field(sa_column=Column(Text, nullable=False))
    recipient: str = Field(sa_column=Column(Text, nullable=False))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    address: str = Field(sa_column=Column(Text, nullable=False))
    content: Any = Field(sa_column=Column(JSONB, nullable=False))
    urgent: bool
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    bundle: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    reason: str | None = Field(sa_column=Column(Text))
    held_by: str | None = Field(sa_column=Column(Text))
    parcel_id: str | None = Field(sa_column=Column(Text))
    sent_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    acknowledged_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    acknowledged_by: str | None = Field(sa_column=Column(Text))
    watch_until: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    deputy_of: str | None = Field(sa_column=Column(Text))
    traceparent: str | None = Field(sa_column=Column(Text))


class ParcelRow(NotifierTable, table=True):
    """One mail or one webhook message. `next_try_at`, `claimed_until` and the other moments are real time."""

    __tablename__ = "parcel"

    id: str = Field(sa_column=Column(Text, primary_key=True))
    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), unique=True, nullable=False))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    recipient: str = Field(sa_column=Column(Text, nullable=False))
    address: str = Field(sa_column=Column(Text, nullable=False))
    project_id: str = Field(sa_column=Column(Text, nullable=False))
    notices: int
    state: str = Field(sa_column=Column(Text, nullable=False))
    attempts: int
    next_try_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    claim_token: UUID | None = Field(sa_column=Column(Uuid))
    claimed_until: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    written_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    finished_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    last_answer: str | None = Field(sa_column=Column(Text))
    traceparent: str | None = Field(sa_column=Column(Text))
