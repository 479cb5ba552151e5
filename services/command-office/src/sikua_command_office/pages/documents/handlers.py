"""Keeping a document that somebody attached, and reading it back."""

from __future__ import annotations

import hashlib
from typing import Any

from sikua_chassis.errors import Conflict, FieldError, Invalid, NotFound, TooLarge
from sikua_chassis.session import Session

from sikua_command_office.pages.documents import store
from sikua_command_office.pages.documents.kinds import EXPECTED, LARGEST_BYTES, kind_of, safe_name, told
from sikua_command_office.pages.documents.store import MOST_OF_A_PROJECT, Document

FIELD = "/document"


async def keep(session: Session, project_id: str, name: str, content: bytes) -> Document:
    """The document as it is kept. Raises Invalid for another kind, TooLarge, and Conflict when there are too many."""
    if len(content) > LARGEST_BYTES:
        raise too_large(len(content))
    kind = kind_of(content)
    if kind is None:
        raise Invalid(errors=[FieldError(FIELD, EXPECTED, told(content))])
    document = Document(
        project_id=project_id,
        sha256=hashlib.sha256(content).hexdigest(),
        name=safe_name(name, kind),
        media_type=kind.media_type,
        size_bytes=len(content),
        kept_by=session.actor.sub if session.actor else session.service,
        kept_at=session.now,
        content=content,
    )
    if not await store.keep(session, document):
        raise Conflict(
            f"每个项目最多 {MOST_OF_A_PROJECT} 份文件 · a project takes at most {MOST_OF_A_PROJECT} documents"
        )
    return document


async def whole(session: Session, project_id: str, sha256: str) -> Any:
    """A document of a project that the caller may see. Raises NotFound."""
    found = await store.whole(session, project_id, sha256)
    if found is None:
        raise NotFound("没有这份文件 · no such document")
    return found


def too_large(size: int | None = None) -> TooLarge:
    """The refusal of a document that is too large; `size` in bytes where it is known."""
    got = f"{size / (1 << 20):.1f} MB" if size else "更大 · more"
    return TooLarge(errors=[FieldError(FIELD, EXPECTED, got)])
