"""However far a reader is behind, it holds little more than it was asked for, and waits where it would disturb."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime

from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka import KafkaBus
from sikua_chassis.bus.kafka_reading import PARTITION_BYTES
from sikua_chassis.bus.port import Record, Subscription
from sikua_contracts.topics import STEPS
from support.kafka import Cluster

RECORDS = 8_000
BYTES_EACH = 4_000
PARTITIONS = 6
BATCH = 200
MOMENT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def backlog() -> list[Record]:
    return [
        Record(
            id=f"e-{n}",
            source="urn:cn:org:370200:system:sikua-scheduler",
            topic=STEPS,
            subject=f"p{n % 100}",
            type="cn.sikua.track.closed.v1",
            payload=f'{{"reason": "{"x" * BYTES_EACH}"}}',
            sequence=n // 100 + 1,
            previousid=None,
            time=MOMENT,
            recordedtime=MOMENT,
        )
        for n in range(RECORDS)
    ]


async def read_from_the_beginning(subscription: Subscription) -> None:
    """Join, and seek every log to its beginning."""

    async def assigned(logs: Sequence[str]) -> None:
        for log in logs:
            await subscription.seek(log, 0)

    async def revoked(logs: Sequence[str]) -> None:
        return None

    await subscription.start(assigned, revoked)


async def test_what_is_held_in_memory_does_not_grow_with_what_lies_in_the_log(cluster: Cluster) -> None:
    bus = KafkaBus(Access(cluster.bootstrap), prefix=cluster.prefix)
    records = backlog()
    for start in range(0, RECORDS, BATCH):
        await bus.send("scheduler", records[start : start + BATCH])
    del records
    subscription = bus.subscribe("reader", frozenset({STEPS}))
    tracemalloc.start()
    try:
        await read_from_the_beginning(subscription)
        read = 0
        async with asyncio.timeout(60):
            while read < 10 * BATCH:
                batch = await subscription.fetch(BATCH, 1.0)
                read += len(batch.records) if batch is not None else 0
                await asyncio.sleep(0.05)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        await subscription.stop()
        await bus.stop()
    assert peak < 4 * PARTITIONS * PARTITION_BYTES < RECORDS * BYTES_EACH / 4


async def test_nothing_is_taken_apart_while_it_is_held_back(cluster: Cluster) -> None:
    bus = KafkaBus(Access(cluster.bootstrap), prefix=cluster.prefix)
    await bus.send("scheduler", backlog()[:BATCH])
    subscription = bus.subscribe("reader", frozenset({STEPS}))
    try:
        await read_from_the_beginning(subscription)
        async with asyncio.timeout(60):
            while await subscription.fetch(1, 1.0) is None:
                pass
        subscription.hold_back()
        fetching = asyncio.ensure_future(subscription.fetch(1, 1.0))
        await asyncio.wait([fetching], timeout=1.5)
        assert not fetching.done()
        subscription.go_on()
        batch = await asyncio.wait_for(fetching, 10)
        assert batch is not None
        assert len(batch.records) == 1
    finally:
        await subscription.stop()
        await bus.stop()
