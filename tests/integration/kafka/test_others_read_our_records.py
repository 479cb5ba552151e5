"""What lies in Kafka is for everybody: a plain client sees the headers, the specification's SDK and librdkafka read them."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from confluent_kafka import Consumer
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event, source_of
from sikua_contracts.scheduler import TrackClosed
from sikua_contracts.topics import STEPS
from support import raw_kafka
from support.small_services import Heard, closed, listener
from support.system import System
from support.wire import published_validators

LOG_APPEND_TIME = 1
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


def wire(system: System) -> tuple[str, str]:
    settings = system.runtime.settings
    return settings.kafka_bootstrap, settings.kafka_prefix + STEPS


async def test_a_plain_client_sees_every_attribute_as_a_header(distributed: System) -> None:
    said = closed("p1", reason="完成")
    await distributed.say("scheduler", said, said)
    database = await distributed.speaker("scheduler")
    await distributed.quiet()
    rows = await database.pool.fetch("SELECT * FROM published ORDER BY position")
    found = await raw_kafka.everything(*wire(distributed))
    assert [record.key for record in found] == [b"p1", b"p1"]
    assert {record.timestamp_type for record in found} == {LOG_APPEND_TIME}
    headers = dict(found[1].headers)
    assert len(headers) == len(found[1].headers)
    assert headers["ce_specversion"] == b"1.0"
    assert headers["content-type"] == b"application/json"
    assert headers["ce_id"].decode() == rows[1]["id"]
    assert headers["ce_previousid"].decode() == rows[0]["id"]
    assert headers["ce_sequence"] == b"000000000002"
    assert headers["ce_source"].decode() == source_of("scheduler")
    assert (headers["ce_type"].decode(), headers["ce_subject"]) == (said.type, b"p1")
    assert TrackClosed.model_validate_json(found[1].value) == said


async def test_the_sdk_of_the_specification_parses_what_was_carried(distributed: System) -> None:
    await distributed.say("scheduler", closed("p1"))
    await distributed.quiet()
    (record,) = await raw_kafka.everything(*wire(distributed))
    event = from_binary(KafkaMessage(dict(record.headers), record.key, record.value), JSONFormat())
    validator = published_validators()[event.get_type()]
    assert validator.is_valid(event.get_data())


@pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed (Debian has it under this name)")
async def test_kcat_shows_key_headers_and_data(distributed: System) -> None:
    said = closed("p1", reason="完成")
    await distributed.say("scheduler", said)
    await distributed.quiet()
    bootstrap, topic = wire(distributed)
    shown = await asyncio.to_thread(
        subprocess.run,
        ["kcat", "-b", bootstrap, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%k\n%h\n%s\n"],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    key, headers, data = shown.stdout.splitlines()
    found = dict(each.split("=", 1) for each in headers.split(","))
    assert key == found["ce_subject"] == "p1"
    assert (found["ce_specversion"], found["ce_type"]) == ("1.0", said.type)
    assert (found["content-type"], found["ce_sequence"]) == ("application/json", "000000000001")
    assert TrackClosed.model_validate_json(data) == said


async def test_librdkafka_reads_them_in_a_group_of_its_own(distributed: System) -> None:
    await distributed.say("scheduler", *(closed(f"p{n}") for n in range(20)))
    await distributed.quiet()
    bootstrap, topic = wire(distributed)
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": f"{topic}.department", "auto.offset.reset": "earliest"}
    )
    try:
        consumer.subscribe([topic])
        found = []
        for _ in range(1000):
            message = consumer.poll(0.1)
            if message is not None and message.error() is None:
                found.append(message)
            if len(found) == 20:
                break
        assert {message.key().decode() for message in found} == {f"p{n}" for n in range(20)}
        assert {dict(message.headers())["ce_type"] for message in found} == {TrackClosed.type.encode()}
        consumer.commit(asynchronous=False)
    finally:
        consumer.close()


@pytest.mark.parametrize("encode", [to_binary, to_structured], ids=["binary", "structured"])
async def test_our_consumer_takes_what_the_sdk_produces(
    distributed: System, encode: Callable[..., KafkaMessage]
) -> None:
    service = await distributed.start(listener(noted))
    event = CloudEvent(
        {
            "id": "made-elsewhere",
            "source": source_of("scheduler"),
            "type": TrackClosed.type,
            "subject": "p1",
            "datacontenttype": "application/json",
            "sequence": "000000000001",
        },
        json.loads(closed("p1").model_dump_json()),
    )
    message = encode(event, JSONFormat())
    await raw_kafka.write(*wire(distributed), b"p1", message.value, list(message.headers.items()))
    await distributed.quiet()
    assert await Heard.of(service) == [("p1", 1)]


async def test_what_is_no_event_is_set_aside_and_nothing_waits_for_it(distributed: System) -> None:
    service = await distributed.start(listener(noted))
    await distributed.say("scheduler", closed("p1"))
    await raw_kafka.write(*wire(distributed), b"p1", b"\x00\xff", [("ce_id", b"\x00")])
    await distributed.quiet()
    await distributed.say("scheduler", closed("p1"))
    await distributed.quiet()
    assert await Heard.of(service) == [("p1", 1), ("p1", 2)]
    rows = await service.database.pool.fetch("SELECT topic, subject, record, reason, discarded_by FROM discarded")
    (row,) = rows
    assert (row["topic"], row["subject"], row["discarded_by"]) == (STEPS, "p1", "sikua")
    assert (row["record"]["value"], row["reason"]) == ("AP8=", "not UTF-8: invalid start byte")
    assert await service.database.pool.fetchval("SELECT count(*) FROM lane WHERE state IS NOT NULL") == 0


async def test_a_trace_that_began_in_a_request_goes_on_behind_kafka(distributed: System) -> None:
    service = await distributed.start(listener(noted))
    database = await distributed.speaker("scheduler")
    from sikua_chassis import outbox

    async with database.unit_of_work(traceparent=TRACE) as session:
        outbox.publish(session, closed("p1"))
    await distributed.quiet()
    spans = service.tracing.spans
    assert spans is not None
    heard = [span for span in spans.get_finished_spans() if span.name == f"process {STEPS}"]
    assert [f"{span.context.trace_id:032x}" for span in heard] == [TRACE.split("-")[1]]
