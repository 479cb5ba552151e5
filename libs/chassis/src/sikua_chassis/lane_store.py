"""Reads and writes positions, lanes and held events; every statement here runs in the frame's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from pydantic_core import to_json

from sikua_chassis.array_text import array_text
from sikua_chassis.bus.port import Batch, Record, Unreadable
from sikua_chassis.clock import real_now
from sikua_chassis.gathering import Part
from sikua_chassis.lanes import Cause, Lane, LaneKey, LaneState, key_of

MOVE_POSITION = """UPDATE position SET position = $4, last_id = $5, moved_at = $6
WHERE consumer = $1 AND log = $2 AND position = $3"""

OPEN_BATCH = f"""WITH moved AS ({MOVE_POSITION} RETURNING consumer)
SELECT l.* FROM moved m LEFT JOIN LATERAL (
  SELECT l.source, l.topic, l.subject, l.sequence, l.last_id, l.state, l.cause, l.detail, l.attempts
  FROM lane l JOIN unnest($7::text::text[], $8::text::text[], $9::text::text[]) AS k(source, topic, subject)
    ON l.source = k.source AND l.topic = k.topic AND l.subject = k.subject
  WHERE l.consumer = m.consumer ORDER BY l.source, l.topic, l.subject FOR UPDATE OF l
) l ON true"""
"""The position first, then the lanes in sorted order (delivery rule 15). No row: the position was not where it was read."""

SAVE_LANES = """WITH woken AS (
  UPDATE lane SET next_try_at = $7 WHERE consumer = $1 AND state = 'waiting' AND next_try_at > $7
    AND subject = ANY($8::text::text[])
    AND (source, topic, subject) NOT IN (SELECT * FROM unnest($2::text::text[], $3::text::text[], $4::text::text[]))
) INSERT INTO lane (consumer, source, topic, subject, sequence, last_id, state, cause, detail, next_try_at, since)
SELECT $1, s.source, s.topic, s.subject, s.sequence, nullif(s.last_id, ''), h.state, h.cause, h.detail,
       CASE WHEN h.state IS NULL THEN NULL ELSE $7 + $13::interval END, CASE WHEN h.state IS NULL THEN NULL ELSE $7 END
FROM unnest($2::text::text[], $3::text::text[], $4::text::text[], $5::text::bigint[], $6::text::text[])
     WITH ORDINALITY AS s(source, topic, subject, sequence, last_id, number)
LEFT JOIN unnest($9::bigint[], $10::text[], $11::text[], $12::text[]) AS h(number, state, cause, detail) USING (number)
ON CONFLICT (consumer, source, topic, subject) DO UPDATE
  SET sequence = excluded.sequence, last_id = excluded.last_id, state = excluded.state, cause = excluded.cause,
      detail = excluded.detail,
      next_try_at = CASE WHEN lane.state IS NOT DISTINCT FROM excluded.state THEN lane.next_try_at
                         ELSE excluded.next_try_at END,
      since = CASE WHEN lane.state IS NULL THEN excluded.since ELSE lane.since END"""

MOVE_ON = """WITH stood AS MATERIALIZED (
  SELECT FROM position WHERE consumer = $1 AND log = $2 AND position = $3 FOR UPDATE
), saved AS (
  INSERT INTO lane (consumer, source, topic, subject, sequence, last_id)
  SELECT $1, s.source, s.topic, s.subject, s.sequence, s.last_id FROM stood, unnest($7::text::text[], $8::text::text[],
    $9::text::text[], $10::text::bigint[], $11::text::text[]) AS s(source, topic, subject, sequence, last_id)
  ON CONFLICT (consumer, source, topic, subject) DO UPDATE SET sequence = excluded.sequence, last_id = excluded.last_id
  RETURNING coalesce(old.sequence, 0) AS stood, coalesce(old.last_id, '') AS last_id, old.state
), woken AS (
  UPDATE lane SET next_try_at = $6 WHERE consumer = $1 AND state = 'waiting' AND next_try_at > $6
    AND subject = ANY($14::text::text[]) AND (source, topic, subject) NOT IN
      (SELECT * FROM unnest($7::text::text[], $8::text::text[], $9::text::text[]))
) INSERT INTO position (consumer, log, position, last_id, moved_at)
SELECT $1, $2, CASE WHEN EXISTS (SELECT FROM stood) AND a.flows
  AND (a.stood, a.last_ids) = ($12::text::bigint[], $13::text::text[]) THEN $4::bigint END, $5, $6
FROM (SELECT coalesce(array_agg(stood), '{}') AS stood, coalesce(array_agg(last_id), '{}') AS last_ids,
             count(state) = 0 AS flows FROM saved) a
