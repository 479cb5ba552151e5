"""A unit of work: features read, gather and publish; only the frame opens and commits it.

A unit that only gathers and publishes leaves as one SQL statement. One that reads opens a transaction at its first read,
and what it has gathered is sent before the next read of a table written to, so that nobody reads behind their own back.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg
from sikua_contracts.envelope import AnyEvent

from sikua_chassis.bulk_insert import BulkInserts, GatheredPart
from sikua_chassis.errors import EnvironmentFault

if TYPE_CHECKING:
    from sikua_chassis.auth.principal import Principal

_PLACEHOLDER = re.compile(r"\$(\d+)")
ACQUIRE_SECONDS = 10.0
_MOST_PARTS = 6
_BROKEN = (asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresError, OSError, TimeoutError)

_TABLE = re.compile(
    r"\s*(?:WITH .*?\n\) )?(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?([\w.\"]+)", re.IGNORECASE | re.DOTALL
)

Part = tuple[str, tuple[Any, ...]]


@dataclass
class Gathering:
    """What a unit of work will write: statements and events.

    Statements of equal text leave together, unless another statement on the same table came between: per table the order
    is kept, so that the later word wins also within a batch.
    """

    parts: list[GatheredPart] = field(default_factory=list)
    events: list[AnyEvent] = field(default_factory=list)
    _latest: dict[str, GatheredPart] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How much is gathered: rows and events."""
        size = len(self.events)
        for _, rows in self.parts:
            size += len(rows)
        return size

    def add(self, sql: str, arguments: tuple[Any, ...]) -> None:
        rows = self.rows_of(sql)
        if rows is not None:
            rows.append(arguments)
            return
        part: GatheredPart = (sql, [arguments])
        self.parts.append(part)
        self._latest[table_of(sql)] = part

    def rows_of(self, sql: str) -> list[tuple[Any, ...]] | None:
        """The rows gathered for this statement, to be added to; None when it is not the last one on its table."""
        latest = self._latest.get(table_of(sql))
        return latest[1] if latest is not None and latest[0] == sql else None

    def concerns(self, sql: str) -> bool:
        """Whether this statement could tell if what is gathered has been sent: any but a SELECT that names no table of it."""
        if not self.parts:
            return False
        return not sql.startswith("SELECT") or any(_names(sql, table) for table in self._latest)

    def take_parts(self) -> list[GatheredPart]:
        parts, self.parts = self.parts, []
        self._latest.clear()
        return parts

    def take_events(self) -> list[AnyEvent]:
        events, self.events = self.events, []
        return events


@lru_cache(maxsize=1024)
def table_of(sql: str) -> str:
    """The table that an INSERT, UPDATE or DELETE writes to; the statement itself when that cannot be seen."""
    found = _TABLE.match(sql)
    return found.group(1) if found else sql


@lru_cache(maxsize=1024)
def _names(sql: str, table: str) -> bool:
    """Whether a query names a table; one that cannot be seen (`table_of`) may be any."""
    return " " in table or re.search(rf"\b{re.escape(table.rpartition('.')[2].strip(chr(34)))}\b", sql) is not None


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


class Moment(NamedTuple):
    """One moment by both clocks, aware UTC: business time, and the machine's."""

    business: datetime
    real: datetime


