"""Parcels in PostgreSQL: gathered from due notices, claimed under a lease, finished by whoever holds the claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sikua_chassis.session import Session

_ANY_DUE = "SELECT 1 FROM notice WHERE state = 'waiting' AND parcel_id IS NULL AND due_at <= $1 LIMIT 1"
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.gathering', 0))"
_DUE = """SELECT id, bundle, recipient, channel, address, project_id, owner_role, owner_division, kind, urgent,
  traceparent
FROM notice
WHERE state = 'waiting' AND parcel_id IS NULL AND due_at <= $1 AND bundle IN (
  SELECT bundle FROM notice WHERE state = 'waiting' AND parcel_id IS NULL AND due_at <= $1
  GROUP BY bundle ORDER BY min(position) LIMIT $2)
ORDER BY position"""
_INSERT = """INSERT INTO parcel (id, channel, recipient, address, project_id, notices, state, attempts, written_at,
  traceparent)
VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $7, $8)"""
_PACK = "UPDATE notice SET parcel_id = $1 WHERE id = ANY($2)"
_CLAIM = """UPDATE parcel SET claim_token = $1, claimed_until = $2, attempts = attempts + 1
WHERE id IN (
  SELECT p.id FROM parcel p
  WHERE p.state = 'waiting' AND (p.next_try_at IS NULL OR p.next_try_at <= $3)
    AND (p.claimed_until IS NULL OR p.claimed_until <= $3)
    AND (p.channel <> 'webhook' OR NOT EXISTS (
      SELECT 1 FROM parcel q WHERE q.state = 'waiting' AND q.channel = 'webhook' AND q.address = p.address
        AND q.project_id = p.project_id AND q.position < p.position))
    AND NOT EXISTS (
      SELECT 1 FROM endpoint e WHERE p.channel = 'webhook' AND e.name = p.address AND e.paused_until > $3)
  ORDER BY p.position LIMIT $4 FOR UPDATE OF p SKIP LOCKED)
RETURNING id, channel, recipient, address, project_id, attempts, written_at, traceparent"""
_CONTENTS = """SELECT id, parcel_id, project_id, project_name, step_id, escalation_id, owner_role, owner_division, kind,
  content, recipient, channel, created_at, urgent
FROM notice WHERE parcel_id = ANY($1) AND state = 'waiting'
ORDER BY project_name, project_id, kind, step_id, id"""
_ADDRESSES = "SELECT person, name, email FROM contact WHERE person = ANY($1)"
_ENDPOINTS = """SELECT name, url, secret, CASE WHEN secret_before_until > $2 THEN secret_before END AS secret_before
FROM endpoint WHERE name = ANY($1) AND state = 'enabled'"""
_FINISH = """UPDATE parcel SET state = $3, finished_at = $4, last_answer = $5, claim_token = NULL, claimed_until = NULL
WHERE id = $1 AND claim_token = $2 AND state = 'waiting'"""
_POSTPONE = """UPDATE parcel SET next_try_at = $3, last_answer = $4, claim_token = NULL, claimed_until = NULL
WHERE id = $1 AND claim_token = $2 AND state = 'waiting'"""
_MARK_SENT = "UPDATE notice SET state = 'sent', sent_at = $2 WHERE parcel_id = $1 AND state = 'waiting'"
_MARK_FAILED = """UPDATE notice SET state = 'failed', reason = $2,
  watch_until = CASE WHEN watch_until IS NOT NULL THEN $3::timestamptz END
WHERE parcel_id = $1 AND state = 'waiting'"""
_COUNT = """SELECT (SELECT count(*) FROM notice WHERE state = 'waiting' AND parcel_id IS NULL AND due_at <= $1)
  + (SELECT count(*) FROM parcel WHERE state = 'waiting')"""


@dataclass(frozen=True)
class Claimed:
    """Rows of what was claimed, by parcel, person and endpoint name."""

    parcels: list[Any]
    contents: dict[str, list[Any]]
    people: dict[str, Any]
    endpoints: dict[str, Any]


async def any_due(session: Session) -> bool:
    """Whether some notice's moment has come."""
    return await session.fetchval(_ANY_DUE, session.now) is not None


async def due_notices(session: Session, most_bundles: int) -> list[Any]:
    """Due notices of whole bundles; whoever asks at the same time waits, so that no bundle is torn apart."""
    await session.execute(_ALONE)
    return await session.fetch(_DUE, session.now, most_bundles)


def pack(session: Session, parcel_id: str, rows: Sequence[Any]) -> None:
    """Put notices of one recipient and channel into a parcel."""
    first = rows[0]
    session.gather(
        _INSERT,
        *(parcel_id, first["channel"], first["recipient"], first["address"], first["project_id"], len(rows)),
        *(session.recorded_at, first["traceparent"]),
    )
    session.gather(_PACK, parcel_id, [row["id"] for row in rows])


async def claim(session: Session, token: UUID, lease: timedelta, limit: int) -> Claimed:
    """Take parcels whose turn it is. Of webhooks to one endpoint about one project only the first is ever taken."""
    until = session.recorded_at + lease
    parcels = await session.fetch(_CLAIM, token, until, session.recorded_at, limit)
    if not parcels:
        return Claimed([], {}, {}, {})
    contents: dict[str, list[Any]] = {}
    for row in await session.fetch(_CONTENTS, [parcel["id"] for parcel in parcels]):
        contents.setdefault(row["parcel_id"], []).append(row)
    persons = await session.fetch(_ADDRESSES, sorted({parcel["recipient"] for parcel in parcels}))
    names = sorted({parcel["address"] for parcel in parcels if parcel["channel"] == "webhook"})
    endpoints = await session.fetch(_ENDPOINTS, names, session.recorded_at) if names else []
    return Claimed(parcels, contents, {row["person"]: row for row in persons}, {row["name"]: row for row in endpoints})


async def finish(session: Session, parcel_id: str, token: UUID, *, sent: bool, answer: str) -> bool:
    """End a parcel; False when the claim lapsed and somebody else holds it."""
    state = "sent" if sent else "failed"
    tag = await session.execute(_FINISH, parcel_id, token, state, session.recorded_at, answer)
    return tag == "UPDATE 1"


async def postpone(session: Session, parcel_id: str, token: UUID, next_try_at: datetime, answer: str) -> None:
    """Try a parcel again at a moment; nothing happens when the claim lapsed."""
    await session.execute(_POSTPONE, parcel_id, token, next_try_at, answer)


def mark_sent(session: Session, parcel_id: str) -> None:
    """The parcel's notices were sent, now in business time."""
    session.gather(_MARK_SENT, parcel_id, session.now)


def mark_failed(session: Session, parcel_id: str, reason: str) -> None:
    """The parcel's notices will not arrive; the deputies of urgent ones hear at once."""
    session.gather(_MARK_FAILED, parcel_id, reason, session.now)


async def count_due(session: Session) -> int:
    """Notices whose moment has come and parcels that are not finished, waiting for a retry too."""
    return int(await session.fetchval(_COUNT, session.now))
