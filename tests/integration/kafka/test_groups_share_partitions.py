"""Replicas of one consumer share its partitions; who comes and who goes loses nothing, doubles nothing, overtakes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sikua_chassis.service import Service
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from support import raw_kafka
from support.small_services import Handler, Heard, closed, listener
from support.system import System

PROJECTS = 24


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


Start = Callable[..., Awaitable[Service]]


@pytest.fixture
async def replica(distributed: System) -> AsyncIterator[Start]:
    """Starts one more process's worth of the same service, apart from the system's books."""
    started: list[Service] = []

    async def start(handler: Handler = noted) -> Service:
        started.append(listener(handler)(distributed.runtime))
        await started[-1].start()
        return started[-1]

    yield start
    for service in started:
        await service.stop()


async def say_rounds(system: System, rounds: int) -> None:
    for _ in range(rounds):
        await system.say("scheduler", *(closed(f"p{n}") for n in range(PROJECTS)))
        await asyncio.sleep(0.05)


async def until_heard(service: Service, events: int) -> list[tuple[str, int]]:
    async with asyncio.timeout(60):
        while len(heard := await Heard.of(service)) < events:
            await asyncio.sleep(0.05)
    return heard


def in_order(heard: list[tuple[str, int]], rounds: int) -> bool:
    streams = [[sequence for subject, sequence in heard if subject == f"p{n}"] for n in range(PROJECTS)]
    return streams == [list(range(1, rounds + 1))] * PROJECTS


async def test_replicas_that_come_and_go_hand_their_partitions_over(distributed: System, replica: Start) -> None:
    first = await replica()
    rounds = 5
    await say_rounds(distributed, rounds)
    second = await replica()
    assert first.consumer is not None
    assert second.consumer is not None
    async with asyncio.timeout(60):
        while not (first.consumer.applied and second.consumer.applied):
            await say_rounds(distributed, 1)
            rounds += 1
    await first.stop()
    await say_rounds(distributed, 5)
    heard = await until_heard(second, (rounds + 5) * PROJECTS)
    assert in_order(heard, rounds + 5)


async def test_what_a_replica_still_does_after_it_lost_its_partition_is_thrown_away(
    distributed: System, replica: Start
) -> None:
    waiting, go_on = asyncio.Event(), asyncio.Event()

    async def slow(session: Session, event: Event[Any]) -> None:
        await Heard.note(session, event)
        if not waiting.is_set():
            waiting.set()
            await go_on.wait()

    await replica(slow)
    await distributed.say("scheduler", *(closed(f"p{n}") for n in range(PROJECTS)))
    async with asyncio.timeout(30):
        await waiting.wait()
    other = await replica()
    assert other.consumer is not None
    async with asyncio.timeout(30):
        while not other.consumer.logs:
            await asyncio.sleep(0.05)
    go_on.set()
    heard = await until_heard(other, PROJECTS)
    assert in_order(heard, 1)


async def test_positions_are_the_databases_and_the_group_knows_none(distributed: System) -> None:
    service = await distributed.start(listener(noted))
    await say_rounds(distributed, 3)
    await distributed.quiet()
    settings = distributed.runtime.settings
    async with raw_kafka.admin(settings.kafka_bootstrap) as admin:
        assert await admin.list_consumer_group_offsets(f"{settings.kafka_prefix}sikua.{service.name}") == {}
    stored = await service.database.pool.fetch("SELECT log, position FROM position WHERE position > 0")
    assert sum(row["position"] for row in stored) == 3 * PROJECTS


async def test_a_service_goes_on_where_its_database_stands(distributed: System, replica: Start) -> None:
    before = await replica()
    await say_rounds(distributed, 2)
    await until_heard(before, 2 * PROJECTS)
    await before.stop()
    await say_rounds(distributed, 2)
    after = await replica()
    heard = await until_heard(after, 4 * PROJECTS)
    assert after.consumer is not None
    assert (after.consumer.applied, after.consumer.duplicates) == (2 * PROJECTS, 0)
    assert in_order(heard, 4)
