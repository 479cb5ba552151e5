"""Unreadable input with its reason: text bounded, hash of the whole, counted when it comes again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sikua_chassis.session import Session
from sikua_contracts.envelope import new_id
from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from sikua_bridge.tables import BridgeTable

LONGEST_RAW = 4000


class QuarantineRow(BridgeTable, table=True):
    """One thing that could not be read. `source` says through which door it came: enquiry or receive."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("dataset", "key", "raw_hash"),)

    quarantine_id: str = Field(primary_key=True)
    source: str
    dataset: str
    key: str
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


_SHOWN = """quarantine_id, source, dataset, key, reason, raw_hash, batch_id, state, times, first_received_at,
  last_received_at, resolution, resolved_by, resolved_at"""


async def keep(
    session: Session, *, source: str, dataset: str, key: str, reason: str, raw: str, batch_id: str | None = None
) -> None:
    """Keep it, or count it when the same text came before for the same key."""
    storable = raw.replace("\x00", "�").encode("utf-8", "replace").decode()
    await session.execute(
        """INSERT INTO quarantine (quarantine_id, source, dataset, key, reason, raw, raw_hash, batch_id, state, times,
          first_received_at, last_received_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', 1, $9, $9)
        ON CONFLICT (dataset, key, raw_hash) DO UPDATE
          SET times = quarantine.times + 1, last_received_at = excluded.last_received_at""",
        new_id(),
        source,
        dataset,
        key,
        reason[:1000],
        storable[:LONGEST_RAW],
        hashlib.sha256(storable.encode()).hexdigest(),
        batch_id,
        session.now,
    )


async def listed(session: Session, *, state: str | None, after: Sequence[Any] | None, limit: int) -> Sequence[Any]:
    """Rows without their text, by id, `limit` + 1 of them."""
    return await session.fetch(
        f"""SELECT {_SHOWN} FROM quarantine
        WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR quarantine_id > $2)
        ORDER BY quarantine_id LIMIT $3""",
        state,
        after[0] if after else None,
        limit + 1,
    )


async def get(session: Session, quarantine_id: str) -> Any | None:
    """One row with its text."""
    return await session.fetchrow(f"SELECT {_SHOWN}, raw FROM quarantine WHERE quarantine_id = $1", quarantine_id)


async def resolve(session: Session, quarantine_id: str, resolution: str, by: str) -> Any | None:
    """Close it with a person's word; None when it is not open."""
    return await session.fetchrow(
        f"""UPDATE quarantine SET state = 'resolved', resolution = $2, resolved_by = $3, resolved_at = $4
        WHERE quarantine_id = $1 AND state = 'open' RETURNING {_SHOWN}""",
        quarantine_id,
        resolution,
        by,
        session.now,
    )


async def keep_row(
    session: Session, source: str, dataset: str, key: str, reason: str, row: Any, batch_id: str | None = None
) -> None:
    """Keep one row of a readable answer."""
    raw = json.dumps(row, ensure_ascii=False, default=str)
    await keep(session, source=source, dataset=dataset, key=key, reason=reason, raw=raw, batch_id=batch_id)
