"""A client that is let go leaves no connection behind, wherever it was cut off, and what goes on of it opens none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import psutil
import pytest
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.errors import NodeNotReadyError
from aiokafka.protocol.metadata import MetadataRequest
from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka import KafkaBus
from sikua_chassis.bus.kafka_ends import Ends
from sikua_chassis.bus.kafka_reading import KafkaSubscription
from sikua_chassis.bus.kafka_sending import Sender
from sikua_chassis.bus.kafka_topics import topics_of
from sikua_chassis.bus.port import Record
from sikua_contracts.topics import STEPS
from support.falling_silent import door
from support.kafka import Cluster

WITHIN_SECONDS = 60
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SMALL = Record("1", "/test", STEPS, "p1", "test.v1", "{}", 1, None, NOW, NOW)


def connections(cluster: Cluster) -> int:
    """How many this process has to the broker."""
    port = int(cluster.bootstrap.rsplit(":", 1)[1])
    return sum(1 for each in psutil.Process().net_connections("tcp") if each.raddr and each.raddr.port == port)


async def told(_: object) -> None:
    """What a consumer hears of its partitions."""


async def send(access: Access, cluster: Cluster) -> None:
    await Sender(access, cluster.prefix).send("scheduler", [SMALL])


async def join(access: Access, cluster: Cluster) -> None:
    subscription = KafkaSubscription(access, cluster.prefix, "reader", frozenset({STEPS}), Ends(access))
    await subscription.start(told, told)


async def administer(access: Access, cluster: Cluster) -> None:
    async with topics_of(access):
        pass


@pytest.fixture
async def bus(cluster: Cluster) -> KafkaBus:
    """A bus that has sent something: it keeps a producer."""
    made = KafkaBus(Access(cluster.bootstrap), prefix=cluster.prefix)
    await made.send("scheduler", [SMALL])
    return made


@pytest.fixture
async def reader(cluster: Cluster, bus: KafkaBus) -> KafkaSubscription:
    """A member of a group that has read something."""
    subscription = bus.subscribe("reader", frozenset({STEPS}))
    logs: list[str] = []

    async def assigned(ours: Sequence[str]) -> None:
        logs.extend(ours)

    await subscription.start(assigned, told)
    async with asyncio.timeout(WITHIN_SECONDS):
        while not logs:
            await subscription.fetch(1, 0.1)
        for log in logs:
            await subscription.seek(log, 0)
        while await subscription.fetch(1, 0.1) is None:
            pass
    return subscription


@pytest.mark.parametrize("requests", [0, 1])
@pytest.mark.parametrize("begin", [send, join, administer])
async def test_a_start_that_is_cut_off_half_way_leaves_nothing(
    cluster: Cluster, begin: Callable[[Access, Cluster], Awaitable[None]], requests: int
) -> None:
    before = connections(cluster)
    async with door(cluster.bootstrap, requests) as silent:
        starting = asyncio.ensure_future(begin(Access(silent.address), cluster))
        async with asyncio.timeout(WITHIN_SECONDS):
            await silent.silent.wait()
            starting.cancel()
            await asyncio.wait({starting})
        await silent.empty()
    assert connections(cluster) == before


async def test_a_request_that_is_connecting_when_its_producer_is_abandoned_is_refused(
    cluster: Cluster, bus: KafkaBus
) -> None:
    client = bus._sender._idle[0].client
    late = asyncio.create_task(ask(client))
    while not client._get_conn_lock.locked():
        await asyncio.sleep(0)
    await bus.stop()
    with pytest.raises(NodeNotReadyError):
        await late
    with pytest.raises(NodeNotReadyError):
        await ask(client)
    assert connections(cluster) == 0


async def test_a_producer_in_use_is_abandoned_with_its_bus(cluster: Cluster, bus: KafkaBus) -> None:
    async with bus._sender._producer("scheduler"):
        await bus.stop()
    assert connections(cluster) == 0


async def test_a_reader_leaves_whole_though_a_fetch_of_its_own_was_cut_off(
    cluster: Cluster, bus: KafkaBus, reader: KafkaSubscription
) -> None:
    consumer = reader._consumer
    assert consumer is not None
    # About to be sent: so it is cancelled before it begins, and its cancellation reaches whoever stops the consumer.
    consumer._fetcher._pending_tasks.add(asyncio.create_task(asyncio.sleep(WITHIN_SECONDS)))
    await reader.stop()
    await bus.stop()
    assert connections(cluster) == 0


@pytest.mark.parametrize("turns", [1, 2, 3, 5, 8, 13])
async def test_a_reader_whose_leaving_is_cut_off_leaves_whole(
    cluster: Cluster, bus: KafkaBus, reader: KafkaSubscription, turns: int
) -> None:
    leaving = asyncio.create_task(reader.stop())
    for _ in range(turns):
        await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait({leaving})
    await bus.stop()
    assert connections(cluster) == 0


async def test_ends_that_are_asked_for_while_the_bus_stops_leave_nothing(cluster: Cluster, bus: KafkaBus) -> None:
    asking = asyncio.create_task(bus._ends._started())
    while not bus._ends._starting.locked():
        await asyncio.sleep(0)
    await bus.stop()
    await asyncio.wait({asking})
    assert connections(cluster) == 0


async def ask(client: AIOKafkaClient) -> None:
    """A request on a connection that is not open yet."""
    await client.send(client.get_random_node(), MetadataRequest(), group=ConnectionGroup.COORDINATION)
