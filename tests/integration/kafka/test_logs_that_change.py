"""A topic that was purged or made anew: what is gone from Kafka comes from the source, what was handled is not handled again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from sikua_chassis.service import Service
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from sikua_contracts.topics import STEPS
from support import raw_kafka
from support.kafka import remake
from support.small_services import Heard, closed, listener, silent
from support.system import System


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


async def purge(system: System, up_to: Callable[[int], int]) -> None:
    """Delete what lies in each partition, up to a number of records made from how many it has."""
    settings = system.runtime.settings
    topic = settings.kafka_prefix + STEPS
    records = await raw_kafka.everything(settings.kafka_bootstrap, topic)
    partitions = {record.partition for record in records}
    ends = {number: max(each.offset for each in records if each.partition == number) + 1 for number in partitions}
    async with raw_kafka.admin(settings.kafka_bootstrap) as admin:
        await admin.delete_records(
            {TopicPartition(topic, number): RecordsToDelete(before_offset=up_to(end)) for number, end in ends.items()}
        )


async def unsaid(_system: System) -> None:
    """Nothing happens to the log."""


async def made_anew(system: System) -> None:
    await remake(system.runtime.settings.kafka_bootstrap, system.runtime.settings.kafka_prefix)


async def purged_beyond(system: System) -> None:
    await purge(system, lambda end: end)


async def purged_in_part(system: System) -> None:
    await purge(system, lambda end: end - 1)


async def heard_of(
    system: System, change: Callable[[System], Awaitable[None]]
) -> tuple[Service, list[tuple[str, int]]]:
    """Three events are handled, two more are missed, the log changes, two more come: what the service then has heard."""
    await system.start(silent("scheduler"))
    system.runtime.settings.services["scheduler"] = await system.serve("scheduler")
    before = listener(noted)(system.runtime)
    await before.start()
    await system.say("scheduler", *(closed(project) for project in ("p1", "p1", "p1", "p2")))
    async with asyncio.timeout(30):
        while len(await Heard.of(before)) < 4:
            await asyncio.sleep(0.05)
    await before.stop()
    await system.say("scheduler", closed("p1"), closed("p1"))
    await system.quiet()
    await change(system)
    await system.say("scheduler", closed("p1"), closed("p2"))
    after = await system.start(listener(noted))
    async with asyncio.timeout(60):
        while len(await Heard.of(after)) < 8:
            await asyncio.sleep(0.05)
    await system.quiet()
    return after, await Heard.of(after)


@pytest.mark.parametrize("change", [unsaid, made_anew, purged_beyond, purged_in_part])
async def test_every_event_is_handled_once_and_in_order(
    distributed: System, change: Callable[[System], Awaitable[None]]
) -> None:
    service, heard = await heard_of(distributed, change)
    assert [sequence for subject, sequence in heard if subject == "p1"] == [1, 2, 3, 4, 5, 6]
    assert [sequence for subject, sequence in heard if subject == "p2"] == [1, 2]
    assert await service.database.pool.fetchval("SELECT count(*) FROM lane WHERE state IS NOT NULL") == 0


async def test_a_log_purged_up_to_what_was_read_is_as_good_as_before(distributed: System) -> None:
    before = listener(noted)(distributed.runtime)
    await before.start()
    await distributed.say("scheduler", closed("p1"), closed("p1"))
    async with asyncio.timeout(30):
        while len(await Heard.of(before)) < 2:
            await asyncio.sleep(0.05)
    await before.stop()
    await purge(distributed, lambda end: end)
    service = await distributed.start(listener(noted))
    await distributed.say("scheduler", closed("p1"))
    await distributed.quiet()
    assert await Heard.of(service) == [("p1", 1), ("p1", 2), ("p1", 3)]
    assert service.consumer is not None
    assert service.consumer.duplicates == 0


async def test_a_newcomer_to_a_purged_log_asks_the_source_for_the_beginning(distributed: System) -> None:
    await distributed.start(silent("scheduler"))
    distributed.runtime.settings.services["scheduler"] = await distributed.serve("scheduler")
    await distributed.say("scheduler", closed("p1"), closed("p1"))
    await distributed.quiet()
    await purge(distributed, lambda end: end)
    await distributed.say("scheduler", closed("p1"))
    service = await distributed.start(listener(noted))
    await distributed.quiet()
    assert await Heard.of(service) == [("p1", 1), ("p1", 2), ("p1", 3)]


async def test_a_last_event_that_was_lost_is_found_by_comparing_heads(distributed: System) -> None:
    await distributed.start(silent("scheduler"))
    distributed.runtime.settings.services["scheduler"] = await distributed.serve("scheduler")
    before = listener(noted)(distributed.runtime)
    await before.start()
    await distributed.say("scheduler", closed("p1"), closed("p2"))
    async with asyncio.timeout(30):
        while len(await Heard.of(before)) < 2:
            await asyncio.sleep(0.05)
    await before.stop()
    await distributed.say("scheduler", closed("p1"), closed("p1"), closed("p3"))
    await distributed.quiet()
    await made_anew(distributed)
    service = await distributed.start(listener(noted))
    async with asyncio.timeout(60):
        while len(await Heard.of(service)) < 5:
            await asyncio.sleep(0.05)
    await distributed.quiet()
    heard = await Heard.of(service)
    assert [sequence for subject, sequence in heard if subject == "p1"] == [1, 2, 3]
    assert [subject for subject, _ in heard].count("p3") == 1
    assert await service.database.pool.fetchval("SELECT count(*) FROM lane WHERE state IS NOT NULL") == 0
