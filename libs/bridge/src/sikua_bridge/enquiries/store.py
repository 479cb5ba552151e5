"""Enquiries: one row per dataset and key, due in business time, retried in real time, claimed under a lease."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sikua_chassis.session import Session
from sikua_contracts.envelope import new_id

from sikua_bridge.datasets import KeyKind
from sikua_bridge.projects.keys import Wanted
from sikua_bridge.tools import BridgeTools


class EnquiryState(StrEnum):
    """What the last asking brought."""

    WAITING = "waiting"
    FOUND = "found"
    NOT_FOUND = "not_found"
    NOT_YET = "not_yet"
    REFUSED = "refused"
    QUARANTINED = "quarantined"
    AWAY = "away"


NOTHING = frozenset({EnquiryState.NOT_FOUND, EnquiryState.NOT_YET, EnquiryState.REFUSED, EnquiryState.AWAY})
"""States in which it was said that a department had nothing to say."""


@dataclass(frozen=True)
class Before:
    """How an enquiry stood before it was finished."""

    state: EnquiryState
    reason: str | None


@dataclass(frozen=True)
class Claimed:
    """An enquiry taken for asking. `attempts` is the number of this attempt, from 1."""

    enquiry_id: str
    dataset: str
    kind: KeyKind
    key: str
    attempts: int
    token: uuid.UUID
    traceparent: str | None


_SHOWN = """enquiry_id, dataset, key_kind, key, state, ask_at, retry_at, attempts, asked_at, answered_at, reason, fault,
  asked_by, created_at"""

_WANTED = """EXISTS (SELECT FROM link JOIN known_project USING (project_id)
  WHERE link.key_kind = enquiry.key_kind AND link.key = enquiry.key AND active AND link.state IN ('certain', 'confirmed'))"""


def open_enquiries(session: Session, wanted: Sequence[Wanted]) -> None:
    """Open the enquiries that are not there yet or rest, due at once. The caller holds the locks of their keys."""
    if not wanted:
        return
    listed = sorted({(each.dataset, each.kind.value, each.key) for each in wanted})
    session.gather(
        """INSERT INTO enquiry (enquiry_id, dataset, key_kind, key, state, ask_at, attempts, traceparent, created_at)
        SELECT wanted.id, wanted.dataset, wanted.key_kind, wanted.key, 'waiting', $5, 0, $6, $5
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS wanted(id, dataset, key_kind, key)
        ON CONFLICT (dataset, key_kind, key) DO UPDATE SET ask_at = excluded.ask_at WHERE enquiry.ask_at IS NULL""",
        [new_id() for _ in listed],
        *([each[place] for each in listed] for place in range(3)),
        session.now,
        session.traceparent,
    )


async def rest(session: Session, keys: Iterable[tuple[str, str]]) -> None:
    """Let the enquiries by these keys rest that no active project wants any more. The caller holds the locks."""
    listed = sorted(set(keys))
    await session.execute(
        f"""UPDATE enquiry SET ask_at = NULL FROM unnest($1::text[], $2::text[]) AS ended(key_kind, key)
        WHERE enquiry.key_kind = ended.key_kind AND enquiry.key = ended.key AND NOT {_WANTED}""",
        [kind for kind, _ in listed],
        [key for _, key in listed],
    )


async def ask_now(session: Session, wanted: Wanted, by: str) -> Any:
    """Open an enquiry, or make the one there due at once, by order of a person."""
    return await session.fetchrow(
        f"""INSERT INTO enquiry (enquiry_id, dataset, key_kind, key, state, ask_at, attempts, asked_by, traceparent, created_at)
        VALUES ($1, $2, $3, $4, 'waiting', $5, 0, $6, $7, $5)
        ON CONFLICT (dataset, key_kind, key) DO UPDATE
          SET ask_at = excluded.ask_at, asked_by = excluded.asked_by, retry_at = NULL, attempts = 0,
            traceparent = excluded.traceparent
        RETURNING {_SHOWN}""",
        new_id(),
        wanted.dataset,
        wanted.kind.value,
        wanted.key,
        session.now,
        by,
        session.traceparent,
    )


async def kinds_asked(session: Session, project_id: str) -> dict[str, KeyKind]:
    """By which kind of key each dataset is asked for this project, where that kind may still bring or has brought rows.

    A department that does not know the project by its name may know it by the code that an officer enters later.
    """
    rows = await session.fetch(
        """SELECT DISTINCT enquiry.dataset, enquiry.key_kind FROM enquiry
        JOIN link ON link.key_kind = enquiry.key_kind AND link.key = enquiry.key
        WHERE link.project_id = $1 AND link.state IN ('certain', 'confirmed')
          AND enquiry.state IN ('waiting', 'found', 'away', 'quarantined') ORDER BY 1, 2""",
        project_id,
    )
    found: dict[str, KeyKind] = {}
    for row in rows:
        found.setdefault(row["dataset"], KeyKind(row["key_kind"]))
    return found


async def claim(session: Session, limit: int) -> Sequence[Claimed]:
    """Take due enquiries, longest due first, no more than can be asked at once, for as long as asking takes."""
    tools: BridgeTools = session.tools
    token = uuid.uuid4()
    rows = await session.fetch(
        """UPDATE enquiry SET claim_token = $1, claimed_until = $2, attempts = attempts + 1
        WHERE enquiry_id IN (
          SELECT enquiry_id FROM enquiry
          WHERE ask_at <= $3 AND (retry_at IS NULL OR retry_at <= $4) AND (claimed_until IS NULL OR claimed_until < $4)
          ORDER BY ask_at, dataset, key LIMIT $5 FOR UPDATE SKIP LOCKED)
        RETURNING enquiry_id, dataset, key_kind, key, attempts, traceparent""",
        token,
        session.recorded_at + timedelta(seconds=tools.gateway.lease_seconds),
        session.now,
        session.recorded_at,
        min(limit, tools.gateway.most_at_once),
    )
    return [
        Claimed(
            row["enquiry_id"],
            row["dataset"],
            KeyKind(row["key_kind"]),
            row["key"],
            row["attempts"],
            token,
            row["traceparent"],
        )
        for row in rows
    ]


async def due(session: Session) -> int:
    """Enquiries that are due in business time, those in flight and those waiting for a retry among them."""
    return int(await session.fetchval("SELECT count(*) FROM enquiry WHERE ask_at <= $1", session.now))


async def finish(
    session: Session, claimed: Claimed, state: EnquiryState, reason: str | None, ask_at: datetime
) -> Before | None:
    """Write what the asking brought; how it stood before. None when the claim is no longer ours: then nothing may be stated.

    It is asked again at `ask_at`, or rests when no active project wants it. The caller holds the lock of the key.
    """
    before = await session.fetchrow(
        f"""WITH before AS (SELECT enquiry_id, state, reason FROM enquiry WHERE enquiry_id = $1 AND claim_token = $2 FOR UPDATE)
        UPDATE enquiry SET state = $3, reason = $4, ask_at = CASE WHEN {_WANTED} THEN $5::timestamptz END,
          retry_at = NULL, attempts = 0,
          fault = CASE WHEN $3 = 'away' THEN fault END, asked_at = $6, claim_token = NULL, claimed_until = NULL,
          answered_at = CASE WHEN $3 = 'away' THEN answered_at ELSE $6 END
        FROM before WHERE enquiry.enquiry_id = before.enquiry_id RETURNING before.state, before.reason""",
        claimed.enquiry_id,
        claimed.token,
        state.value,
        reason,
        ask_at,
        session.now,
    )
    return Before(EnquiryState(before["state"]), before["reason"]) if before is not None else None


async def retry(session: Session, claimed: Claimed, fault: str, retry_at: datetime) -> None:
    """Let it be tried again at this moment of real time."""
    await session.execute(
        """UPDATE enquiry SET retry_at = $3, fault = $4, claim_token = NULL, claimed_until = NULL
        WHERE enquiry_id = $1 AND claim_token = $2""",
        claimed.enquiry_id,
        claimed.token,
        retry_at,
        fault,
    )


async def listed(
    session: Session,
    *,
    dataset: str | None,
    state: str | None,
    key: str | None,
    after: Sequence[Any] | None,
    limit: int,
) -> Sequence[Any]:
    """Enquiries by id, `limit` + 1 of them."""
    return await session.fetch(
        f"""SELECT {_SHOWN} FROM enquiry
        WHERE ($1::text IS NULL OR dataset = $1) AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR key = $3)
          AND ($4::text IS NULL OR enquiry_id > $4)
        ORDER BY enquiry_id LIMIT $5""",
        dataset,
        state,
        key,
        after[0] if after else None,
        limit + 1,
    )
