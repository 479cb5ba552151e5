"""Kafka as anybody else sees it: raw records in and out, without a line of ours between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient


async def everything(bootstrap: str, topic: str) -> list[Any]:
    """All records that a topic holds now, by partition and offset."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[Any] = []
        async with asyncio.timeout(30):
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found.extend(records)
        return sorted(found, key=lambda record: (record.partition, record.offset))
    finally:
        await consumer.stop()


async def write(
    bootstrap: str, topic: str, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]], **more: Any
) -> Any:
    """Write one record as somebody else's program would."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        return await producer.send_and_wait(topic, value, key=key, headers=list(headers), **more)
    finally:
        await producer.stop()


async def members(bootstrap: str, group: str) -> int:
    """How many consumers share a group now."""
    async with admin(bootstrap) as asked:
        (answer,) = await asked.describe_consumer_groups([group])
    (described,) = answer.to_object()["groups"]
    return len(described["members"])


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An administrator's client."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()