class Session:
    """What a handler holds: reads now, writes at commit, and knows the time, the actor and the cause."""

    def __init__(
        self,
        connection: Connection,
        *,
        service: str,
        source: str,
        at: Moment,
        tools: Any = None,
        actor: Principal | None = None,
        cause: AnyEvent | None = None,
        traceparent: str | None = None,
        gathering: Gathering | None = None,
        memo: dict[str, Any] | None = None,
    ) -> None:
        self._connection = connection
        self.service = service
        self.source = source
        self.now, self.recorded_at = at
        self.tools = tools
        self.actor = actor
        self.cause = cause
        self.traceparent = traceparent
        self.gathering = gathering if gathering is not None else Gathering()
        self.memo: dict[str, Any] = memo if memo is not None else {}

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        """Rows of a query, inside the unit's transaction, after what was gathered for the tables that it names."""
        raw = await self._ready(sql)
        return list(await raw.fetch(sql, *arguments))

    async def fetchrow(self, sql: str, *arguments: Any) -> Any | None:
        """The first row, or None."""
        raw = await self._ready(sql)
        return await raw.fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        """The first column of the first row, or None."""
        raw = await self._ready(sql)
        return await raw.fetchval(sql, *arguments)

    async def execute(self, sql: str, *arguments: Any) -> str:
        """Run a statement now; the answer is PostgreSQL's command tag ("UPDATE 1")."""
        raw = await self._ready(sql)
        return str(await raw.execute(sql, *arguments))

    def gather(self, sql: str, *arguments: Any) -> None:
        """Write at commit. One INSERT, UPDATE or DELETE without RETURNING; its WITH, if any, ends with a line `) …`.

        The order is kept per table. Statements on different tables must not depend on each other's order: those of equal
        text are sent together.
        """
        self.gathering.add(sql, arguments)

    async def flush(self) -> None:
        """Send what was gathered, inside the transaction; events wait for the commit."""
        parts = self.gathering.take_parts()
        if parts:
            await self._connection.send(parts)

    async def _ready(self, sql: str) -> Any:
        if self.gathering.concerns(sql):
            await self.flush()
        raw = await self._begin()
        self._connection.statements += 1
        return raw

    async def _begin(self) -> Any:
        return await self._connection.begin()


async def send_parts(raw: Any, parts: Sequence[GatheredPart], own: Part | None = None) -> int:
    """Send gathered statements: as one where that is possible, else those of equal text together. How many were sent.

    `own` is the frame's and comes first: it holds what the others need.
    """
    whole = single_statement(parts, own)
    if whole is not None:
        await raw.execute(whole[0], *whole[1])
        return 1
    if own is not None:
        await raw.execute(own[0], *own[1])
    for sql, rows in parts:
        if len(rows) == 1:
            await raw.execute(sql, *rows[0])
        else:
            await raw.executemany(sql, rows)
    return len(parts) + (own is not None)


def single_statement(parts: Sequence[GatheredPart], last: Part | None) -> Part | None:
    """All writes as one statement, or None when there are too many: WITH part, part, … last part.

    Parts of one statement do not see each other's writes, so two on one table go one after the other instead. A part may
    begin with one WITH, closed by a line that begins with `)`. `last` is the frame's own; PostgreSQL runs it first.
    """
    if len(parts) > _MOST_PARTS or any(len(rows) != 1 for _, rows in parts):
        return None
    pieces: list[Part] = [(sql, rows[0]) for sql, rows in parts]
    if last is not None:
        pieces.append(last)
    text = _joined(tuple((sql, len(values)) for sql, values in pieces), last is not None)
    return None if text is None else (text, tuple(value for _, values in pieces for value in values))


@lru_cache(maxsize=256)
def _joined(pieces: tuple[tuple[str, int], ...], ends_with_frame: bool) -> str | None:
    """The text of these statements as one; each comes with how many arguments it takes, the last may be the frame's."""
    writing = pieces[:-1] if ends_with_frame else pieces
    if not pieces or len({table_of(sql) for sql, _ in writing}) != len(writing):
        return None
    shifted: list[str] = []
    taken = 0
    for sql, arguments in pieces:
        shifted.append(_shifted(sql, taken))
        taken += arguments
    *before, tail = shifted
    if not before:
        return tail
    head = ", ".join(_as_query(number, sql) for number, sql in enumerate(before))
    return f"WITH {head}, {tail[5:]}" if tail.startswith("WITH ") else f"WITH {head} {tail}"


def _as_query(number: int, sql: str) -> str:
    """A statement as one of the queries of a WITH; what stands in its own WITH comes before it."""
    if not sql.startswith("WITH "):
        return f"part{number} AS ({sql})"
    leading, _, statement = sql[5:].partition("\n) ")
    return f"{leading}\n), part{number} AS ({statement})"


def _shifted(sql: str, by: int) -> str:
    return sql if by == 0 else _PLACEHOLDER.sub(lambda found: f"${int(found.group(1)) + by}", sql)
