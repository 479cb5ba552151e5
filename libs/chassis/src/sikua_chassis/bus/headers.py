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
from typing import Any

from pydantic_core import to_json
from sikua_contracts.envelope import SPEC_VERSION, Level, attributes_of

from sikua_chassis.bus.port import Record, Unreadable

PREFIX = "ce_"
CONTENT_TYPE = "content-type"
JSON = "application/json"
STRUCTURED = "application/cloudevents"
LARGEST_SEQUENCE = 2**63 - 1
REQUIRED = ("id", "source", "type", "subject", "time", "sequence")
_OURS = ("causationid", "correlationid", "dataclassification")

Headers = Iterable[tuple[str, bytes]]


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
    headers = [(f"{PREFIX}{name}", text.encode()) for name, text in attributes_of(record).items()]
    headers.append((CONTENT_TYPE, JSON.encode()))
    hop = record.hop or record.traceparent
    if hop is not None:
        headers.append(("traceparent", hop.encode()))
    return Message(record.subject.encode(), record.payload.encode(), headers)


def record_of(topic: str, headers: Headers, value: bytes | None) -> Record:
    """The record behind a message in either mode. Raises NotAnEvent with the reason."""
    if value is None:
        raise NotAnEvent("a tombstone in a topic that is not compacted")
    try:
        texts = {name.lower(): content.decode() for name, content in headers}
        mode = texts.get(CONTENT_TYPE, JSON)
        if mode.startswith(STRUCTURED):
            attributes, payload = _structured(mode, value.decode())
        else:
            attributes, payload = _binary(texts, mode), value.decode()
        return _record(topic, attributes, payload, texts.get("traceparent"))
    except UnicodeDecodeError as error:
        raise NotAnEvent(f"not UTF-8: {error.reason}") from error


def unreadable(
    topic: str, position: int, key: bytes | None, headers: Headers, value: bytes | None, reason: str
) -> Unreadable:
    """What is kept of something that is no event: everything, as text that PostgreSQL takes."""
    found = {name: _plain(content) for name, content in headers}
    found["value"] = base64.b64encode(value or b"").decode()
    return Unreadable(position, topic, _plain(key or b""), _plain(reason.encode()), found)


def _binary(texts: Mapping[str, str], content_type: str) -> dict[str, Any]:
    essence = content_type.partition(";")[0].strip().lower()
    if essence != JSON and not essence.endswith("+json"):
        raise NotAnEvent(f"content-type {content_type} is not JSON")
    return {name.removeprefix(PREFIX): text for name, text in texts.items() if name.startswith(PREFIX)}


def _structured(mode: str, text: str) -> tuple[dict[str, Any], str]:
    if not mode.removeprefix(STRUCTURED).startswith("+json"):
        raise NotAnEvent(f"content-type {mode} is not the JSON format")
    try:
        event = json.loads(text)
    except ValueError as error:
        raise NotAnEvent(f"not JSON: {error}") from error
    if not isinstance(event, dict) or not event.keys() & {"data", "data_base64"}:
        raise NotAnEvent("a structured event is an object with data")
    if "data" in event:
        return event, to_json(event.pop("data")).decode()
    try:
        return event, base64.b64decode(event.pop("data_base64"), validate=True).decode()
    except (TypeError, binascii.Error) as error:
        raise NotAnEvent(f"data_base64 is not base64: {error}") from error


def _record(topic: str, attributes: Mapping[str, Any], payload: str, hop: str | None) -> Record:
    if attributes.get("specversion") != SPEC_VERSION:
        raise NotAnEvent(f"specversion is {attributes.get('specversion')!r}, not {SPEC_VERSION}")
    texts = {name: str(value) for name, value in attributes.items() if value is not None}
    missing = [name for name in REQUIRED if not texts.get(name)]
    if missing:
        raise NotAnEvent(f"without {', '.join(missing)}")
    if "\0" in payload or any("\0" in text for text in texts.values()):
        raise NotAnEvent("contains NUL")
    time = _moment(texts["time"])
    return Record(
        id=texts["id"],
        source=texts["source"],
        topic=topic,
        subject=texts["subject"],
        type=texts["type"],
        payload=payload,
        sequence=_sequence(texts["sequence"]),
        previousid=texts.get("previousid"),
        time=time,
        recordedtime=_moment(texts["recordedtime"]) if "recordedtime" in texts else time,
        headers=_headers(texts),
        traceparent=hop or texts.get("traceparent"),
    )


def _headers(texts: Mapping[str, str]) -> dict[str, str]:
    level = texts.get("dataclassification")
    if level is not None and level not in Level.__members__:
        raise NotAnEvent(f"dataclassification {level!r} is not known")
    return {name: texts[name] for name in _OURS if name in texts}


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotAnEvent(f"{text!r} is not a time (RFC 3339)") from error
    if moment.tzinfo is None:
        raise NotAnEvent(f"{text!r} has no time zone")
    return moment


def _sequence(text: str) -> int:
    if not (len(text) <= 40 and text.isascii() and text.isdigit() and 1 <= int(text) <= LARGEST_SEQUENCE):
        raise NotAnEvent(f"sequence {text[:40]!r} is not a number from 1")
    return int(text)


def _plain(content: bytes) -> str:
    return content.decode(errors="replace").replace("\0", "\N{SYMBOL FOR NULL}")
