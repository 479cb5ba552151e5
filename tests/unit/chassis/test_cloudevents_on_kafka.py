"""Records on the wire are CloudEvents in binary mode, read back as they were, and read by the specification's own SDK."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st
from sikua_chassis.bus.headers import LARGEST_SEQUENCE, NotAnEvent, message_of, record_of, unreadable
from sikua_chassis.bus.port import Record
from sikua_contracts.envelope import Event
from sikua_contracts.examples import EXAMPLES
from sikua_contracts.scheduler import TrackClosed

TOPIC = "sikua.steps.v1"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30)
moments = st.integers(0, 7 * 10**15).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
records = st.builds(
    Record,
    id=words,
    source=words,
    topic=st.just(TOPIC),
    subject=words,
    type=words,
    payload=st.dictionaries(words, st.one_of(words, st.integers(), st.none())).map(json.dumps),
    sequence=st.integers(1, LARGEST_SEQUENCE),
    previousid=st.none() | words,
    time=moments,
    recordedtime=moments,
    headers=st.fixed_dictionaries(
        {"dataclassification": st.sampled_from(["L1", "L2", "L3", "L4"])},
        optional={"causationid": words, "correlationid": words},
    ),
    traceparent=st.none() | st.just(TRACE),
    hop=st.none(),
)


def example(**changed: object) -> Record:
    fields: dict[str, object] = {
        "id": "e-2",
        "source": "urn:cn:org:370200:system:sikua-scheduler",
        "topic": TOPIC,
        "subject": "项目-1",
        "type": "cn.sikua.track.closed.v1",
        "payload": '{"reason": "完成"}',
        "sequence": 2,
        "previousid": "e-1",
        "time": datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
        "recordedtime": datetime(2026, 3, 2, 1, 0, 0, 120000, tzinfo=UTC),
        "headers": {"dataclassification": "L2", "causationid": "c", "correlationid": "r"},
        "traceparent": TRACE,
    }
    return Record(**{**fields, **changed})


@given(records)
def test_a_record_is_read_back_as_it_was_written(record: Record) -> None:
    message = message_of(record)
    assert record_of(TOPIC, message.headers, message.value) == record
    assert message.key == record.subject.encode()


@given(records)
def test_names_of_headers_may_be_written_in_any_case(record: Record) -> None:
    message = message_of(record)
    assert record_of(TOPIC, [(name.title(), text) for name, text in message.headers], message.value) == record


@given(records)
def test_the_sdk_of_the_specification_reads_what_we_write(record: Record) -> None:
    message = message_of(record)
    event = from_binary(KafkaMessage(dict(message.headers), message.key, message.value), JSONFormat())
    assert (event.get_id(), event.get_source(), event.get_type()) == (record.id, record.source, record.type)
    assert (event.get_subject(), event.get_time()) == (record.subject, record.time)
    assert int(event.get_extension("sequence")) == record.sequence
    assert event.get_data() == json.loads(record.payload)
    assert event.get_datacontenttype() == "application/json"


def test_headers_are_binary_mode_to_the_letter() -> None:
    assert message_of(example()).headers == [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"e-2"),
        ("ce_source", b"urn:cn:org:370200:system:sikua-scheduler"),
        ("ce_type", b"cn.sikua.track.closed.v1"),
        ("ce_subject", "项目-1".encode()),
        ("ce_time", b"2026-03-02T01:00:00Z"),
        ("ce_recordedtime", b"2026-03-02T01:00:00.120000Z"),
        ("ce_sequence", b"000000000002"),
        ("ce_previousid", b"e-1"),
        ("ce_causationid", b"c"),
        ("ce_correlationid", b"r"),
        ("ce_traceparent", TRACE.encode()),
        ("ce_dataclassification", b"L2"),
        ("content-type", b"application/json"),
        ("traceparent", TRACE.encode()),
    ]


def of_the_sdk() -> CloudEvent:
    record = example()
    return CloudEvent(
        {
            "id": record.id,
            "source": record.source,
            "type": record.type,
            "subject": record.subject,
            "time": record.time,
            "datacontenttype": "application/json",
            "sequence": "000000000002",
            "previousid": record.previousid,
            "dataclassification": "L2",
        },
        {"reason": "完成"},
    )


@pytest.mark.parametrize("encode", [to_binary, to_structured], ids=["binary", "structured"])
def test_what_the_sdk_writes_is_read_by_us(encode: Callable[..., Any]) -> None:
    message = encode(of_the_sdk(), JSONFormat())
    record = record_of(TOPIC, message.headers.items(), message.value)
    expected = example()
    assert (record.id, record.subject, record.sequence, record.previousid) == ("e-2", "项目-1", 2, "e-1")
    assert (record.time, record.recordedtime) == (expected.time, expected.time)
    assert json.loads(record.payload) == {"reason": "完成"}


def test_the_hops_own_trace_context_goes_before_the_first_one() -> None:
    hop = TRACE.replace("b7ad6b7169203331", "00f067aa0ba902b7")
    headers = [(name, hop.encode() if name == "traceparent" else text) for name, text in message_of(example()).headers]
    assert record_of(TOPIC, headers, b"{}").traceparent == hop


def without(name: str) -> list[tuple[str, bytes]]:
    return [each for each in message_of(example()).headers if each[0] != name]


@pytest.mark.parametrize("name", ["id", "source", "type", "subject", "time", "sequence", "specversion"])
def test_an_event_without_what_every_event_has_is_told_by_name(name: str) -> None:
    with pytest.raises(NotAnEvent, match=name):
        record_of(TOPIC, without(f"ce_{name}"), b"{}")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("ce_sequence", b"0", "from 1"),
        ("ce_sequence", b"-1", "from 1"),
        ("ce_sequence", b"9223372036854775808", "from 1"),
        ("ce_sequence", "٣".encode(), "from 1"),
        ("ce_sequence", b"1" * 5000, "from 1"),
        ("ce_time", b"yesterday", "RFC 3339"),
        ("ce_time", b"2026-03-02T01:00:00", "time zone"),
        ("ce_specversion", b"0.3", "specversion"),
        ("ce_dataclassification", b"L9", "not known"),
        ("ce_subject", b"p\0", "NUL"),
        ("ce_id", b"\xff", "UTF-8"),
        ("content-type", b"text/xml", "not JSON"),
        ("content-type", b"application/cloudevents+avro", "JSON format"),
        ("content-type", b"application/cloudevents+json", "object with data"),
    ],
)
def test_what_is_no_event_of_ours_is_told_by_reason(name: str, text: bytes, reason: str) -> None:
    with pytest.raises(NotAnEvent, match=reason):
        record_of(TOPIC, [*without(name), (name, text)], b"{}")


def test_headers_of_others_may_be_empty_or_carry_what_they_like() -> None:
    message = message_of(example())
    assert record_of(TOPIC, [*message.headers, ("empty", None), ("odd", b"a\0b")], message.value) == example()


def test_a_header_of_ours_without_a_value_is_told_by_name() -> None:
    with pytest.raises(NotAnEvent, match="subject"):
        record_of(TOPIC, [*without("ce_subject"), ("ce_subject", None)], b"{}")


def test_the_event_of_a_record_is_what_pydantic_would_construct() -> None:
    said = EXAMPLES[TrackClosed.type]
    event = example(payload=said.data.model_dump_json()).event(TrackClosed)
    fields = {name: getattr(event, name) for name in Event.model_fields}
    assert event == Event.model_construct(**fields)
    assert event.model_fields_set == set(Event.model_fields)
    assert Event[TrackClosed].model_validate_json(event.model_dump_json()).data == said.data
    assert event.model_copy(update={"sequence": 9}).sequence == 9


def test_a_tombstone_is_no_event() -> None:
    with pytest.raises(NotAnEvent, match="tombstone"):
        record_of(TOPIC, message_of(example()).headers, None)


headers_of_anything = st.lists(st.tuples(st.sampled_from(["ce_id", "ce_sequence", "content-type", "x"]), st.binary()))


@given(headers_of_anything, st.none() | st.binary(), st.none() | st.binary())
def test_whatever_lies_in_a_log_is_an_event_or_kept_as_text(
    headers: Any, key: bytes | None, value: bytes | None
) -> None:
    with pytest.raises(NotAnEvent) as told:
        record_of(TOPIC, headers, value)
    kept = unreadable(TOPIC, 7, key, headers, value, str(told.value))
    assert "\0" not in kept.subject + kept.reason
    json.dumps(kept.found).encode()
