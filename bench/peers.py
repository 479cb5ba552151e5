"""What others would take instead of our relay, used as their documentation says and with their best settings."""

from __future__ import annotations

import asyncio
import json
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
from sikua_chassis.relay import CHUNK
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from bench.counting import Count, counted_per_second

QUEUE = "bench"
_NUMBERS = count()


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
