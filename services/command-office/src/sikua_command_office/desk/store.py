"""How far each officer has read the feed, and what of the tables a desk is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sikua_chassis.session import Session

_MARK = """INSERT INTO desk_mark AS kept (subject, seen, marked_at) VALUES ($1, $2, $3) ON CONFLICT (subject) DO UPDATE
SET seen = excluded.seen, marked_at = excluded.marked_at WHERE kept.seen < excluded.seen"""
_SEEN = "EXISTS (SELECT 1 FROM unnest(c.divisions) AS division WHERE division LIKE ANY($1::text[]))"
_DISPUTED = """SELECT c.project_id, c.name, c.divisions, c.disagreeing FROM project_card c
WHERE c.status IN ('ACTIVE', 'SUSPENDED') AND cardinality(c.disagreeing) > 0 AND ($1::text[] IS NULL OR {seen})
ORDER BY cardinality(c.disagreeing) DESC, c.name, c.project_id"""
_UNREACHED = """SELECT n.recipient, n.channel, count(*) FILTER (WHERE n.status = 'failed') AS times,
    max(n.at) AS last_at, (array_agg(n.reason ORDER BY n.at DESC))[1] AS reason,
    (array_agg(n.owner ORDER BY n.at DESC))[1] AS owner
FROM notice_card n JOIN project_card c ON c.project_id = n.project_id WHERE ($1::text[] IS NULL OR {seen})
GROUP BY n.recipient, n.channel HAVING max(n.at) FILTER (WHERE n.status = 'failed') >=
    coalesce(max(n.at) FILTER (WHERE n.status <> 'failed'), '-infinity')
ORDER BY last_at DESC, n.recipient LIMIT $2"""


async def mark_of(session: Session, subject: str) -> Any | None:
    """Somebody's mark (seen, marked_at); None when they never set one."""
    return await session.fetchrow("SELECT seen, marked_at FROM desk_mark WHERE subject = $1", subject)


def keep_mark(session: Session, subject: str, seen: int, marked_at: datetime) -> None:
    """Move somebody's mark on; it never goes back."""
    session.gather(_MARK, subject, seen, marked_at)


async def open_escalations(session: Session) -> list[Any]:
    """All open escalations: escalation_id, step_id, rung, recipients, raised_at, acknowledged_by."""
    return await session.fetch(
        "SELECT escalation_id, step_id, rung, recipients, raised_at, acknowledged_by FROM escalation_card "
        "WHERE resolved_at IS NULL"
    )


async def disputed(session: Session, visible: Sequence[str] | None) -> list[Any]:
    """Projects on the books about which departments differ: project_id, name, divisions, disagreeing; most fields first."""
    return await session.fetch(_DISPUTED.format(seen=_SEEN), visible)


async def unreached(session: Session, visible: Sequence[str] | None, limit: int) -> list[Any]:
    """Addresses whose last notice did not get through: recipient, channel, times, last_at, reason, owner."""
    return await session.fetch(_UNREACHED.format(seen=_SEEN), visible, limit)