ON CONFLICT (consumer, log) DO UPDATE
  SET position = excluded.position, last_id = excluded.last_id, moved_at = excluded.moved_at"""
"""Opens and saves a batch whose lanes flow and are known. Where position or lanes were not as they were known there is no new
position, and the table refuses a row without one: nothing of the statement remains. PostgreSQL runs this, the last part of a
statement, before the parts that stand before it, so the order of locks is the same as of OPEN_BATCH."""

HOLD = """INSERT INTO held (consumer, source, topic, subject, sequence, event_id, record, held_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::json, $8) ON CONFLICT DO NOTHING"""

SET_ASIDE = """INSERT INTO discarded (consumer, source, topic, subject, sequence, record, reason, discarded_by, discarded_at)
VALUES ($1, '', $2, $3, $4, $5::text::json, $6, 'sikua', $7)"""

DUE_LANES = """SELECT source, topic, subject FROM lane
WHERE consumer = $1 AND state IS NOT NULL AND state <> 'parked' AND next_try_at <= $2
ORDER BY next_try_at LIMIT $3"""

LOCK_LANE = """SELECT source, topic, subject, sequence, last_id, state, cause, detail, attempts FROM lane
WHERE consumer = $1 AND source = $2 AND topic = $3 AND subject = $4 FOR UPDATE SKIP LOCKED"""

NEXT_HELD = """SELECT sequence, record::text AS record FROM held
WHERE consumer = $1 AND source = $2 AND topic = $3 AND subject = $4 ORDER BY sequence LIMIT $5"""

DROP_HELD = (
    """DELETE FROM held WHERE consumer = $1 AND source = $2 AND topic = $3 AND subject = $4 AND sequence <= $5"""
)

SETTLE_LANE = """UPDATE lane SET sequence = $5, last_id = $6, state = $7, cause = $8, detail = $9, attempts = $10,
  next_try_at = $11, since = CASE WHEN $7::text IS NULL THEN NULL ELSE since END
WHERE consumer = $1 AND source = $2 AND topic = $3 AND subject = $4"""

BEHIND = """SELECT h.subject, coalesce(l.sequence, 0) AS sequence
FROM unnest($4::text[], $5::bigint[]) AS h(subject, sequence)
LEFT JOIN lane l ON l.consumer = $1 AND l.source = $2 AND l.topic = $3 AND l.subject = h.subject
WHERE l.state IS NULL AND h.sequence > coalesce(l.sequence, 0)"""

MARK_BEHIND = """INSERT INTO lane AS l (consumer, source, topic, subject, sequence, state, cause, detail, next_try_at, since)
SELECT $1, $2, $3, h.subject, h.sequence, 'gap', 'gap', 'the last events never came',
       $6::timestamptz + $7::interval, $6::timestamptz
FROM unnest($4::text[], $5::bigint[]) AS h(subject, sequence) ORDER BY h.subject
ON CONFLICT (consumer, source, topic, subject) DO UPDATE
  SET state = 'gap', cause = 'gap', detail = excluded.detail, next_try_at = excluded.next_try_at, since = excluded.since
  WHERE l.state IS NULL AND l.sequence = excluded.sequence
