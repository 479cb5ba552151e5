"""The port: records leave in order through `send`, and arrive as batches of one log, read from a given position.

A *log* is what has positions: the published table of one service in the embedded form, one partition of a topic in Kafka.
Positions belong to the consumer's database, never to the bus.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sikua_contracts.envelope import AnyEvent, Event, Level, Said

Model = type[Said]


@dataclass(frozen=True, slots=True)
class Record:
    """One event on the wire: its attributes, and its data still as JSON text."""

    id: str
    source: str
    topic: str
    subject: str
    type: str
    payload: str
    sequence: int
    previousid: str | None
    time: datetime
    recordedtime: datetime
    headers: dict[str, str] = field(default_factory=dict)
    traceparent: str | None = None

    def event(self, model: Model) -> AnyEvent:
        """The typed event. Raises pydantic.ValidationError when the data does not fit the model."""
        return Event.model_construct(
            id=self.id,
            source=self.source,
            type=self.type,
            topic=self.topic,
            subject=self.subject,
            time=self.time,
            recordedtime=self.recordedtime,
            sequence=self.sequence,
            previousid=self.previousid,
            causationid=self.headers.get("causationid"),
            correlationid=self.headers.get("correlationid"),
            traceparent=self.traceparent,
            dataclassification=Level(self.headers.get("dataclassification", "L2")),
            data=model.model_validate_json(self.payload),
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one log after position `start`; handling all of them moves the consumer to `end`."""

    log: str
    start: int
    end: int
    records: Sequence[Record]


class RecordRefused(Exception):
    """The bus will never take this record; its subject is parked in the outbox, visible, and the others go on."""

    def __init__(self, event_id: str, reason: str) -> None:
        super().__init__(f"{event_id}: {reason}")
        self.event_id = event_id
        self.reason = reason


Assigned = Callable[[Sequence[str]], Awaitable[None]]
Revoked = Callable[[Sequence[str]], Awaitable[None]]


class Subscription(Protocol):
    """What one consumer reads. Logs come and go by assignment; the consumer seeks each to its stored position."""

    async def start(self, assigned: Assigned, revoked: Revoked) -> None:
        """Join; `assigned` is called with the logs to read before any of them is fetched."""
        ...

    async def seek(self, log: str, position: int) -> None:
        """Read this log after `position` from now on."""
        ...

    async def fetch(self, limit: int, timeout_seconds: float) -> Batch | None:
        """The next records of one assigned log, or None when there was nothing within the timeout."""
        ...

    async def heads(self) -> dict[str, int]:
        """The last position of each assigned log that carries a subscribed topic."""
        ...

    async def stop(self) -> None:
        """Leave at once; nothing is flushed."""
        ...


class Bus(Protocol):
    """The way between services."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, service: str, records: Sequence[Record]) -> None:
        """Carry records in this order, or raise; RecordRefused names the one that will never go."""
        ...

    def sent(self, service: str) -> None:
        """The relay has marked what was sent: wake the readers."""
        ...

    def subscribe(self, consumer: str, topics: frozenset[str]) -> Subscription: ...


def record_of_row(row: Any) -> Record:
    """A record from a row of `outbox` or `published` (payload selected as text)."""
    return Record(
        id=row["id"],
        source=row["source"],
        topic=row["aggregatetype"],
        subject=row["aggregateid"],
        type=row["type"],
        payload=row["payload"],
        sequence=row["sequence"],
        previousid=row["previousid"],
        time=row["time"],
        recordedtime=row["recordedtime"],
        headers=row["headers"],
        traceparent=row["tracingspancontext"],
    )


RECORD_COLUMNS = (
    "id, source, aggregatetype, aggregateid, type, payload::text AS payload, sequence, previousid, time, recordedtime, "
    "headers, tracingspancontext"
)
