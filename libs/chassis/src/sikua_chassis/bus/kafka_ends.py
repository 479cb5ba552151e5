"""Where partitions begin and end now, asked on connections of their own: on a reader's they would wait behind its fetches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka_closing import WholeClient, let_go
from sikua_chassis.bus.kafka_sending import METADATA_MILLISECONDS, REQUEST_MILLISECONDS, fault

ASKING_SECONDS = 3.0


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
        async with self._starting:
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
                WholeClient.of(consumer._client)
                try:
                    await consumer.start()
                except BaseException:
                    await let_go(consumer)
                    raise
                self._consumer = consumer
            return self._consumer
