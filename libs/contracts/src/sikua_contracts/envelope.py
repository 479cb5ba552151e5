"""The envelope: every event is a CloudEvents 1.0 event about one subject, in one gapless stream.

A *stream* is (source, topic, subject); `sequence` counts it from 1 without a gap and `previousid` names the event before.
Business time is `time`, the clock on the wall is `recordedtime`. Source: CloudEvents 1.0.2, extensions sequence, recordedtime,
correlation, distributed tracing, data classification.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import uuid_utils
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

SPEC_VERSION = "1.0"
SEQUENCE_DIGITS = 12


class Level(StrEnum):
    """Data level (GB/T 43697-2024, split as usual): L1 open within government … L4 highly sensitive."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"


class Said(BaseModel):
    """The data of one event type. A subclass says its type, its topic and the level it may carry."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_timedelta="iso8601")

    type: ClassVar[str]
    topic: ClassVar[str]
    level: ClassVar[Level] = Level.L2

    def subject(self) -> str:
        """The Kafka key: what the event is about. Events of one project share its id."""
        raise NotImplementedError


SaidT = TypeVar("SaidT", bound=Said)


class Event(BaseModel, Generic[SaidT]):
    """One event as it travels. `sequence` is 0 until the unit of work that says it commits."""

    model_config = ConfigDict(frozen=True)

    id: str
    source: str
    type: str
    topic: str
    subject: str
    time: AwareDatetime
    recordedtime: AwareDatetime
    sequence: int = Field(default=0, ge=0)
    previousid: str | None = None
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None
    dataclassification: Level = Level.L2
    data: SaidT

    def attributes(self) -> dict[str, str]:
        """CloudEvents attributes as text, without `data`; what Kafka carries as `ce_…` headers."""
        return attributes_of(self)


class Enveloped(Protocol):
    """What has the attributes of our events, whatever form its data is in."""

    @property
    def id(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def time(self) -> datetime: ...
    @property
    def recordedtime(self) -> datetime: ...
    @property
    def sequence(self) -> int: ...
    @property
    def previousid(self) -> str | None: ...
    @property
    def causationid(self) -> str | None: ...
    @property
    def correlationid(self) -> str | None: ...
    @property
    def traceparent(self) -> str | None: ...
    @property
    def dataclassification(self) -> Level: ...


def attributes_of(event: Enveloped) -> dict[str, str]:
    """CloudEvents attributes as text; those that are not there are left out."""
    named = {
        "specversion": SPEC_VERSION,
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.subject,
        "time": _rfc3339(event.time),
        "recordedtime": _rfc3339(event.recordedtime),
        "sequence": str(event.sequence).zfill(SEQUENCE_DIGITS),
    }
    for name, text in (
        ("previousid", event.previousid),
        ("causationid", event.causationid),
        ("correlationid", event.correlationid),
        ("traceparent", event.traceparent),
    ):
        if text is not None:
            named[name] = text
    named["dataclassification"] = event.dataclassification.value
    return named


def new_id() -> str:
    """A fresh UUIDv7 as text (RFC 9562 §5.7). Ids sort roughly by age, but nothing is ordered by them."""
    return str(uuid_utils.uuid7())


def source_of(service: str, division: str = "370200") -> str:
    """CloudEvents `source` of a service: `urn:cn:org:<division>:system:sikua-<service>` (NL-GOV form, our naming)."""
    return f"urn:cn:org:{division}:system:sikua-{service}"


def _rfc3339(moment: datetime) -> str:
    universal = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return universal.isoformat()[: -len("+00:00")] + "Z"


AnyEvent = Event[Any]
