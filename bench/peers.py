"""What others would take instead of our consumer and our relay, used as their documentation says and with their best settings."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from itertools import count
from typing import Any

from aiokafka import AIOKafkaProducer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaResponse
from faststream_outbox import OutboxBroker, make_outbox_table
from sikua_chassis.bus.headers import message_of
from sikua_chassis.bus.kafka_sending import BATCH_BYTES
from sikua_chassis.bus.port import Record
from sikua_chassis.consumer import BATCH
from sikua_chassis.database import Database
from sikua_chassis.relay import CHUNK
from sikua_contracts.registry import ProjectRegistered
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from bench.cluster import counted_per_second, until
from bench.hearing import KEEP

QUEUE = "bench"
_NUMBERS = count()


class Count:
    """How much was done so far."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> int:
        return self.done


def _row(said: ProjectRegistered) -> tuple[str, str, str, int]:
    record = said.record
    return record.project_id, record.name, record.status.value, record.version


def _group() -> dict[str, Any]:
    return {
        "group_id": f"faststream-{os.getpid()}-{next(_NUMBERS)}",
        "auto_offset_reset": "earliest",
        "ack_policy": AckPolicy.NACK_ON_ERROR,
    }


async def heard_singly(bootstrap: str, topic: str, room: Database, messages: int) -> float:
    """FastStream's subscriber of single messages: each its own transaction, acknowledged after the handler."""
    broker, handled = KafkaBroker(bootstrap, logger=None), Count()

    @broker.subscriber(topic, **_group())
    async def keep(said: ProjectRegistered) -> None:
        await room.pool.execute(KEEP, *_row(said))
        handled.done += 1

    return await _while_it_runs(broker, handled, messages)


async def heard_in_batches(bootstrap: str, topic: str, room: Database, messages: int) -> float:
    """FastStream's batch subscriber: a batch as large as ours in one transaction, acknowledged after the handler."""
    broker, handled = KafkaBroker(bootstrap, logger=None), Count()

    @broker.subscriber(topic, batch=True, max_records=BATCH, **_group())
    async def keep_all(said: list[ProjectRegistered]) -> None:
        await room.pool.executemany(KEEP, [_row(each) for each in said])
        handled.done += len(said)

    return await _while_it_runs(broker, handled, messages)


async def handled_again(bootstrap: str, topic: str, room: Database) -> int:
    """How many messages FastStream's batch subscriber hands out again when it dies between commit and acknowledgement."""
    group, died = _group(), asyncio.Event()
    first = KafkaBroker(bootstrap, logger=None)
    seen: set[str] = set()
    again = Count()

    @first.subscriber(topic, batch=True, max_records=BATCH, **group)
    async def dies(said: list[ProjectRegistered]) -> None:
        if died.is_set():
            await asyncio.Event().wait()
        await room.pool.executemany(KEEP, [_row(each) for each in said])
        seen.update(each.record.project_id for each in said)
        died.set()
        await asyncio.Event().wait()

    await first.start()
    await asyncio.wait_for(died.wait(), 60)
    # Nobody acknowledges: the task that would have is gone with its process.
    for subscriber in first.subscribers:
        for task in getattr(subscriber, "tasks", ()):
            task.cancel()
    await first.stop()
    second = KafkaBroker(bootstrap, logger=None)
    heard = Count()

    @second.subscriber(topic, batch=True, max_records=BATCH, **group)
    async def goes_on(said: list[ProjectRegistered]) -> None:
        again.done += sum(each.record.project_id in seen for each in said)
        heard.done += len(said)

    await second.start()
    try:
        await until(lambda: again() >= len(seen) or heard() >= 20 * BATCH, 60)
    finally:
        await second.stop()
    return again()


async def _while_it_runs(broker: Any, handled: Count, messages: int) -> float:
    await broker.start()
    try:
        return await counted_per_second(handled, messages)
    finally:
        await broker.stop()


async def produced(bootstrap: str, topic: str, records: Sequence[Record]) -> float:
    """aiokafka alone, idempotent and acknowledged by all, in chunks as large as the relay's; the bytes are ready."""
    messages = [message_of(record) for record in records]
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", max_batch_size=BATCH_BYTES
    )
    await producer.start()
    sent = Count()

    async def send_all() -> None:
        for begin in range(0, len(messages), CHUNK):
            chunk = messages[begin : begin + CHUNK]
            under_way = [
                await producer.send(topic, message.value, key=message.key, headers=message.headers) for message in chunk
            ]
            await asyncio.gather(*under_way)
            sent.done += len(chunk)

    sending = asyncio.create_task(send_all())
    try:
        return await counted_per_second(sent, len(messages))
    finally:
        await sending
        await producer.stop()


async def relayed_by_faststream(url: str, bootstrap: str, topic: str, records: Sequence[Record]) -> float:
    """faststream-outbox: rows leased in batches, each sent by the publisher and then removed, removals gathered."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    metadata = MetaData()
    table = make_outbox_table(metadata, table_name=f"outbox_{next(_NUMBERS)}")
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    outbox = OutboxBroker(engine, outbox_table=table, logger=None)
    kafka = KafkaBroker(bootstrap, logger=None, enable_idempotence=True, acks="all")
    sent = Count()

    @kafka.publisher(topic)
    @outbox.subscriber(
        QUEUE,
        fetch_batch_size=CHUNK,
        min_fetch_interval=0.01,
        max_fetch_interval=0.05,
        terminal_flush_batch_size=CHUNK,
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )
    async def relay(body: dict[str, Any]) -> KafkaResponse:
        sent.done += 1
        return KafkaResponse(body, key=body["record"]["project_id"].encode())

    try:
        async with engine.begin() as connection:
            await outbox.publish_batch(
                *(json.loads(record.payload) for record in records), queue=QUEUE, session=connection
            )
        await kafka.start()
        await outbox.start()
        return await counted_per_second(sent, len(records))
    finally:
        await outbox.stop()
        await kafka.stop()
        await engine.dispose()
