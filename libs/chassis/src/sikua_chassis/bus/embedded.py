"""The embedded bus copies nothing: consumers read the services' own published rows, in order of position.

One log per speaking service. Waking is a signal within the process, only for those who read the log that has moved, and a
poll across processes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

import asyncpg

from sikua_chassis.bus.embedded_tail import Tail
from sikua_chassis.bus.port import RECORD_COLUMNS, Assigned, Batch, Placed, Record, Revoked, record_of_row
from sikua_chassis.database import open_pool
from sikua_chassis.signals import Signal

POLL_SECONDS = 1.0

READ = (
    f'SELECT position, {RECORD_COLUMNS} FROM "{{log}}".published '
    "WHERE position > $1 AND aggregatetype = ANY($2) ORDER BY position LIMIT $3"
)

NOT_MADE_YET = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError)
"""A speaker that has never started has no log yet: there is nothing to read, and it may start at any time."""


class EmbeddedBus:
    """The published tables of one PostgreSQL database. `speakers`: topic → services that publish on it."""

    hops = False
    carries = False

    def __init__(self, url: str, speakers: Mapping[str, Sequence[str]], *, pool_size: int = 4) -> None:
        self._url = url
        self._speakers = speakers
        self._pool_size = pool_size
        self._pool: asyncpg.Pool | None = None
        self.moved: dict[str, int] = {}
        self._readers: dict[str, set[Signal]] = {}
        self._tails: dict[tuple[str, tuple[str, ...]], Tail] = {}

    @property
    def pool(self) -> asyncpg.Pool:
        """The open pool."""
        if self._pool is None:
            raise RuntimeError("the embedded bus is not started")
        return self._pool

    async def start(self) -> None:
        """Open the readers' pool; starting twice is harmless."""
        if self._pool is None:
            named = {"application_name": "sikua-bus", "jit": "off"}
            self._pool = await open_pool(self._url, self._pool_size, named)

    async def stop(self) -> None:
        """Close the pool."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def send(self, service: str, records: Sequence[Record]) -> None:
        """Nothing to carry: marking the rows as published is the sending."""

    def is_read_here(self, service: str) -> bool:
        """Whether somebody in this process has read this log."""
        return any(log == service for log, _ in self._tails)

    def sent(self, service: str, marked: Sequence[Placed] = ()) -> None:
        """Wake those in this process who read this log; who is in step with it finds there what was marked."""
        for (log, topics), tail in self._tails.items():
            if log == service:
                tail.told(marked, topics)
        self.moved[service] = self.moved.get(service, 0) + 1
        for signal in self._readers.get(service, ()):
            signal.set()

    def subscribe(self, consumer: str, topics: frozenset[str]) -> EmbeddedSubscription:
        """A reader of all logs that carry one of these topics."""
        logs: dict[str, tuple[str, ...]] = {}
        for topic in sorted(topics):
            for service in self._speakers.get(topic, ()):
                logs[service] = (*logs.get(service, ()), topic)
        return EmbeddedSubscription(self, logs)

    def wake(self, signal: Signal, logs: Sequence[str]) -> None:
        """Set this signal whenever one of these logs has moved."""
        for log in logs:
            self._readers.setdefault(log, set()).add(signal)

    def leave(self, signal: Signal) -> None:
        """Set this signal no more."""
        for signals in self._readers.values():
            signals.discard(signal)

    async def read(self, log: str, topics: tuple[str, ...], position: int, limit: int) -> list[Placed]:
        """Records on these topics after a position: from memory for those in step, else from the log."""
        tail = self._tails.setdefault((log, topics), Tail())
        found = tail.after(position, limit)
        if found:
            return found
        if tail.is_behind(position):
            return await self._fetched(log, topics, position, limit)
        async with tail.reading:
            found = tail.after(position, limit)
            if not found:
                found = await self._fetched(log, topics, position, limit)
                if found:
                    tail.keep(position, found, found[-1][0])
        return found

    def ends_at(self, log: str, topics: tuple[str, ...], position: int) -> bool:
        """Whether nothing follows this position in a log that is marked in this process."""
        tail = self._tails.get((log, topics))
        return tail is not None and tail.ends_at(position)

    def forget(self, log: str) -> None:
        """Read this log from the database again: a reader was set to a place in it."""
        for (name, _), tail in self._tails.items():
            if name == log:
                tail.forget()

    async def _fetched(self, log: str, topics: tuple[str, ...], position: int, limit: int) -> list[Placed]:
        rows: Sequence[asyncpg.Record] = ()
        with suppress(*NOT_MADE_YET):
            rows = await self.pool.fetch(READ.format(log=log), position, topics, limit)
        return [(row["position"], record_of_row(row)) for row in rows]


class EmbeddedSubscription:
    """Reads the logs of several services in turn, each from its own position."""

    def __init__(self, bus: EmbeddedBus, topics_of: Mapping[str, tuple[str, ...]]) -> None:
        self._signal = Signal()
        self._bus = bus
        self._topics_of = topics_of
        self._logs = sorted(topics_of)
        self._topics = sorted({topic for topics in topics_of.values() for topic in topics})
        self._positions: dict[str, int] = {}
        self._read_up_to: dict[str, int] = {}
        self._look_everywhere_at = 0.0
        self._turn = 0

    async def start(self, assigned: Assigned, revoked: Revoked) -> None:
        """All logs are ours from the start; none is ever revoked."""
        self._bus.wake(self._signal, self._logs)
        await assigned(self._logs)

    async def seek(self, log: str, position: int, last_id: str | None = None) -> None:
        """Read this log after `position`. It lies in the same database as the position: both come back from a backup."""
        self._positions[log] = position
        self._read_up_to.pop(log, None)
        self._bus.forget(log)

    def hold_back(self) -> None:
        """Nothing is held back: what there is to do is the database's."""

    def go_on(self) -> None:
        """There was no waiting."""

    async def fetch(self, limit: int, timeout_seconds: float) -> Batch | None:
        """The next records of the first log, in turn, that has any."""
        seen = self._signal.generation
        batch = await self._look(limit)
        if batch is None and await self._signal.wait(min(timeout_seconds, POLL_SECONDS), seen):
            batch = await self._look(limit)
        return batch

    async def _look(self, limit: int) -> Batch | None:
        self._forget_now_and_then()
        for _ in range(len(self._logs)):
            log = self._logs[self._turn % len(self._logs)]
            self._turn += 1
            moved = self._bus.moved.get(log, 0)
            if self._read_up_to.get(log) == moved:
                continue
            batch = await self._read(log, limit)
            if batch is None or self._bus.ends_at(log, self._topics_of[log], batch.end):
                self._read_up_to[log] = moved
            if batch is not None:
                return batch
        return None

    async def heads(self) -> dict[str, int]:
        """Last position per log among the subscribed topics; 0 where there is none."""
        with suppress(*NOT_MADE_YET):
            rows = await self._bus.pool.fetch(" UNION ALL ".join(map(_head, self._logs)), self._topics)
            return {row["log"]: row["head"] for row in rows}
        found = dict.fromkeys(self._logs, 0)
        for log in self._logs:
            with suppress(*NOT_MADE_YET):
                found[log] = await self._bus.pool.fetchval(_head(log), self._topics, column=1)
        return found

    async def stop(self) -> None:
        """Be woken no more; nothing else is held."""
        self._bus.leave(self._signal)
        await asyncio.sleep(0)

    def _forget_now_and_then(self) -> None:
        """What another process has written is found by looking; nobody tells this one."""
        now = asyncio.get_running_loop().time()
        if now >= self._look_everywhere_at:
            self._look_everywhere_at = now + POLL_SECONDS
            self._read_up_to.clear()

    async def _read(self, log: str, limit: int) -> Batch | None:
        start = self._positions[log]
        found = await self._bus.read(log, self._topics_of[log], start, limit)
        if not found:
            return None
        end = self._positions[log] = found[-1][0]
        return Batch(log, start, end, [record for _, record in found])


def _head(log: str) -> str:
    return f"SELECT '{log}' AS log, coalesce(max(position), 0) AS head FROM \"{log}\".published WHERE aggregatetype = ANY($1)"
