"""The registry's tables, declared: a test holds them against what the migrations make. Nothing that runs imports this."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Column, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class RegistryTable(SQLModel):
    """Tables of the registry's own schema."""

    metadata = MetaData()


class ProjectRow(RegistryTable, table=True):
    """A project as it stands, with what brought it there."""

    __tablename__ = "project"

    id: str = Field(primary_key=True)
    version: int
    status: str
    name_key: str = Field(index=True)
    import_key: str | None = Field(default=None, index=True)
    divisions: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    uscc: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    project_codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    registered_at: datetime
    valid_from: datetime
    recorded_at: datetime
    said: str
    said_by: str
    reason: str | None = None
    changed: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


class PastRow(RegistryTable, table=True):
    """A version that no longer stands: from when to when it did, and what had brought it there."""

    __tablename__ = "project_past"

    project_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    valid_from: datetime
    valid_to: datetime
    recorded_at: datetime
    said: str
    said_by: str
    reason: str | None = None
    changed: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


class FactRow(RegistryTable, table=True):
    """A fact. `project_id` follows merges, `stated_for` does not."""

    __tablename__ = "fact"

    id: str = Field(primary_key=True)
    project_id: str = Field(index=True)
    stated_for: str
    department: str
    dataset: str
    values: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    as_of: datetime
    basis: str
    quality: str
    resource_id: str
    batch_id: str | None = None
    row_hash: str
    heard_at: datetime
    withdrawn_reason: str | None = None


class UnavailableRow(RegistryTable, table=True):
    """The last time a department had nothing to say about a dataset of a project."""

    __tablename__ = "unavailable"

    project_id: str = Field(primary_key=True)
    department: str = Field(primary_key=True)
    dataset: str = Field(primary_key=True)
    reason: str
    asked_at: datetime
    ask_again_at: datetime | None = None


class ImportRow(RegistryTable, table=True):
    """A file that was taken in. Dry runs leave nothing."""

    __tablename__ = "import_report"

    id: str = Field(primary_key=True)
    source: str
    sha256: str = Field(index=True)
    imported_at: datetime
    recorded_at: datetime
    imported_by: str
    summary: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    rows: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
