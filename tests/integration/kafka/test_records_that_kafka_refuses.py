"""A record that Kafka will never take parks its subject in the outbox, visible; every other subject flows on, in order."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from sikua_contracts.topics import STEPS
from support import raw_kafka
from support.small_services import Heard, closed, listener
from support.system import System

TOO_LARGE_FOR_US = 1_100_000
TOO_LARGE_FOR_THE_TOPIC = 60_000


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


async def narrow_the_topic(system: System) -> None:
    """The broker alone refuses from now on; our client sends what is below its own limit."""
    settings = system.runtime.settings
    resource = ConfigResource(ConfigResourceType.TOPIC, settings.kafka_prefix + STEPS, {"max.message.bytes": "20000"})
    async with raw_kafka.admin(settings.kafka_bootstrap) as admin:
        await admin.alter_configs([resource])


@pytest.mark.parametrize("size", [TOO_LARGE_FOR_US, TOO_LARGE_FOR_THE_TOPIC], ids=["by-the-client", "by-the-broker"])
async def test_a_refused_record_parks_its_subject_and_no_other(distributed: System, size: int) -> None:
    await narrow_the_topic(distributed)
    service = await distributed.start(listener(noted))
    database = await distributed.speaker("scheduler")
    large = closed("p2", reason="大" * (size // 3))
    async with database.unit_of_work() as session:
        from sikua_chassis import outbox

        for said in (closed("p1"), closed("p2"), large, closed("p2"), closed("p3"), closed("p1")):
            outbox.publish(session, said)
    await distributed.quiet_but_for("scheduler", parked=1, behind_it=1)
    heard = await Heard.of(service)
    assert [sequence for subject, sequence in heard if subject == "p1"] == [1, 2]
    assert [sequence for subject, sequence in heard if subject == "p2"] == [1]
    assert [sequence for subject, sequence in heard if subject == "p3"] == [1]
    rows = await database.pool.fetch("SELECT aggregateid, sequence, parked FROM outbox ORDER BY arrival")
    assert [(row["aggregateid"], row["sequence"]) for row in rows] == [("p2", 2), ("p2", 3)]
    assert "MessageSizeTooLargeError" in rows[0]["parked"]


async def test_a_chunk_that_fills_many_batches_lies_in_the_log_in_the_order_of_each_subject(
    distributed: System,
) -> None:
    said = [closed(f"p{n % 3}", reason="x" * 4_000) for n in range(300)]
    await distributed.say("scheduler", *said)
    await distributed.quiet()
    settings = distributed.runtime.settings
    found = await raw_kafka.everything(settings.kafka_bootstrap, settings.kafka_prefix + STEPS)
    for subject in (b"p0", b"p1", b"p2"):
        sequences = [int(dict(each.headers)["ce_sequence"]) for each in found if each.key == subject]
        assert sequences == list(range(1, 101))


async def test_small_records_that_are_too_large_together_all_arrive(distributed: System) -> None:
    await narrow_the_topic(distributed)
    service = await distributed.start(listener(noted))
    await distributed.say("scheduler", *(closed("p1", reason="x" * 5_000) for _ in range(12)))
    await distributed.quiet()
    assert await Heard.of(service, "p1") == [("p1", n) for n in range(1, 13)]
