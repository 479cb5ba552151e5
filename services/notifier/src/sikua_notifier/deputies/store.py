"""Urgent notices that nobody has acknowledged in time, or that could not be delivered."""

from __future__ import annotations

from typing import Any

from sikua_chassis.session import Session

_CLAIM = """SELECT n.id, n.event_id, n.project_id, n.project_name, n.step_id, n.escalation_id, n.owner_role,
  n.owner_division, n.recipient, n.content
FROM notice n
WHERE n.watch_until <= $1 AND n.state IN ('sent', 'failed')
ORDER BY n.watch_until, n.position LIMIT $2 FOR UPDATE SKIP LOCKED"""
_WATCHED = "UPDATE notice SET watch_until = NULL WHERE event_id = $1 AND recipient = $2"
_COUNT = "SELECT count(*) FROM notice WHERE watch_until <= $1 AND state IN ('sent', 'failed')"


async def unacknowledged(session: Session, limit: int) -> list[Any]:
    """Notices whose time to be acknowledged is over, the oldest first."""
    return await session.fetch(_CLAIM, session.now, limit)


def watched(session: Session, event_id: str, recipient: str) -> None:
    """The watch over this recipient's notices of an event is over, on every channel."""
    session.gather(_WATCHED, event_id, recipient)


async def count(session: Session) -> int:
    """How many there are."""
    return int(await session.fetchval(_COUNT, session.now))
