"""A unit of work: features read, gather and publish; only the frame opens and commits it.

A unit that only gathers and publishes leaves as one SQL statement. One that reads opens a transaction at its first read,
and what it has gathered is sent before the next read of a table written to, so that nobody reads behind their own back.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sikua_contracts.envelope import AnyEvent

from sikua_chassis.connection import Connection
from sikua_chassis.gathering import Gathering

if TYPE_CHECKING:
    from sikua_chassis.auth.principal import Principal


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
