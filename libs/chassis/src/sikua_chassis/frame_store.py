"""What the frame itself reads and writes for the people who run a service: the published log, lanes, the outbox, denials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sikua_chassis.bus.port import RECORD_COLUMNS
from sikua_chassis.errors import Conflict, FieldError, Gone, NotFound
from sikua_chassis.session import Session

EVENTS = f"""SELECT position, {RECORD_COLUMNS} FROM published
WHERE position > $1 AND ($2::text IS NULL OR aggregateid = $2) AND ($3::text IS NULL OR aggregatetype = $3)
  AND sequence BETWEEN $4 AND $5 AND ($6 OR headers->>'dataclassification' IN ('L1', 'L2'))
ORDER BY position LIMIT $7"""

STREAMS = """SELECT s.subject, s.sequence - count(o.arrival) AS sequence
FROM stream s LEFT JOIN outbox o ON o.aggregatetype = s.topic AND o.aggregateid = s.subject
WHERE s.topic = $1 AND s.subject > $2 GROUP BY s.topic, s.subject, s.sequence ORDER BY s.subject LIMIT $3"""

LANES = """SELECT l.id, l.consumer, l.source, l.topic, l.subject, l.sequence, l.state, l.cause, l.detail, l.attempts,
  l.since, l.next_try_at,
  (SELECT count(*) FROM held h WHERE h.consumer = l.consumer AND h.source = l.source AND h.topic = l.topic
     AND h.subject = l.subject) AS held
FROM lane l WHERE l.state IS NOT NULL AND ($1::text IS NULL OR l.state = $1) AND l.id > $2 ORDER BY l.id LIMIT $3"""

DENIALS = """SELECT id, at, method, route, ids, sub, reason, times, trace_id FROM denial
WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text IS NULL OR sub = $2) AND ($3::text IS NULL OR reason = $3)
ORDER BY id DESC LIMIT $4"""

QUIETNESS = """SELECT (SELECT count(*) FROM outbox WHERE parked IS NULL) AS outbox,
  (SELECT count(*) FROM outbox WHERE parked IS NOT NULL) AS parked,
  (SELECT min(recordedtime) FROM outbox WHERE parked IS NULL) AS oldest,
  (SELECT last_position FROM publication) AS published,
  (SELECT count(*) FROM lane WHERE state IN ('retrying', 'gap') OR (state = 'waiting' AND next_try_at <= $1)) AS busy"""


async def events(
    session: Session,
    *,
    after: int,
    subject: str | None,
    topic: str | None,
    first: int,
    last: int,
    all_levels: bool,
    limit: int,
) -> list[Any]:
    """Rows of the published log after a position. Raises Gone below the retained floor (delivery rule 10)."""
    floor = await session.fetchval("SELECT retained_from FROM publication")
    if after + 1 < floor:
        raise Gone(
            f"日志从位置 {floor} 起保存 · the log is kept from position {floor} on",
            retained_from=floor,
            snapshot="GET /projects",
        )
    return await session.fetch(EVENTS, after, subject, topic, first, last, all_levels, limit)


async def heads(session: Session, topic: str, after: str, limit: int) -> list[Any]:
    """Subjects of a topic with the last sequence that was published of each, in order of subject."""
    return await session.fetch(STREAMS, topic, after, limit)


async def lanes_not_flowing(session: Session, state: str | None, after: int, limit: int) -> list[Any]:
    """Lanes that are held, with how much of each, oldest id first."""
    return await session.fetch(LANES, state, after, limit)


async def denials(session: Session, before: int | None, sub: str | None, reason: str | None, limit: int) -> list[Any]:
    """Who was turned away, newest first, from before an id on."""
    return await session.fetch(DENIALS, before, sub, reason, limit)


async def redrive(session: Session, lane: int) -> None:
    """Let the lane's worker try again at once. Raises NotFound, or Conflict when the lane flows."""
    row = await session.fetchrow("SELECT state FROM lane WHERE id = $1 FOR UPDATE", lane)
    if row is None:
        raise NotFound(f"没有通道 {lane} · there is no lane {lane}")
    if row["state"] is None:
        raise Conflict(f"通道 {lane} 没有停 · lane {lane} is not held")
    await session.execute(
        "UPDATE lane SET state = 'retrying', attempts = 0, next_try_at = $2 WHERE id = $1", lane, session.recorded_at
    )


async def discard(session: Session, lane: int, sequence: int, reason: str, person: str) -> None:
    """Move the lane past its next event, held or missing, with reason and person. Raises NotFound, Conflict."""
    row = await session.fetchrow("SELECT * FROM lane WHERE id = $1 FOR UPDATE", lane)
    if row is None:
        raise NotFound(f"没有通道 {lane} · there is no lane {lane}")
    expected = row["sequence"] + 1
    if row["state"] is None or sequence != expected:
        raise Conflict(
            "只能舍弃停住的下一条 · only the next event of a held lane can be discarded",
            errors=[FieldError("/sequence", str(expected), str(sequence))],
        )
    key = (row["consumer"], row["source"], row["topic"], row["subject"], sequence)
    held = await session.fetchrow(
        "DELETE FROM held WHERE consumer = $1 AND source = $2 AND topic = $3 AND subject = $4 AND sequence = $5 "
        "RETURNING event_id, record",
        *key,
    )
    await session.execute(
        "INSERT INTO discarded (consumer, source, topic, subject, sequence, record, reason, discarded_by, discarded_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        *key,
        held["record"] if held else None,
        reason,
        person,
        session.recorded_at,
    )
    await session.execute(
        "UPDATE lane SET sequence = $2, last_id = $3, state = 'retrying', attempts = 0, next_try_at = $4 WHERE id = $1",
        lane,
        sequence,
        held["event_id"] if held else None,
        session.recorded_at,
    )


async def quietness(session: Session, now: datetime) -> Any:
    """One row: outbox, parked, oldest, published, busy (lanes that still move by themselves)."""
    return await session.fetchrow(QUIETNESS, now)
