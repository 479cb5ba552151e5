"""The connection of a unit of work: taken from the pool at first need, and given back whatever became of its transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg

from sikua_chassis.bulk_insert import BulkInserts
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.gathering import GatheredPart, Part
from sikua_chassis.single_statement import send_parts

ACQUIRE_SECONDS = 10.0
_BROKEN = (asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresError, OSError, TimeoutError)


class Connection:
    """A pooled connection taken at first need. `begin` opens the transaction once; the frame ends it."""

    def __init__(
        self,
        pool_of: Callable[[], asyncpg.Pool],
        *,
        transactional: bool = True,
        sending: Callable[[], None] | None = None,
        bulk_inserts: BulkInserts | None = None,
    ) -> None:
        self._pool_of = pool_of
        self._bulk_inserts = bulk_inserts or BulkInserts()
        self._pool: Any = None
        self._raw: Any = None
        self._transaction: Any = None
        self._transactional = transactional
        self._sending = sending
        self.statements = 0
        self.has_savepoint = False
        self.has_said = False

    @property
    def in_transaction(self) -> bool:
        return self._transaction is not None

    async def raw(self) -> Any:
        if self._raw is None:
            self._pool = self._pool_of()
            # A timer is set only where there is something to wait for: it would cost more than the taking.
            self._raw = await self._pool.acquire(timeout=None if self._pool.get_idle_size() else ACQUIRE_SECONDS)
        elif _gone(self._raw):
            raise EnvironmentFault("database", "the connection was lost")
        return self._raw

    async def begin(self) -> Any:
        raw = await self.raw()
        if self._transactional and self._transaction is None:
            transaction = raw.transaction()
            await transaction.start()
            self._transaction = transaction
        return raw

    async def send(self, parts: Sequence[GatheredPart], own: Part | None = None) -> None:
        """Send gathered statements inside the transaction. `own` is the frame's and comes first."""
        raw = await self.begin()
        self.statements += await send_parts(raw, self._bulk_inserts.together(parts), own)
        await self._bulk_inserts.learn(raw, parts)

    def is_sending(self) -> None:
        """The last statements are about to leave: from here on the frame only waits."""
        if self._sending is not None:
            self._sending()

    async def commit(self) -> None:
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            await transaction.commit()

    async def release(self) -> None:
        """Give the connection back, rolling back what the frame did not commit. A lost one raises nothing here.

        What made the frame roll back is on its way up and must not be replaced; the server forgets what a lost
        connection had begun.
        """
        transaction, self._transaction = self._transaction, None
        raw, self._raw = self._raw, None
        if raw is None:
            return
        if transaction is not None and not _gone(raw):
            try:
                await transaction.rollback()
            except _BROKEN:
                raw.terminate()
        with contextlib.suppress(*_BROKEN):
            await self._pool.release(raw)


def _gone(raw: Any) -> bool:
    """Whether this pooled connection broke. asyncpg takes a broken one from its holder, who then may not even ask."""
    try:
        return bool(raw.is_closed())
    except asyncpg.InterfaceError:
        return True
