"""Relays of one service share its shards evenly: each knows from the database's own locks how many others there are.

Locks belong to a session, so a relay that dies, or freezes until its session times out, is counted no more, and the others
take what was its own at their next look. A relay that has just failed stands back for a while: one that cannot reach the bus
would otherwise be given shards again and again.
"""

from __future__ import annotations

import zlib
from typing import Any

from sikua_chassis.outbox import SHARDS

STAND_BACK_SECONDS = 60.0
PRESENCE = SHARDS
"""The number, beside those of the shards, under which relays show that they are there: all of them share this lock."""

OTHERS = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND classid = $1::oid AND objid = $2::oid AND pid <> pg_backend_pid()"""

TAKE = "SELECT shard FROM unnest($2::int[]) AS shard WHERE pg_try_advisory_lock($1, shard) LIMIT $3"

HOLDERS = """SELECT count(DISTINCT objid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND classid = $1::oid AND objid < $2::oid"""


def key_of(schema: str) -> int:
    """The first of the two keys of a service's shard locks, as PostgreSQL's int4."""
    return zlib.crc32(f"relay:{schema}".encode()) - 2**31


def share_of(others: int) -> int:
    """How many shards one of so many relays and itself may hold: together they hold all, none more than one above its part."""
    return -(-SHARDS // (others + 1))


async def held_by_anybody(executor: Any, schema: str) -> int:
    """How many shards of a service some relay holds now, of any process."""
    return int(await executor.fetchval(HOLDERS, key_of(schema) % 2**32, SHARDS))


class Shards:
    """What one relay holds of its service's shards, in one session."""

    def __init__(self, schema: str) -> None:
        self._key = key_of(schema)
        self._shown = False
        self._stands_back_until = 0.0
        self.held: list[int] = []

    async def share(self, session: Any, now: float) -> None:
        """Give up what is more than our part, take what nobody holds up to it. `now`: seconds of the loop's clock."""
        if not self._shown and now >= self._stands_back_until:
            await session.execute("SELECT pg_advisory_lock_shared($1, $2)", self._key, PRESENCE)
            self._shown = True
        others = int(await session.fetchval(OTHERS, self._key % 2**32, PRESENCE))
        part = share_of(others) if self._shown or not others else 0
        while len(self.held) > part:
            await session.execute("SELECT pg_advisory_unlock($1, $2)", self._key, self.held.pop())
        if len(self.held) < part:
            free = [shard for shard in range(SHARDS) if shard not in self.held]
            taken = await session.fetch(TAKE, self._key, free, part - len(self.held))
            self.held = sorted([*self.held, *(row["shard"] for row in taken)])

    def forget(self) -> None:
        """The session is gone, and with it every lock."""
        self._shown, self.held = False, []

    def stand_back(self, now: float) -> None:
        """Let others have the shards for a while; hold them all the same where there are no others."""
        self._stands_back_until = now + STAND_BACK_SECONDS
