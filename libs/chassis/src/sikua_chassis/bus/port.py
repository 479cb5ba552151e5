"""The port: records leave in order through `send`, and arrive as batches of one log, read from a given position.

A *log* is what has positions: the published table of one service in the embedded form, one partition of a topic in Kafka.
Positions belong to the consumer's database, never to the bus.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sikua_contracts.envelope import AnyEvent, Event, Level, Said

Model = type[Said]


class Record(NamedTuple):
    """One event on the wire: its attributes, and its data still as JSON text.

    `traceparent` is the span in which the event arose, or by which it came; `hop` the span that sends it, where there is one.
    """

    # A tuple, because one is made for each event: a frozen dataclass takes several times as long.

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
    headers: Mapping[str, str] = {}
    traceparent: str | None = None
    hop: str | None = None

    @property
    def causationid(self) -> str | None:
        """The event that made this one happen."""
        return self.headers.get("causationid")

    @property
    def correlationid(self) -> str | None:
        """The event at the beginning of the chain."""
        return self.headers.get("correlationid")

    @property
    def dataclassification(self) -> Level:
        """The highest level its data may carry."""
        return _LEVELS[self.headers.get("dataclassification", Level.L2)]

    def event(self, model: Model) -> AnyEvent:
        """The typed event. Raises pydantic.ValidationError when the data does not fit the model."""
        named = self.headers.get
        return _trusted(
            {
                "id": self.id,
                "source": self.source,
                "type": self.type,
                "topic": self.topic,
                "subject": self.subject,
                "time": self.time,
                "recordedtime": self.recordedtime,
                "sequence": self.sequence,
                "previousid": self.previousid,
                "causationid": named("causationid"),
                "correlationid": named("correlationid"),
                "traceparent": self.traceparent,
                "dataclassification": self.dataclassification,
                "data": model.model_validate_json(self.payload),
            }
        )


_LEVELS: dict[str, Level] = {level.value: level for level in Level}
_ALL_FIELDS = set(Event.model_fields)


def _trusted(fields: dict[str, Any]) -> AnyEvent:
    """What `model_construct` makes of all fields, without its walk over them, which costs more than reading the data."""
    event: AnyEvent = Event.__new__(Event)
    object.__setattr__(event, "__dict__", fields)
    object.__setattr__(event, "__pydantic_fields_set__", _ALL_FIELDS)
    object.__setattr__(event, "__pydantic_extra__", None)
    object.__setattr__(event, "__pydantic_private__", None)
    return event


Placed = tuple[int, Record]
"""A record and its position in a log."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in a log that is no event of ours: where it lies, its key, why it can't be read, and what it is."""

    position: int
    topic: str
    subject: str
    reason: str
    found: dict[str, str]


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one log after position `start`; handling all of them moves the consumer to `end`."""

    log: str
    start: int
    end: int
    records: Sequence[Record]
    unreadable: Sequence[Unreadable] = ()

    @property
    def last_id(self) -> str | None:
        """The event at position `end`; None when what lies there is none."""
        if not self.records or (self.unreadable and self.unreadable[-1].position == self.end):
            return None
        return self.records[-1].id


class LogChanged(Exception):
    """A log no longer holds what was read last: it was purged or made anew. `first` is the position before all it holds."""

    def __init__(self, log: str, first: int, reason: str) -> None:
        super().__init__(f"{log}: {reason}")
        self.log = log
        self.first = first
        self.reason = reason


class RecordRefused(Exception):
    """The bus will never take this record; its subject is parked in the outbox, visible, and the others go on."""

    def __init__(self, event_id: str, reason: str) -> None:
        super().__init__(f"{event_id}: {reason}")
        self.event_id = event_id
        self.reason = reason


Assigned = Callable[[Sequence[str]], Awaitable[None]]
Revoked = Callable[[Sequence[str]], Awaitable[None]]


class Subscription(Protocol):
    """What one consumer reads. Logs come and go by assignment; the consumer seeks each to its stored position.

    Where the bus is away, every call raises EnvironmentFault within its time; the next one tries again.
    """

    async def start(self, assigned: Assigned, revoked: Revoked) -> None:
        """Join. From now on `assigned` is told of all logs to read, each time they change, and `revoked` of those lost.

        Both may be called at any time, also while `fetch` waits, and must return soon.
        """
        ...

    async def seek(self, log: str, position: int, last_id: str | None = None) -> None:
        """Read this log after `position` from now on; no log is fetched before. A log that is not ours is left alone.

        `last_id` is the event that was read at `position`; a bus that can lose records checks that it still is there.
        """
        ...

    async def fetch(self, limit: int, timeout_seconds: float) -> Batch | None:
        """The next records of one log, or None when there was nothing within the timeout. Raises LogChanged."""
        ...

    def hold_back(self) -> None:
        """Compute nothing for what comes next until `go_on`: a batch is being handled, and whatever runs beside it delays it."""
        ...

    def go_on(self) -> None:
        """The batch is with the database: there is time to compute for the next one."""
        ...

    async def heads(self) -> dict[str, int]:
        """The last position of each log that carries a subscribed topic, whoever reads it."""
        ...

    async def stop(self) -> None:
        """Leave at once; nothing is flushed."""
        ...


class Bus(Protocol):
    """The way between services. `hops`: records cross a wire, which shows in their traces. `carries`: they are copied.

    A bus that carries nothing reads what is marked as published where it lies; it is never asked to `send`.
    """

    @property
    def hops(self) -> bool: ...

    @property
    def carries(self) -> bool: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, service: str, records: Sequence[Record]) -> None:
        """Carry records in this order, or raise; RecordRefused names the one that will never go."""
        ...

    def is_read_here(self, service: str) -> bool:
        """Whether readers in this process take from the relay what it has marked."""
        ...

    def sent(self, service: str, marked: Sequence[Placed] = ()) -> None:
        """The relay has marked what was sent: wake the readers, and hand them what was marked, where it is known.

        `marked` is all that stands in the log from its first to its last position.
        """
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
