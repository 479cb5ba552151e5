"""A department's own program that reads a topic in a group, comes and goes, and commits only what it has taken."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError


class OutsideReader:
    """Members of one group, one after the other; `taken` is everything that any of them read, in that order."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._reading: asyncio.Task[None] | None = None
        self.taken: list[Any] = []

    async def come(self) -> None:
        """A member joins and reads on from what was committed."""
        consumer = AIOKafkaConsumer(
            self._topic,
            bootstrap_servers=self._bootstrap,
            group_id="department-of-statistics",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        self._reading = asyncio.create_task(self._read(consumer))

    async def go(self) -> None:
        """The member leaves."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.wait([reading])

    async def has(self, records: int, within_seconds: float = 60.0) -> None:
        """Wait until so many different records were taken."""
        async with asyncio.timeout(within_seconds):
            while len({(each.partition, each.offset) for each in self.taken}) < records:
                await asyncio.sleep(0.05)

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        try:
            while True:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    self.taken += records
                with contextlib.suppress(KafkaError):
                    # A commit that a rebalance or a broker's restart refuses makes the next member read more twice.
                    await consumer.commit()
        finally:
            await consumer.stop()
