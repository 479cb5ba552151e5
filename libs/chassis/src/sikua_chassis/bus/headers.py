"""CloudEvents on Kafka, to the letter: binary mode out, binary and structured mode in.

Source: CloudEvents Kafka protocol binding 1.0.2 §3. Attributes are `ce_…` headers, `datacontenttype` is `content-type`, the
value is the data as it is, the key is the subject. `traceparent` beside `ce_traceparent` is the hop's own (W3C Trace Context).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from pydantic_core import to_json
from sikua_contracts.envelope import SPEC_VERSION, Level, attributes_of

from sikua_chassis.bus.port import Record, Unreadable

PREFIX = "ce_"
CONTENT_TYPE = "content-type"
TRACEPARENT = "traceparent"
JSON = "application/json"
_CONTENT = (CONTENT_TYPE, JSON.encode())
STRUCTURED = "application/cloudevents"
LARGEST_SEQUENCE = 2**63 - 1
REQUIRED = ("id", "source", "type", "subject", "time", "sequence")
DATA = ("data", "data_base64")
_KEPT = ("causationid", "correlationid", "dataclassification")
_NAMED = {
    name: PREFIX + name for name in ("specversion", *REQUIRED, "recordedtime", "previousid", "traceparent", *_KEPT)
}
_SPELT = frozenset((*_NAMED.values(), CONTENT_TYPE, TRACEPARENT))
_LEVELS = frozenset(level.value for level in Level)
_OURS = tuple((name, _NAMED[name]) for name in _KEPT)
_required_of = itemgetter(*(_NAMED[name] for name in REQUIRED))

Headers = Iterable[tuple[str, bytes | None]]
"""As the client gives them: Kafka allows a header without a value (None), which says nothing."""


@dataclass(frozen=True, slots=True)
class Message:
    """One record as Kafka carries it."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class NotAnEvent(Exception):
    """What lies in the log is not a CloudEvent, or none of ours."""


def message_of(record: Record) -> Message:
    """A record in binary mode."""
    headers = [(_NAMED[name], text.encode()) for name, text in attributes_of(record).items()]
    headers.append(_CONTENT)
    hop = record.hop or record.traceparent
    if hop is not None:
        headers.append((TRACEPARENT, hop.encode()))
    return Message(record.subject.encode(), record.payload.encode(), headers)


def record_of(topic: str, headers: Headers, value: bytes | None) -> Record:
    """The record behind a message in either mode. Raises NotAnEvent with the reason."""
    if value is None:
        raise NotAnEvent("a tombstone in a topic that is not compacted")
    try:
        texts = {
            name if name in _SPELT else name.lower(): content.decode()
            for name, content in headers
            if content is not None
        }
        mode, hop = texts.get(CONTENT_TYPE, JSON), texts.get(TRACEPARENT)
        if mode.startswith(STRUCTURED):
            return _record(topic, *_structured(mode, value.decode()), hop)
        if mode != JSON:
            _checked_binary(mode)
        return _record(topic, texts, value.decode(), hop)
    except UnicodeDecodeError as error:
        raise NotAnEvent(f"not UTF-8: {error.reason}") from error


def unreadable(
    topic: str, position: int, key: bytes | None, headers: Headers, value: bytes | None, reason: str
) -> Unreadable:
    """What is kept of something that is no event: everything, as text that PostgreSQL takes."""
    found = {name: _plain(content or b"") for name, content in headers}
    found["value"] = base64.b64encode(value or b"").decode()
    return Unreadable(position, topic, _plain(key or b""), _plain(reason.encode()), found)


def _checked_binary(content_type: str) -> None:
    essence = content_type.partition(";")[0].strip().lower()
    if essence != JSON and not essence.endswith("+json"):
        raise NotAnEvent(f"content-type {content_type} is not JSON")


def _structured(mode: str, text: str) -> tuple[dict[str, Any], str]:
    if not mode.removeprefix(STRUCTURED).startswith("+json"):
        raise NotAnEvent(f"content-type {mode} is not the JSON format")
    try:
        event = json.loads(text)
    except ValueError as error:
        raise NotAnEvent(f"not JSON: {error}") from error
    if not isinstance(event, dict) or not event.keys() & {*DATA}:
        raise NotAnEvent("a structured event is an object with data")
    if "data" in event:
        return _named(event), to_json(event.pop("data")).decode()
    try:
        return _named(event), base64.b64decode(event.pop("data_base64"), validate=True).decode()
    except (TypeError, binascii.Error) as error:
        raise NotAnEvent(f"data_base64 is not base64: {error}") from error


def _named(event: Mapping[str, Any]) -> dict[str, str]:
    """The attributes of a structured event, named as in binary mode."""
    return {PREFIX + name: str(value) for name, value in event.items() if value is not None and name not in DATA}


def _record(topic: str, texts: Mapping[str, Any], payload: str, hop: str | None) -> Record:
    """The record of attributes that are named as in binary mode."""
    get = texts.get
    if get("ce_specversion") != SPEC_VERSION:
        raise NotAnEvent(f"specversion is {get('ce_specversion')!r}, not {SPEC_VERSION}")
    try:
        required = _required_of(texts)
    except KeyError:
        required = ("",)
    if not all(required):
        raise NotAnEvent(f"without {', '.join(name for name in REQUIRED if not get(_NAMED[name]))}")
    if "\0" in payload or ("\0" in "".join(texts.values()) and _has_nul(texts)):
        raise NotAnEvent("contains NUL")
    event_id, source, kind, subject, time, sequence = required
    recorded = get("ce_recordedtime")
    moment = _moment(time)
    return Record(
        event_id,
        source,
        topic,
        subject,
        kind,
        payload,
        _sequence(sequence),
        get("ce_previousid"),
        moment,
        moment if recorded is None else _moment(recorded),
        _headers(texts),
        hop or get("ce_traceparent"),
    )


def _has_nul(texts: Mapping[str, str]) -> bool:
    """Whether it stands in what is ours; headers of others may carry what they like."""
    return any("\0" in text for name, text in texts.items() if name.startswith(PREFIX) or name == TRACEPARENT)


def _headers(texts: Mapping[str, str]) -> dict[str, str]:
    level = texts.get("ce_dataclassification")
    if level is not None and level not in _LEVELS:
        raise NotAnEvent(f"dataclassification {level!r} is not known")
    return {name: texts[named] for name, named in _OURS if named in texts}


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotAnEvent(f"{text!r} is not a time (RFC 3339)") from error
    if moment.tzinfo is None:
        raise NotAnEvent(f"{text!r} has no time zone")
    return moment


def _sequence(text: str) -> int:
    sequence = int(text) if len(text) <= 40 and text.isascii() and text.isdigit() else 0
    if not 1 <= sequence <= LARGEST_SEQUENCE:
        raise NotAnEvent(f"sequence {text[:40]!r} is not a number from 1")
    return sequence


def _plain(content: bytes) -> str:
    return content.decode(errors="replace").replace("\0", "\N{SYMBOL FOR NULL}")
