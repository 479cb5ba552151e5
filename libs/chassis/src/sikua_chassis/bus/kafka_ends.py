"""Where partitions begin and end now, asked on connections of their own: on a reader's they would wait behind its fetches."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import IllegalStateError, KafkaError

from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka_sending import METADATA_MILLISECONDS, REQUEST_MILLISECONDS, fault

ASKING_SECONDS = 3.0
STOP_SECONDS = 1.5
LEFT_SECONDS = 1.0

log = structlog.get_logger("sikua.kafka")


class Ends:
    """One client of a process for all who ask; it belongs to no group and reads no record."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._consumer: AIOKafkaConsumer | None = None
        self._starting = asyncio.Lock()

    async def first(self, partition: TopicPartition) -> int:
        """The offset of the first record there is, or of the next one. Raises EnvironmentFault."""
        try:
            async with asyncio.timeout(ASKING_SECONDS):
                consumer = await self._started()
                return int((await consumer.beginning_offsets([partition]))[partition])
        except (KafkaError, TimeoutError, OSError) as trouble:
            await self.close()
            raise fault(trouble) from trouble

    async def last(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset of the next record of each partition. Raises EnvironmentFault."""
        try:
            async with asyncio.timeout(ASKING_SECONDS):
                consumer = await self._started()
                return dict(await consumer.end_offsets(partitions))
        except (KafkaError, TimeoutError, OSError) as trouble:
            await self.close()
            raise fault(trouble) from trouble

    async def close(self) -> None:
        """Let the connections go; the next question opens new ones."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await let_go(consumer)

    async def _started(self) -> AIOKafkaConsumer:
        async with self._starting:
            if self._consumer is None:
                consumer = AIOKafkaConsumer(
                    **self._access.client(
                        client_id="sikua-ends",
                        isolation_level="read_committed",
                        request_timeout_ms=REQUEST_MILLISECONDS,
                        metadata_max_age_ms=METADATA_MILLISECONDS,
                    )
                )
                try:
                    await consumer.start()
                except BaseException:
                    await let_go(consumer)
                    raise
                self._consumer = consumer
            return self._consumer


async def let_go(consumer: AIOKafkaConsumer) -> None:
    """Leave the group if Kafka answers; close everything in any case."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await consumer.stop()
    except (TimeoutError, KafkaError, OSError, IllegalStateError) as trouble:
        log.warning("Kafka did not hear that a consumer leaves.", action="consumer_left", error=repr(trouble))
        # Whoever stops must come to an end, whatever is left of the client.
        with contextlib.suppress(TimeoutError, KafkaError, OSError):
            async with asyncio.timeout(LEFT_SECONDS):
                await _cut_off(consumer)


async def _cut_off(consumer: AIOKafkaConsumer) -> None:
    """End the client's tasks and connections without a word to the group."""
    coordinator, fetcher = consumer._coordinator, consumer._fetcher
    if isinstance(coordinator, GroupCoordinator):
        await coordinator._stop_heartbeat_task()
        await coordinator._stop_commit_offsets_refresh_task()
    if fetcher is not None:
        await fetcher.close()
    await consumer._client.close()
