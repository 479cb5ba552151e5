"""Documents of projects, each kept once per project under its SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sikua_chassis.session import Session

MOST_OF_A_PROJECT: Final = 500
_ABOUT: Final = "project_id, sha256, name, media_type, size_bytes, kept_by, kept_at"


@dataclass(frozen=True)
class Document:
    """One document; two identical ones of a project are the same row."""

    project_id: str
    sha256: str
    name: str
    media_type: str
    size_bytes: int
    kept_by: str
    kept_at: datetime
    content: bytes


async def keep(session: Session, document: Document) -> bool:
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
