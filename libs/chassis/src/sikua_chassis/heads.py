"""The loss of a stream's last event shows no gap: now and then each head is held against what its source has published.

A lane that is behind although its consumer has read on beyond the source's answer misses what no log will bring: it is asked of
the source like any other gap (delivery rule 19).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence

import structlog

from sikua_chassis.clock import real_now
from sikua_chassis.consumer import Consumer
from sikua_chassis.database import LOST, Database
from sikua_chassis.gaps import MOST_EVENTS, Source
from sikua_chassis.held_lanes import HeldLanes
from sikua_chassis.lane_store import lanes_behind, mark_behind
from sikua_chassis.supervision import heed_cancellation

AUDIT_SECONDS = 300.0
SETTLE_SECONDS = 30.0
LOOK_SECONDS = 0.1
RETRY_SECONDS = 5.0

log = structlog.get_logger("sikua.heads")


class HeadAudit:
    """Compares the lanes of one consumer with the heads of all streams that its topics carry."""

    def __init__(
        self, database: Database, consumer: Consumer, held: HeldLanes, source: Source, topics: Iterable[str]
    ) -> None:
        self._database = database
        self._consumer = consumer
        self._held = held
        self._source = source
        self._topics = sorted(topics)
        self._seen = 0

    async def run(self) -> None:
        """Audit from time to time, and soon after a log has changed; until cancelled."""
        while True:
            await self._consumer.changed.wait(AUDIT_SECONDS * random.uniform(0.8, 1.2), self._seen)
            changes = self._consumer.changed.generation
            try:
                await self.audit()
                self._seen = changes
            except LOST as trouble:
                heed_cancellation()
                log.warning("Heads cannot be compared yet.", action="audit_pauses", error=repr(trouble))
                await asyncio.sleep(RETRY_SECONDS)

    async def audit(self) -> int:
        """One round over all sources; how many lanes were missing their last events."""
        found = 0
        for service in self._source.services:
            for topic in self._topics:
                after: str | None = ""
                while after is not None:
                    source, heads, after = await self._source.heads(service, topic, after)
                    found += await self._compare(source, topic, heads)
        return found

    async def _compare(self, source: str, topic: str, heads: Mapping[str, int]) -> int:
        pool, name = self._database.pool, self._consumer.name
        if not await lanes_behind(pool, name, source, topic, heads) or not await self._read_on():
            return 0
        behind = await lanes_behind(pool, name, source, topic, heads)
        marked = await self._mark(source, topic, behind)
        for subject in marked:
            first = behind[subject] + 1
            last = min(heads[subject], behind[subject] + MOST_EVENTS)
            log.error(
                "The last events of a stream never came; they are asked of their source.",
                action="head_behind",
                project_id=subject,
                first=first,
                last=last,
            )
            await self._held.fill((source, topic, subject), first, last)
        return len(marked)

    async def _mark(self, source: str, topic: str, behind: Mapping[str, int]) -> Sequence[str]:
        async with self._database.unit_of_work() as session:
            return await mark_behind(session, self._consumer.name, source, topic, behind, real_now())

    async def _read_on(self) -> bool:
        """Wait until everything that was in the logs when we asked is handled; False when that takes too long."""
        ends = {name: head for name, (_, head) in (await self._consumer.positions()).items()}
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while True:
                    now = await self._consumer.positions()
                    if all(now.get(name, (0, 0))[0] >= end for name, end in ends.items()):
                        return True
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            return False
