"""Answers kept under an Idempotency-Key, and denials, are forgotten after a time, a few at once, by whichever replica.

A key that is forgotten means a new request; so nothing younger than `SIKUA_IDEMPOTENCY_HOURS` ever goes, and no
denial younger than `SIKUA_DENIAL_DAYS`.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from datetime import timedelta

import structlog

from sikua_chassis.clock import real_now
from sikua_chassis.database import LOST, Database
from sikua_chassis.supervision import heed_cancellation

FORGET_SECONDS = 600.0
MOST_ROWS = 2000
PAUSE_SECONDS = 0.1

# Oldest first; what another replica is forgetting at this moment is left to it.
ANSWERS = """WITH old AS (
  SELECT principal, key FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
DELETE FROM idempotency i USING old WHERE i.principal = old.principal AND i.key = old.key"""

DENIALS = """WITH old AS (SELECT id FROM denial WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)
DELETE FROM denial d USING old WHERE d.id = old.id"""

log = structlog.get_logger("sikua.forgetting")


class Forgetting:
    """Removes what is older than `keep` (real time) by a statement that takes the moment and the most rows."""

    def __init__(self, database: Database, keep: timedelta, statement: str = ANSWERS) -> None:
        self._database = database
        self._keep = keep
        self._statement = statement

    async def run(self) -> None:
        """Forget from time to time until cancelled; a lost database is waited for."""
        while True:
            # Replicas that started together do not stay together.
            await asyncio.sleep(FORGET_SECONDS * random.uniform(0.5, 1.5))
            try:
                await self.all()
            except LOST as trouble:
                heed_cancellation()
                log.warning("What is old cannot be forgotten yet.", action="forgetting_pauses", error=repr(trouble))

    async def all(self) -> None:
        """Remove everything that is too old, batch by batch."""
        for pause in itertools.repeat(PAUSE_SECONDS):
            if await self.once() < MOST_ROWS:
                return
            await asyncio.sleep(pause)

    async def once(self) -> int:
        """Remove a batch of the oldest; how many rows went, at most MOST_ROWS."""
        async with self._database.unit_of_work() as session:
            tag = await session.execute(self._statement, real_now() - self._keep, MOST_ROWS)
        return int(tag.rpartition(" ")[2])
