"""Documents of projects, each kept once per project under its SHA-256."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sikua_chassis.session import Session
from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field

from sikua_command_office.store import OfficeTable, moment_column, text_column

MOST_OF_A_PROJECT: Final = 500
_ABOUT: Final = "project_id, sha256, name, media_type, size_bytes, kept_by, kept_at"


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


async def keep(session: Session, document: KeptDocument) -> bool:
    """Write a document down unless it is there; False when the project has as many as it may."""
    count = await session.fetchval(
        "SELECT count(*) FROM kept_document WHERE project_id = $1 AND sha256 <> $2",
        document.project_id,
        document.sha256,
    )
    if int(count) >= MOST_OF_A_PROJECT:
        return False
    await session.execute(
        f"INSERT INTO kept_document ({_ABOUT}, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
        "ON CONFLICT (project_id, sha256) DO NOTHING",
        document.project_id,
        document.sha256,
        document.name,
        document.media_type,
        document.size_bytes,
        document.kept_by,
        document.kept_at,
        document.content,
    )
    return True


async def about(session: Session, project_id: str, sha256: str) -> Any | None:
    """A document without its content, or None."""
    return await session.fetchrow(
        f"SELECT {_ABOUT} FROM kept_document WHERE project_id = $1 AND sha256 = $2", project_id, sha256
    )


async def whole(session: Session, project_id: str, sha256: str) -> Any | None:
    """A document with its content, or None."""
    return await session.fetchrow(
        f"SELECT {_ABOUT}, content FROM kept_document WHERE project_id = $1 AND sha256 = $2", project_id, sha256
    )


async def of_project(session: Session, project_id: str) -> list[Any]:
    """All documents of a project without their content, oldest first."""
    return await session.fetch(
        f"SELECT {_ABOUT} FROM kept_document WHERE project_id = $1 ORDER BY kept_at, sha256", project_id
    )
