"""Events leave with the state they speak of: written in the same transaction, numbered without a gap per stream.

The counter of a stream is raised in the statement that writes its events and stays locked until commit, so sequence order
is commit order. Columns keep Debezium's names (outbox event router), so that change data capture may send them instead.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from sikua_contracts.envelope import AnyEvent, Event, Said, SaidT, new_id

from sikua_chassis.gathering import Part
from sikua_chassis.session import Session

SHARDS = 16

WRITE_EVENTS = """WITH bumped AS (
  INSERT INTO stream AS s (topic, subject, sequence, last_id)
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
  ON CONFLICT (topic, subject) DO UPDATE
    SET sequence = s.sequence + excluded.sequence, prior_id = s.last_id, last_id = excluded.last_id
  RETURNING topic, subject, sequence, prior_id
) INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, source, sequence, previousid, time, recordedtime,
                      headers, tracingspancontext, shard)
SELECT e.id, e.topic, e.subject, e.type, e.payload::json, e.source, b.sequence - e.behind,
       coalesce(e.previousid, b.prior_id), e.time, e.recordedtime, e.headers::json, e.traceparent, e.shard
FROM unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::text[],
            $13::timestamptz[], $14::timestamptz[], $15::text[], $16::text[], $17::smallint[])
     WITH ORDINALITY AS e(id, topic, subject, type, payload, source, behind, previousid, time, recordedtime, headers,
                          traceparent, shard, ordinal)
JOIN bumped b ON b.topic = e.topic AND b.subject = e.subject
ORDER BY e.ordinal"""

WRITE_EVENT = """WITH bumped AS (
  INSERT INTO stream AS s (topic, subject, sequence, last_id) VALUES ($1, $2, 1, $3)
  ON CONFLICT (topic, subject) DO UPDATE
    SET sequence = s.sequence + 1, prior_id = s.last_id, last_id = excluded.last_id
  RETURNING sequence, prior_id
) INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, source, sequence, previousid, time, recordedtime,
                      headers, tracingspancontext, shard)
SELECT $3, $1, $2, $4, $5::text::json, $6, b.sequence, b.prior_id, $7::timestamptz, $8::timestamptz,
       $9::text::json, $10, $11::smallint
FROM bumped b"""
"""The same for one event, which is what most requests say: plain values cost driver and server half of what arrays of one do."""


def publish(session: Session, said: SaidT) -> Event[SaidT]:
    """Say something. It leaves when, and only when, the unit of work commits. There is no other way to publish."""
    cause = session.cause
    event: Event[SaidT] = Event(
        id=new_id(),
        source=session.source,
        type=said.type,
        topic=said.topic,
        subject=said.subject(),
        time=session.now,
        recordedtime=session.recorded_at,
        sequence=0,
        previousid=None,
        causationid=cause.id if cause else None,
        correlationid=(cause.correlationid or cause.id) if cause else None,
        traceparent=session.traceparent,
        dataclassification=said.level,
        data=said,
    )
    session.gathering.events.append(event)
    return event


def shard_of(subject: str) -> int:
    """The shard of a subject, 0 … 15; fixed for ever, because rows are stored with it."""
    return zlib.crc32(subject.encode()) % SHARDS


def write_events(events: Sequence[AnyEvent]) -> Part | None:
    """The one statement that numbers and writes these events, streams in sorted order; None for no events."""
    if not events:
        return None
    if len(events) == 1:
        return WRITE_EVENT, _values(events[0])
    streams: dict[tuple[str, str], list[AnyEvent]] = {}
    for event in events:
        streams.setdefault((event.topic, event.subject), []).append(event)
    counters = sorted(streams)
    behind: dict[str, int] = {}
    previous: dict[str, str | None] = {}
    for stream in streams.values():
        for index, event in enumerate(stream):
            behind[event.id] = len(stream) - 1 - index
            previous[event.id] = stream[index - 1].id if index else None
    columns: list[list[Any]] = [
        [topic for topic, _ in counters],
        [subject for _, subject in counters],
        [len(streams[key]) for key in counters],
        [streams[key][-1].id for key in counters],
        [event.id for event in events],
        [event.topic for event in events],
        [event.subject for event in events],
        [event.type for event in events],
        [_payload(event.data) for event in events],
        [event.source for event in events],
        [behind[event.id] for event in events],
        [previous[event.id] for event in events],
        [event.time for event in events],
        [event.recordedtime for event in events],
        [_headers(event) for event in events],
        [event.traceparent for event in events],
        [shard_of(event.subject) for event in events],
    ]
    return WRITE_EVENTS, tuple(columns)


def _values(event: AnyEvent) -> tuple[Any, ...]:
    return (
        event.topic,
        event.subject,
        event.id,
        event.type,
        _payload(event.data),
        event.source,
        event.time,
        event.recordedtime,
        _headers(event),
        event.traceparent,
        shard_of(event.subject),
    )


def _payload(said: Said) -> str:
    return said.model_dump_json()


def _headers(event: AnyEvent) -> str:
    named = {
        "causationid": event.causationid,
        "correlationid": event.correlationid,
        "dataclassification": event.dataclassification.value,
    }
    return "{" + ",".join(f'"{name}":"{text}"' for name, text in named.items() if text is not None) + "}"
