"""Unreadable input with its reason: whole, with the hash of it, counted when it comes again, kept for a person to release."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sikua_chassis.session import Session
from sikua_contracts.envelope import new_id

from sikua_bridge.answers import Row
from sikua_bridge.datasets import KeyKind
from sikua_bridge.fields import storable

LONGEST_RAW = 2_000_000
_LONGEST_REASON = 1000


class QuarantineState(StrEnum):
    """Open until a person says what was done (resolved) or lets it go on its way (released)."""

    OPEN = "open"
    RESOLVED = "resolved"
    RELEASED = "released"


class Form(StrEnum):
    """What was kept: one row of a dataset as JSON, or a whole answer as text."""

    ROW = "row"
    ANSWER = "answer"


@dataclass(frozen=True)
class Origin:
    """Whence something came: door, dataset, the key asked by (none for a push), batch, and whether it is made up."""

    source: str
    dataset: str
    key_kind: KeyKind | None = None
    key: str = ""
    batch_id: str | None = None
    simulated: bool = False


_SHOWN = """quarantine_id, source, form, dataset, key_kind, key, simulated, reason, raw_hash, batch_id, state, times,
  first_received_at, last_received_at, resolution, resolved_by, resolved_at"""


async def keep_answer(session: Session, origin: Origin, reason: str, raw: str) -> None:
    """Keep an answer as it came, or count it when the same came before for the same key."""
    await _keep(session, origin, Form.ANSWER, reason, raw)


async def keep_row(session: Session, origin: Origin, reason: str, row: Row) -> None:
    """Keep one row of a readable answer or push, or count it when it came before."""
    await _keep(session, origin, Form.ROW, reason, json.dumps(row, ensure_ascii=False, default=str))


async def _keep(session: Session, origin: Origin, form: Form, reason: str, raw: str) -> None:
    kept = storable(raw, LONGEST_RAW)
    await session.execute(
        """INSERT INTO quarantine (quarantine_id, source, form, dataset, key_kind, key, simulated, reason, raw, raw_hash,
          batch_id, state, times, first_received_at, last_received_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open', 1, $12, $12)
        ON CONFLICT (dataset, key, raw_hash) DO UPDATE
          SET times = quarantine.times + 1, last_received_at = excluded.last_received_at""",
        new_id(),
        origin.source,
        form.value,
        origin.dataset,
        origin.key_kind.value if origin.key_kind is not None else None,
        origin.key,
        origin.simulated,
        storable(reason, _LONGEST_REASON),
        kept,
        hashlib.sha256(kept.encode()).hexdigest(),
        origin.batch_id,
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


async def locked(session: Session, quarantine_id: str) -> Any | None:
    """One row with its text, held until commit."""
    return await session.fetchrow(
        f"SELECT {_SHOWN}, raw FROM quarantine WHERE quarantine_id = $1 FOR UPDATE", quarantine_id
    )


async def close(session: Session, quarantine_id: str, state: QuarantineState, resolution: str, by: str) -> Any:
    """Close it with a person's word."""
    return await session.fetchrow(
        f"""UPDATE quarantine SET state = $2, resolution = $3, resolved_by = $4, resolved_at = $5
        WHERE quarantine_id = $1 RETURNING {_SHOWN}""",
        quarantine_id,
        state.value,
        resolution,
        by,
        session.now,
    )
