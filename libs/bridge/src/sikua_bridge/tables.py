"""A bridge's tables, declared: a test holds them against what the migrations make. Nothing that runs imports this."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Column, Index, MetaData, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class BridgeTable(SQLModel):
    """Base of every table of a bridge."""

    metadata = MetaData()


class StatementRow(BridgeTable, table=True):
    """One fact of one project, or a row held under its key (`project_id` null).

    States: stated, held, released (was held), withdrawn (by the department), unlinked (the key is no longer the project's),
    unavailable.
    """

    __tablename__ = "statement"
    __table_args__ = (
        Index("statement_key", "key_kind", "key"),
        Index("statement_project", "project_id", "stated_at"),
    )

    fact_id: str = Field(primary_key=True)
    dataset: str
    project_id: str | None = None
    key_kind: str
    key: str
    state: str
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    row_hash: str
    batch_id: str | None = None
    stated_at: datetime
    recorded_at: datetime


class NamespaceRow(BridgeTable, table=True):
    """The one namespace in which this bridge makes the ids of its facts."""

    __tablename__ = "fact_namespace"

    only_one: bool = Field(primary_key=True)
    namespace: uuid.UUID


class KnownProjectRow(BridgeTable, table=True):
    """A project of the registry. `signature` changes when something changes that asking or linking depends on."""

    __tablename__ = "known_project"

    project_id: str = Field(primary_key=True)
    name: str
    divisions: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    active: bool
    signature: str
    heard_at: datetime


class QuarantineRow(BridgeTable, table=True):
    """One thing that could not be read. `source` says through which door it came (enquiry, receive), `key_kind` and `key`
    by what it had been asked for; pushed rows have no such key."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("dataset", "key", "raw_hash"),)

    quarantine_id: str = Field(primary_key=True)
    source: str
    form: str
    dataset: str
    key_kind: str | None = None
    key: str
    simulated: bool
    reason: str
    raw: str
    raw_hash: str
    batch_id: str | None = None
    state: str
    times: int
    first_received_at: datetime
    last_received_at: datetime
    resolution: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None


class LinkRow(BridgeTable, table=True):
    """One key of one project. `stated_name` is the name the department used, shown to the person who decides."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("project_id", "key_kind", "key"), Index("link_key", "key_kind", "key"))

    link_id: str = Field(primary_key=True)
    project_id: str
    key_kind: str
    key: str
    state: str
    reason: str
    similarity: float | None = None
    stated_name: str | None = None
    created_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None


class EnquiryRow(BridgeTable, table=True):
    """One question. `ask_at` is business time, null while nobody wants it; `retry_at` real time, set while the way to the
    department fails. `attempts` counts claims since the last answer, so that those which never come to an end count too.
    """

    __tablename__ = "enquiry"
    __table_args__ = (
        UniqueConstraint("dataset", "key_kind", "key"),
        Index("enquiry_key", "key_kind", "key"),
        Index("enquiry_due", "ask_at", postgresql_where=text("ask_at IS NOT NULL")),
    )

    enquiry_id: str = Field(primary_key=True)
    dataset: str
    key_kind: str
    key: str
    state: str
    ask_at: datetime | None = None
    retry_at: datetime | None = None
    attempts: int
    claim_token: uuid.UUID | None = None
    claimed_until: datetime | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    reason: str | None = None
    fault: str | None = None
    asked_by: str | None = None
    traceparent: str | None = None
    created_at: datetime
