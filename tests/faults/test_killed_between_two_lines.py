"""Relay and consumer killed at each line that matters: sent again under the same id, applied once, answered once."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from sikua_chassis import outbox
from sikua_chassis.clock import real_now
from sikua_chassis.database import Database
from sikua_chassis.service import Service
from sikua_contracts.envelope import source_of
from sikua_contracts.topics import SPEAKERS
from support import dying
from support.carrying_bus import CarryingBus, carried
from support.dying import CONSUMER_DIES, EVENTS, RELAY_DIES, answering
from support.small_services import Heard, closed, listener
from support.system import System

EXPECTED = {f"p{subject}": [1, 2, 3, 4, 5] for subject in range(2)}


async def said_and_left_in_the_outbox(url: str) -> None:
    """Ten events of two projects, with no relay to send them."""
    database = Database(url, "scheduler", service="scheduler", source=source_of("scheduler"), business_now=real_now)
    await database.open()
    for number in range(EVENTS):
        async with database.unit_of_work() as session:
            outbox.publish(session, closed(f"p{number % 2}"))
    await database.close()


async def heard(service: Service) -> dict[str, list[int]]:
    """Sequences handled, by project, in order."""
    return {subject: [number for _, number in await Heard.of(service, subject)] for subject in EXPECTED}


async def answers(service: Service) -> dict[str, list[int]]:
    """Sequences of what the consumer said because of it."""
    rows = await service.database.pool.fetch("SELECT aggregateid, sequence FROM published ORDER BY position")
    return {subject: [row["sequence"] for row in rows if row["aggregateid"] == subject] for subject in EXPECTED}


@pytest.mark.parametrize("where", RELAY_DIES)
async def test_what_a_dead_relay_sent_and_did_not_mark_is_sent_again_and_dropped(
    system: System, tmp_path: Path, where: str
) -> None:
    await system.runtime.bus.stop()
    bus = CarryingBus(system.url, SPEAKERS)
    await bus.start()
    for service in ("scheduler", "command-office"):
        await bus.make_log(service)
    system.runtime.bus = bus
    await said_and_left_in_the_outbox(system.url)
    assert await asyncio.to_thread(dying.killed, "relay", system.url, where, tmp_path) == -signal.SIGKILL
    sent_before = await carried(bus.pool, "scheduler")
    hears = await system.start(listener(answering))
    await system.speaker("scheduler")
    await system.quiet()
    assert await heard(hears) == EXPECTED
    assert await answers(hears) == EXPECTED
    sent = await carried(bus.pool, "scheduler")
    again = sent[len(sent_before) :]
    whole = sent_before if len(sent_before) == EVENTS and not again else again
    assert len(whole) == len(set(sent)) == EVENTS
    assert whole[: len(sent_before)] == sent_before
    assert hears.consumer is not None
    assert hears.consumer.duplicates == len(sent) - EVENTS


@pytest.mark.parametrize("where", CONSUMER_DIES)
async def test_what_a_dead_consumer_applied_and_did_not_commit_is_applied_once(
    system: System, tmp_path: Path, where: str
) -> None:
    await said_and_left_in_the_outbox(system.url)
    await system.speaker("scheduler")
    assert await asyncio.to_thread(dying.killed, "consumer", system.url, where, tmp_path) == -signal.SIGKILL
    service = await system.start(listener(answering))
    await system.quiet()
    assert await heard(service) == EXPECTED
    assert await answers(service) == EXPECTED