RETURNING subject"""

ASKED_WITHIN = timedelta(seconds=60)
FIRST_DELAY = timedelta(milliseconds=300)


async def position_of(raw: Any, consumer: str, log: str, now: datetime) -> tuple[int, str | None]:
    """The stored position of a log with the event that was read there; 0 for a log never read, whose row is made."""
    await raw.execute(
        "INSERT INTO position (consumer, log, position, moved_at) VALUES ($1, $2, 0, $3) ON CONFLICT DO NOTHING",
        consumer,
        log,
        now,
    )
    row = await raw.fetchrow("SELECT position, last_id FROM position WHERE consumer = $1 AND log = $2", consumer, log)
    return row["position"], row["last_id"]


async def begin_again(raw: Any, consumer: str, log: str, read: int, first: int, now: datetime) -> bool:
    """Move a position whose log has changed to what the log holds now; False when it was moved meanwhile."""
    return bool(await raw.execute(MOVE_POSITION, consumer, log, read, first, None, now) == "UPDATE 1")


async def lanes_behind(raw: Any, consumer: str, source: str, topic: str, heads: Mapping[str, int]) -> dict[str, int]:
    """Of these streams (subject → head) those whose lane flows and has not come so far: subject → where it stands."""
    rows = await raw.fetch(BEHIND, consumer, source, topic, list(heads), list(heads.values()))
    return {row["subject"]: row["sequence"] for row in rows}


async def mark_behind(
    raw: Any, consumer: str, source: str, topic: str, behind: Mapping[str, int], now: datetime
) -> list[str]:
    """Hold lanes that still stand there until their source was asked; the subjects of those that do."""
    rows = await raw.fetch(MARK_BEHIND, consumer, source, topic, list(behind), list(behind.values()), now, ASKED_WITHIN)
    return [row["subject"] for row in rows]


async def open_batch(raw: Any, consumer: str, batch: Batch, now: datetime) -> dict[LaneKey, Lane] | None:
    """Move the position over this batch and lock its lanes; a stream never seen gets a fresh one. None: it has moved."""
    wanted = sorted({key_of(record) for record in batch.records})
    columns = [array_text(column) for column in zip(*wanted, strict=True)] or ["{}", "{}", "{}"]
    rows = await raw.fetch(OPEN_BATCH, consumer, batch.log, batch.start, batch.end, batch.last_id, now, *columns)
    if not rows:
        return None
    lanes = {key: Lane(*key) for key in wanted}
    for row in rows:
        if row["subject"] is not None:
            lane = lane_of(row)
            lanes[lane.key] = lane
    return lanes


def lane_of(row: Any) -> Lane:
    """A lane from its row."""
    return Lane(
        source=row["source"],
        topic=row["topic"],
        subject=row["subject"],
        sequence=row["sequence"],
        last_id=row["last_id"],
        state=LaneState(row["state"]) if row["state"] else None,
        cause=Cause(row["cause"]) if row["cause"] else None,
        detail=row["detail"],
        attempts=row["attempts"],
    )


def saving(consumer: str, lanes: Iterable[Lane], woken: Sequence[str], now: datetime) -> Part:
    """The statement that writes lanes in sorted order and wakes the waiting lanes of subjects that made progress."""
    ordered = sorted(lanes, key=lambda lane: lane.key)
    held = [(number, lane) for number, lane in enumerate(ordered, start=1) if lane.state is not None]
    return SAVE_LANES, (
        consumer,
        array_text([lane.source for lane in ordered]),
        array_text([lane.topic for lane in ordered]),
        array_text([lane.subject for lane in ordered]),
        array_text([str(lane.sequence) for lane in ordered]),
        array_text([lane.last_id or "" for lane in ordered]),
        now,
        array_text(woken),
        [number for number, _ in held],
        [lane.state for _, lane in held],
        [lane.cause for _, lane in held],
        [lane.detail for _, lane in held],
        FIRST_DELAY,
    )


def moving(
    consumer: str,
    batch: Batch,
    known: Mapping[LaneKey, tuple[int, str | None]],
    lanes: Iterable[Lane],
    woken: Sequence[str],
) -> Part:
    """The statement that moves over a batch whose lanes still stand where they are known to (sequence, id), and flow.

    Where they don't the server refuses it: `is_refused`.
    """
    ordered = sorted(lanes, key=lambda lane: lane.key)
    places = [known[lane.key] for lane in ordered]
    return MOVE_ON, (
        consumer,
        batch.log,
        batch.start,
        batch.end,
        batch.last_id,
        real_now(),
        array_text([lane.source for lane in ordered]),
        array_text([lane.topic for lane in ordered]),
        array_text([lane.subject for lane in ordered]),
        array_text([str(lane.sequence) for lane in ordered]),
        array_text([lane.last_id or "" for lane in ordered]),
        array_text([str(sequence) for sequence, _ in places]),
        array_text([last_id or "" for _, last_id in places]),
        array_text(woken),
    )


def is_refused(failure: asyncpg.NotNullViolationError) -> bool:
    """Whether it says that position or lanes are not as they were known."""
    return (failure.table_name, failure.column_name) == ("position", "position")


def held_row(consumer: str, record: Record, now: datetime) -> tuple[Any, ...]:
    """Arguments of HOLD."""
    return (
        consumer,
        record.source,
        record.topic,
        record.subject,
        record.sequence,
        record.id,
        to_json(record._asdict()).decode(),
        now,
    )


def aside_row(consumer: str, found: Unreadable, now: datetime) -> tuple[Any, ...]:
    """Arguments of SET_ASIDE; the position in the log stands for the sequence it does not have."""
    kept = to_json(found.found).decode()
    return (consumer, found.topic, found.subject, found.position, kept, found.reason, now)


def record_of_held(text: str) -> Record:
    """The record as it was held."""
    fields = json.loads(text)
    for name in ("time", "recordedtime"):
        fields[name] = datetime.fromisoformat(fields[name])
    return Record(**fields)
