"""Chunks leave through producers that are used by one chunk at a time, and never again after a failure.

An idempotent producer alone does not keep order when one record is refused (delivery rule 9): it is abandoned without
flushing, and whoever sent starts again at the first record that was not acknowledged, through a new one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTimestampError,
    KafkaError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    UnknownTopicOrPartitionError,
)

from sikua_chassis.bus.access import Access
from sikua_chassis.bus.headers import message_of
from sikua_chassis.bus.kafka_closing import WholeClient, abandon, seen
from sikua_chassis.bus.kafka_filling import filled
from sikua_chassis.bus.port import Record, RecordRefused
from sikua_chassis.errors import EnvironmentFault

START_SECONDS = 10.0
SEND_SECONDS = 15.0
ONE_BY_ONE_SECONDS = 60.0
REQUEST_MILLISECONDS = 10_000
METADATA_MILLISECONDS = 30_000
BATCH_BYTES = 128 * 1024
LARGEST_BYTES = 1_000_000

REFUSED = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidTimestampError, PolicyViolationError)
"""What Kafka says of a record that it will never take; all else is the environment's fault and passes."""

log = structlog.get_logger("sikua.kafka")


class Sender:
    """The producers of one process: idle ones are kept, as many as chunks were ever under way at once."""

    def __init__(self, access: Access, prefix: str, send_seconds: float = SEND_SECONDS) -> None:
        self._access = access
        self._prefix = prefix
        self._send_seconds = send_seconds
        self._idle: list[AIOKafkaProducer] = []
        self._alive: set[AIOKafkaProducer] = set()

    async def send(self, service: str, records: Sequence[Record]) -> None:
        """Carry records in this order and wait until all replicas in sync have them."""
        try:
            async with asyncio.timeout(self._send_seconds), self._producer(service) as producer:
                await self._at_once(producer, records)
        except REFUSED:
            await self._one_by_one(service, records)
        except TimeoutError as late:
            raise EnvironmentFault("kafka", f"no acknowledgement within {self._send_seconds:g} s") from late
        except (KafkaError, OSError) as trouble:
            raise fault(trouble) from trouble

    async def close(self) -> None:
        """Abandon every producer, those in use too: a chunk that is under way then counts as not acknowledged."""
        alive, self._alive, self._idle = self._alive, set(), []
        await asyncio.gather(*(abandon(producer) for producer in alive))

    async def _at_once(self, producer: AIOKafkaProducer, records: Sequence[Record]) -> None:
        """Hand over one batch of each partition after the other; the next one of a partition waits until its turn comes."""
        queues = await filled(producer, self._prefix, records, LARGEST_BYTES)
        under_way: list[asyncio.Future[object]] = []
        try:
            while queues:
                for place, queue in list(queues.items()):
                    topic, partition = place
                    under_way.append(await producer.send_batch(queue.popleft(), topic, partition=partition))
                    if not queue:
                        del queues[place]
            await asyncio.gather(*under_way)
        finally:
            for future in under_way:
                future.add_done_callback(seen)

    async def _one_by_one(self, service: str, records: Sequence[Record]) -> None:
        """Find the record that is refused. Those before it arrive a second time; consumers drop them by sequence."""
        try:
            async with asyncio.timeout(ONE_BY_ONE_SECONDS), self._producer(service) as producer:
                for record in records:
                    try:
                        await (await self._hand_over(producer, record))
                    except REFUSED as refusal:
                        raise RecordRefused(record.id, f"{type(refusal).__name__}: {refusal}") from refusal
        except TimeoutError as late:
            raise EnvironmentFault("kafka", "sending one by one takes too long") from late
        except (KafkaError, OSError) as trouble:
            raise fault(trouble) from trouble

    async def _hand_over(self, producer: AIOKafkaProducer, record: Record) -> asyncio.Future[object]:
        message = message_of(record)
        handed: asyncio.Future[object] = await producer.send(
            self._prefix + record.topic, message.value, key=message.key, headers=message.headers
        )
        return handed

    @asynccontextmanager
    async def _producer(self, service: str) -> AsyncIterator[AIOKafkaProducer]:
        producer = self._idle.pop() if self._idle else await self._start(service)
        try:
            yield producer
        except BaseException:
            await self._abandon(producer)
            raise
        if producer in self._alive:
            self._idle.append(producer)

    async def _abandon(self, producer: AIOKafkaProducer) -> None:
        self._alive.discard(producer)
        await abandon(producer)

    async def _start(self, service: str) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._access.client(
                client_id=f"sikua-{service}",
                enable_idempotence=True,
                acks="all",
                request_timeout_ms=REQUEST_MILLISECONDS,
                metadata_max_age_ms=METADATA_MILLISECONDS,
                max_batch_size=BATCH_BYTES,
                max_request_size=LARGEST_BYTES,
            )
        )
        WholeClient.of(producer.client)
        self._alive.add(producer)
        try:
            async with asyncio.timeout(START_SECONDS):
                await producer.start()
        except BaseException:
            await self._abandon(producer)
            raise
        return producer


def fault(trouble: BaseException) -> EnvironmentFault:
    """Trouble with Kafka, named so that one knows what to do."""
    if isinstance(trouble, UnknownTopicOrPartitionError):
        return EnvironmentFault("kafka", "a topic is missing: sikua topics apply")
    if isinstance(trouble, TimeoutError):
        return EnvironmentFault("kafka", "no answer in time")
    return EnvironmentFault("kafka", repr(trouble))
