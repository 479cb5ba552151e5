"""A reader fetches in sessions: nothing is missed by it, and a broker that has forgotten one is told everything again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka import KafkaBus
from sikua_chassis.bus.kafka_fetching import FetchSession
from sikua_chassis.bus.kafka_reading import KafkaSubscription
from sikua_chassis.bus.port import Record
from sikua_contracts.topics import NOTICES, STEPS
from support.kafka import Cluster

MOMENT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PATIENCE_SECONDS = 30


def record(topic: str, subject: str, sequence: int) -> Record:
    source = "urn:cn:org:370200:system:sikua-scheduler"
    kind = "cn.sikua.track.closed.v1"
    return Record(f"{topic}-{subject}-{sequence}", source, topic, subject, kind, "{}", sequence, None, MOMENT, MOMENT)


@asynccontextmanager
async def reading(bus: KafkaBus) -> AsyncIterator[KafkaSubscription]:
    subscription = bus.subscribe("reader", frozenset({STEPS, NOTICES}))

    async def assigned(logs: Sequence[str]) -> None:
        for log in logs:
            await subscription.seek(log, 0)

    async def revoked(logs: Sequence[str]) -> None:
        return None

    await subscription.start(assigned, revoked)
    try:
        yield subscription
    finally:
        await subscription.stop()
        await bus.stop()


async def read(subscription: KafkaSubscription, wanted: int) -> list[str]:
    """The ids of the next so many records."""
    found: list[str] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(found) < wanted:
            batch = await subscription.fetch(200, 0.5)
            found += [each.id for each in batch.records] if batch is not None else []
    return found


def session_of(subscription: KafkaSubscription) -> FetchSession:
    assert subscription._consumer is not None
    (session,) = subscription._consumer._client._sessions.values()
    assert isinstance(session, FetchSession)
    return session


async def test_one_after_another_is_read_in_one_session(cluster: Cluster) -> None:
    bus = KafkaBus(Access(cluster.bootstrap), prefix=cluster.prefix)
    async with reading(bus) as subscription:
        await bus.send("scheduler", [record(STEPS, "first", 1)])
        assert await read(subscription, 1) == [f"{STEPS}-first-1"]
        number = session_of(subscription).number
        for sequence in range(1, 6):
            for topic in (STEPS, NOTICES):
                sent = [record(topic, f"p{n}", sequence) for n in range(4)]
                await bus.send("scheduler", sent)
                assert sorted(await read(subscription, 4)) == [each.id for each in sent]
        assert session_of(subscription).number == number != 0
        assert session_of(subscription).epoch > 5


async def test_what_is_sought_again_is_read_again(cluster: Cluster) -> None:
    bus = KafkaBus(Access(cluster.bootstrap), prefix=cluster.prefix)
    async with reading(bus) as subscription:
        await bus.send("scheduler", [record(STEPS, "p", 1), record(STEPS, "p", 2)])
        assert len(await read(subscription, 2)) == 2
        for log in await subscription.heads():
            await subscription.seek(log, 0)
        assert await read(subscription, 2) == [f"{STEPS}-p-1", f"{STEPS}-p-2"]


async def test_a_broker_that_has_forgotten_the_session_is_told_everything(cluster: Cluster) -> None:
    bus = KafkaBus(Access(cluster.bootstrap), prefix=cluster.prefix)
    async with reading(bus) as subscription:
        await bus.send("scheduler", [record(STEPS, "p", 1)])
        assert await read(subscription, 1) == [f"{STEPS}-p-1"]
        forgotten = session_of(subscription).number = 1_234_567
        await bus.send("scheduler", [record(STEPS, "p", 2), record(NOTICES, "q", 1)])
        assert sorted(await read(subscription, 2)) == sorted([f"{STEPS}-p-2", f"{NOTICES}-q-1"])
        assert session_of(subscription).number not in (0, forgotten)
