"""Silences in PostgreSQL, and the notices they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sikua_chassis.session import Session

from sikua_notifier.silencing import Field, Matcher, Silence

_COLUMNS = "id, matchers, starts_at, ends_at, created_by, comment, created_at, ended_by"
_INSERT = """INSERT INTO silence (id, matchers, starts_at, ends_at, created_by, comment, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)"""
_IN_FORCE = f"SELECT {_COLUMNS} FROM silence WHERE starts_at <= $1 AND ends_at > $1 ORDER BY ends_at, id"
_LIST = f"""SELECT {_COLUMNS} FROM silence WHERE id < $1 AND (NOT $2::boolean OR ends_at > $3)
ORDER BY id DESC LIMIT $4"""
_END = "UPDATE silence SET ends_at = greatest($2, starts_at), ended_by = $3 WHERE id = $1 AND ends_at > $2"
_EXISTS = "SELECT id FROM silence WHERE id = $1"
_RELEASE = "UPDATE notice SET due_at = $2, held_by = NULL WHERE held_by = $1 AND state = 'waiting'"
_HOLD = "UPDATE notice SET due_at = $2, bundle = $3, held_by = $4 WHERE id = $1"


def keep(session: Session, silence: Silence, created_by: str, comment: str) -> None:
    """Keep a new silence."""
    matchers = [{"field": found.field.value, "values": sorted(found.values)} for found in silence.matchers]
    session.gather(
        _INSERT,
        *(silence.silence_id, matchers, silence.starts_at, silence.ends_at),
        *(created_by, comment, session.now),
    )


async def in_force(session: Session, now: datetime) -> list[Silence]:
    """Silences that hold something back now."""
    return [_silence(row) for row in await session.fetch(_IN_FORCE, now)]


async def listed(session: Session, before: str, only_open: bool, limit: int) -> list[Any]:
    """Silences from the newest down; `only_open` leaves out those that have ended."""
    return await session.fetch(_LIST, before, only_open, session.now, limit)


async def end(session: Session, silence_id: str, by: str) -> bool:
    """End a silence now and let what it held go; False when nobody knows it. One that has ended stays as it is."""
    if await session.fetchval(_EXISTS, silence_id) is None:
        return False
    await session.execute(_END, silence_id, session.now, by)
    await session.execute(_RELEASE, silence_id, session.now)
    return True


def hold(session: Session, notice_id: str, until: datetime, bundle: str, silence_id: str) -> None:
    """Hold a notice back until a moment."""
    session.gather(_HOLD, notice_id, until, bundle, silence_id)


def _silence(row: Any) -> Silence:
    matchers = [Matcher(Field(found["field"]), frozenset(found["values"])) for found in row["matchers"]]
    return Silence(row["id"], matchers, row["starts_at"], row["ends_at"])
