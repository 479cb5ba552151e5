"""The live feed: one reader a process follows the table and hands each entry to every listener who may see it.

A listener first catches up from its own number, then joins the reader, so nothing is missed between the two. Nobody waits
inside a transaction. A listener that can't keep up is let go and resumes from the last id it got, as after any lost line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from sikua_chassis.database import ENVIRONMENT_ERRORS, Database
from sikua_chassis.errors import Unavailable
from sikua_chassis.supervision import heed_cancellation

from sikua_command_office.feed import store
from sikua_command_office.feed.entry import entry_of_row, glance, sent
from sikua_command_office.visibility import sees

POLL_SECONDS = 1.0
READ_ROWS = 500
CATCH_UP_NUMBERS = 1000
UNSETTLED_SECONDS = 10
KEEP_ALIVE = b": keep-alive\n\n"

log = structlog.get_logger("sikua.feed")


@dataclass(frozen=True)
class Limits:
    """What one process and one listener may cost. A stream ends after `lifetime_seconds`; the reader then comes back."""

    listeners: int = 2000
    queued: int = 256
    keep_alive_seconds: float = 15.0
    lifetime_seconds: float = 600.0
    retry_milliseconds: int = 1000


@dataclass(eq=False)
class Listener:
    """Who listens: what they see (None: all), of which project and types (empty: all), and how far they have read.

    With `glances` they are told that something happened, and to which project, but not what. `keep_alive_seconds` of
    their own go before those of the feed.
    """

    visible: Sequence[str] | None
    project_id: str | None = None
    types: frozenset[str] = frozenset()
    position: int = 0
    closed: bool = False
    glances: bool = False
    keep_alive_seconds: float | None = None
    queue: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    type: str
    project_id: str | None
    divisions: Sequence[str] | None
    text: bytes
    glance: bytes

    def text_for(self, listener: Listener) -> bytes:
        return self.glance if listener.glances else self.text

    def is_for(self, listener: Listener) -> bool:
        return (
            self.number > listener.position
            and (listener.project_id is None or self.project_id == listener.project_id)
            and (not listener.types or self.type in listener.types)
            and (self.project_id is None or sees(listener.visible, self.divisions))
        )


class LiveFeed:
    """The process's one reader and its listeners. The reader starts with the first of them."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._listeners: set[Listener] = set()
        self._database: Database | None = None
        self._reader: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._position = 0
        self._open = 0
        self._ended = False

    def follow(self, database: Database) -> None:
        """Read this database's feed."""
        self._database = database

    @property
    def listening(self) -> int:
        """How many streams are open."""
        return self._open

    async def stop(self) -> None:
        """End all streams, for good."""
        self._ended = True
        for listener in list(self._listeners):
            self._let_go(listener)
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            await asyncio.wait([reader])

    async def join(self, listener: Listener, after: int | None) -> AsyncIterator[bytes]:
        """The stream of one listener, from after this number on (None: from now on). Raises Unavailable when full."""
        if self._ended or self._open >= self.limits.listeners:
            raise Unavailable("实时动态的连接已满 · too many listeners", retry_after=5, hop="feed")
        await self._start()
        listener.position = self._position if after is None else after
        listener.queue = asyncio.Queue(self.limits.queued)
        return self._stream(listener)

    async def _stream(self, listener: Listener) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        ends = loop.time() + self.limits.lifetime_seconds
        keep_alive = listener.keep_alive_seconds or self.limits.keep_alive_seconds
        self._open += 1
        try:
            yield f"retry: {self.limits.retry_milliseconds}\n\n".encode()
            async for text in self._catch_up(listener):
                yield text
            while not (listener.closed or self._ended) and loop.time() < ends:
                waiting = await self._next(listener, min(keep_alive, ends - loop.time()))
                if waiting is None:
                    return
                yield waiting
        finally:
            self._open -= 1
            self._listeners.discard(listener)

    async def _next(self, listener: Listener, seconds: float) -> bytes | None:
        try:
            async with asyncio.timeout(max(seconds, 0.001)):
                texts = [await listener.queue.get()]
        except TimeoutError:
            return KEEP_ALIVE
        while not listener.queue.empty():
            texts.append(listener.queue.get_nowait())
        return None if None in texts else b"".join(text for text in texts if text)

    async def _catch_up(self, listener: Listener) -> AsyncIterator[bytes]:
        """What lies between the listener and the reader, in windows of numbers; then the listener stands with the reader."""
        while listener.position < self._position and not self._ended:
            until = min(listener.position + CATCH_UP_NUMBERS, self._position)
            for line in await self._lines(listener, until):
                yield line.text_for(listener)
            listener.position = until
        self._listeners.add(listener)

    async def _lines(self, listener: Listener, until: int) -> list[_Line]:
        async with self._known_database().unit_of_work(read_only=True) as session:
            rows = await store.entries(
                session,
                after=listener.position,
                until=until,
                limit=CATCH_UP_NUMBERS,
                project_id=listener.project_id,
                types=sorted(listener.types),
                visible=listener.visible,
            )
        return [_line_of(row) for row in rows]

    async def _start(self) -> None:
        async with self._starting:
            if self._reader is None or self._reader.done():
                async with self._known_database().unit_of_work(read_only=True) as session:
                    self._position = await store.last_number(session)
                self._reader = asyncio.create_task(self._read(), name="command-office: live feed")

    async def _read(self) -> None:
        database = self._known_database()
        while True:
            seen = database.written.generation
            try:
                moved = await self._advance(database)
            except ENVIRONMENT_ERRORS as trouble:
                heed_cancellation()
                log.warning("The live feed waits for the database.", action="feed_waits", error=repr(trouble))
                moved = False
                await asyncio.sleep(POLL_SECONDS)
            if not moved:
                await database.written.wait(POLL_SECONDS, seen)

    async def _advance(self, database: Database) -> bool:
        """Hand out what came after the reader's place. An entry whose project nobody has heard of yet is waited for a
        little, because it can't be told who may see it; after that only those who see all get it."""
        async with database.unit_of_work(read_only=True) as session:
            since = session.recorded_at - timedelta(seconds=UNSETTLED_SECONDS)
            rows = await store.following(session, self._position, since, READ_ROWS)
        lines = [_line_of(row) for row in rows]
        if not lines:
            return False
        for listener in list(self._listeners):
            self._hand(listener, lines)
        self._position = lines[-1].number
        return len(lines) == READ_ROWS

    def _hand(self, listener: Listener, lines: Sequence[_Line]) -> None:
        for line in lines:
            if line.is_for(listener):
                if listener.queue.full():
                    self._let_go(listener)
                    return
                listener.queue.put_nowait(line.text_for(listener))
        listener.position = max(listener.position, lines[-1].number)

    def _let_go(self, listener: Listener) -> None:
        listener.closed = True
        self._listeners.discard(listener)
        while not listener.queue.empty():
            listener.queue.get_nowait()
        listener.queue.put_nowait(None)

    def _known_database(self) -> Database:
        if self._database is None:
            raise RuntimeError("the live feed follows no database yet")
        return self._database


def _line_of(row: Any) -> _Line:
    entry = entry_of_row(row)
    divisions: Sequence[str] | None = row["divisions"]
    return _Line(entry.number, entry.type, entry.project_id, divisions, sent(entry), glance(entry))
