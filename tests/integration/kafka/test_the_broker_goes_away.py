"""A broker that freezes, dies or is not there yet costs time: what was accepted leaves and arrives afterwards, in order."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka import KafkaBus
from sikua_chassis.service import Service
from sikua_chassis.session import Session
from sikua_chassis.settings import BusKind
from sikua_cli.launcher.kafka import LocalKafka
from sikua_contracts.envelope import Event
from sikua_contracts.topics import STEPS
from structlog.testing import capture_logs
from support import raw_kafka
from support.kafka import fresh_topics
from support.small_services import Heard, closed, listener
from support.system import System, new_system

PROJECTS = 8
STOP_SECONDS = 9.0
"""Less than a container is given; more than a stop takes, for a busy machine."""


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """A broker that is nobody else's and may be harmed."""
    own = LocalKafka(tmp_path_factory.mktemp("kafka"))
    own.start()
    yield own
    own.stop()


@pytest.fixture
async def harmed(database_url: str, tmp_path: Path, broker: LocalKafka) -> AsyncIterator[System]:
    """A system on that broker."""
    await asyncio.to_thread(broker.start)
    prefix = await fresh_topics(broker.bootstrap)
    started = await new_system(
        database_url, tmp_path, bus=BusKind.KAFKA, kafka_bootstrap=broker.bootstrap, kafka_prefix=prefix
    )
    first_bus = started.runtime.bus
    yield started
    await started.stop()
    await first_bus.stop()


def tell(broker: LocalKafka, number: int) -> None:
    (node,) = broker.nodes
    pid = broker.pid(node)
    assert pid is not None
    os.kill(pid, number)


async def say_round(system: System) -> None:
    await system.say("scheduler", *(closed(f"p{n}") for n in range(PROJECTS)))


async def in_order(service: Service, rounds: int) -> bool:
    heard = await Heard.of(service)
    return [[sequence for subject, sequence in heard if subject == f"p{n}"] for n in range(PROJECTS)] == [
        list(range(1, rounds + 1))
    ] * PROJECTS


async def test_a_frozen_broker_costs_time_and_is_told(harmed: System, broker: LocalKafka) -> None:
    service = await harmed.start(listener(noted))
    await say_round(harmed)
    await harmed.quiet()
    tell(broker, signal.SIGSTOP)
    try:
        for _ in range(4):
            await say_round(harmed)
            await asyncio.sleep(0.3)
        (status,) = await harmed.statuses()
        assert not status.quiet
        assert status.bus is not None
        assert status.bus.startswith("kafka")
    finally:
        tell(broker, signal.SIGCONT)
    await harmed.quiet(60)
    assert await in_order(service, 5)


async def test_copies_of_an_abandoned_producer_arrive_late_and_are_dropped(harmed: System, broker: LocalKafka) -> None:
    settings = harmed.runtime.settings
    harmed.runtime.bus = KafkaBus(Access(settings.kafka_bootstrap), prefix=settings.kafka_prefix, send_seconds=2.0)
    service = await harmed.start(listener(noted))
    await say_round(harmed)
    await harmed.quiet()
    tell(broker, signal.SIGSTOP)
    try:
        await say_round(harmed)
        (relay,) = harmed.relays
        async with asyncio.timeout(60):
            while relay.trouble is None:
                await asyncio.sleep(0.05)
        await say_round(harmed)
    finally:
        tell(broker, signal.SIGCONT)
    await harmed.quiet(60)
    assert await in_order(service, 3)
    records = await raw_kafka.everything(settings.kafka_bootstrap, settings.kafka_prefix + STEPS)
    assert service.consumer is not None
    assert service.consumer.duplicates == len(records) - 3 * PROJECTS > 0


async def test_a_killed_broker_comes_back_and_nothing_is_lost_or_doubled(harmed: System, broker: LocalKafka) -> None:
    service = await harmed.start(listener(noted))
    saying = asyncio.create_task(_say_rounds(harmed, 20))
    await asyncio.sleep(1.0)
    tell(broker, signal.SIGKILL)
    await asyncio.sleep(1.0)
    await asyncio.to_thread(broker.start)
    await saying
    await harmed.quiet(60)
    assert await in_order(service, 20)


async def test_a_service_starts_and_accepts_while_there_is_no_broker(harmed: System, broker: LocalKafka) -> None:
    await asyncio.to_thread(broker.stop)
    with capture_logs() as lines:
        service = await harmed.start(listener(noted))
        await say_round(harmed)
        client = harmed.client(service.name, "operator")
        assert (await client.get("/livez")).status_code == 200
        async with asyncio.timeout(30):
            while "[!]position degraded" not in (ready := await client.get("/readyz?verbose")).text:
                await asyncio.sleep(0.2)
        assert ready.status_code == 200
        await asyncio.to_thread(broker.start)
        await harmed.quiet(60)
    assert await in_order(service, 1)
    # One line says who is waited for, and only after half a minute it is said again.
    assert {line["hop"] for line in lines if line.get("action") == "waits"} == {"kafka"}
    assert len([line for line in lines if line.get("action") == "waited"]) == 1


async def test_a_service_stops_in_time_while_the_broker_is_frozen(harmed: System, broker: LocalKafka) -> None:
    service = listener(noted)(harmed.runtime)
    await service.start()
    await say_round(harmed)
    async with asyncio.timeout(30):
        while len(await Heard.of(service)) < PROJECTS:
            await asyncio.sleep(0.05)
    tell(broker, signal.SIGSTOP)
    try:
        await say_round(harmed)
        await asyncio.sleep(0.5)
        async with asyncio.timeout(STOP_SECONDS):
            await service.stop()
    finally:
        tell(broker, signal.SIGCONT)
    again = await harmed.start(listener(noted))
    await harmed.quiet(60)
    assert await in_order(again, 2)


async def _say_rounds(system: System, rounds: int) -> None:
    for _ in range(rounds):
        await say_round(system)
        await asyncio.sleep(0.1)
