"""FastStream's subscribers, used as its documentation says: what others would take instead of our consumer.

Each round is a group of its own that reads everything from the beginning. Little code is read here, so that the process of this
side carries no more of it than anybody's would.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from itertools import count
from typing import Any

import asyncpg
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from sikua_contracts.registry import ProjectRegistered

from bench.counting import Count, counted_per_second, until
from bench.heard import KEEP, row_of

_NUMBERS = count()


def _group() -> dict[str, Any]:
    return {
        "group_id": f"faststream-{os.getpid()}-{next(_NUMBERS)}",
        "auto_offset_reset": "earliest",
        "ack_policy": AckPolicy.NACK_ON_ERROR,
    }


@dataclass(frozen=True)
class FastStream:
    """Subscribers that write the same SQL, acknowledged after the handler. `batch` is as large as ours."""

    bootstrap: str
    topic: str
    pool: asyncpg.Pool
    batch: int

    async def singly(self, messages: int) -> float:
        """Messages a second of the subscriber of single messages: each its own transaction."""
        broker, handled = self._broker(), Count()

        @broker.subscriber(self.topic, **_group())
        async def keep(said: ProjectRegistered) -> None:
            await self.pool.execute(KEEP, *row_of(said))
            handled.done += 1

        return await _while_it_runs(broker, handled, messages)

    async def in_batches(self, messages: int) -> float:
        """Messages a second of the batch subscriber: a batch in one transaction."""
        broker, handled = self._broker(), Count()

        @broker.subscriber(self.topic, batch=True, max_records=self.batch, **_group())
        async def keep_all(said: list[ProjectRegistered]) -> None:
            await self.pool.executemany(KEEP, [row_of(each) for each in said])
            handled.done += len(said)

        return await _while_it_runs(broker, handled, messages)

    async def handled_again(self) -> int:
        """How many messages the batch subscriber hands out again when it dies between commit and acknowledgement."""
        group, died = _group(), asyncio.Event()
        first, seen, again = self._broker(), set[str](), Count()

        @first.subscriber(self.topic, batch=True, max_records=self.batch, **group)
        async def dies(said: list[ProjectRegistered]) -> None:
            if died.is_set():
                await asyncio.Event().wait()
            await self.pool.executemany(KEEP, [row_of(each) for each in said])
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
        second, heard = self._broker(), Count()

        @second.subscriber(self.topic, batch=True, max_records=self.batch, **group)
        async def goes_on(said: list[ProjectRegistered]) -> None:
            again.done += sum(each.record.project_id in seen for each in said)
            heard.done += len(said)

        await second.start()
        try:
            await until(lambda: again() >= len(seen) or heard() >= 20 * self.batch, 60)
        finally:
            await second.stop()
        return again()

    def _broker(self) -> Any:
        return KafkaBroker(self.bootstrap, logger=None)


async def _while_it_runs(broker: Any, handled: Count, messages: int) -> float:
    await broker.start()
    try:
        return await counted_per_second(handled, messages)
    finally:
        await broker.stop()
