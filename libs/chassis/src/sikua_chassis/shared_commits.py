"""Units of work that are one statement and wait at the same time share a round trip and a commit; each keeps its own outcome.

The first one leaves at once. Those of the same text that come while it is under way leave together after it, as one
transaction, in the order of their streams (delivery rule 15). A transaction that the server refused has changed nothing:
each unit in it is then sent alone, so that only the one to blame fails. Any other failure leaves the outcome open, and
every unit in it is told so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from sikua_chassis.connection import Connection

MOST_TOGETHER = 32
_OUTCOME_OPEN = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError)


@dataclass(slots=True)
class _Waiting:
    order: str
    arguments: tuple[Any, ...]
    outcome: asyncio.Future[None]


@dataclass(slots=True)
class _Route:
    """One statement's text: who waits to leave with it, and whether something is under way."""

    waiting: deque[_Waiting] = field(default_factory=deque)
    under_way: bool = False


class SharedCommits:
    """The units of work of one database that are single statements. Waiting is bounded by the requests being served.

    `returned` is told of the rows that their statements return, once they are committed.
    """

    def __init__(self, pool_of: Callable[[], asyncpg.Pool], returned: Callable[[Sequence[Any]], None]) -> None:
        self._pool_of = pool_of
        self._returned = returned
        self._routes: dict[str, _Route] = {}
        self._flights: set[asyncio.Task[None]] = set()

    async def execute(self, sql: str, arguments: tuple[Any, ...], order: str) -> None:
        """Return when it is committed. Raises what the statement raises alone. `order` is its first stream's subject."""
        route = self._routes.setdefault(sql, _Route())
        if route.under_way:
            outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            route.waiting.append(_Waiting(order, arguments, outcome))
            await outcome
            return
        route.under_way = True
        try:
            await self._send(sql, [arguments])
        finally:
            self._next(sql, route)

    def _next(self, sql: str, route: _Route) -> None:
        """Let those leave who came meanwhile, in a task of their own: none of them may die with another's request."""
        if not route.waiting:
            del self._routes[sql]
            return
        flight = asyncio.get_running_loop().create_task(self._fly(sql, route))
        self._flights.add(flight)
        flight.add_done_callback(self._flights.discard)

    async def _fly(self, sql: str, route: _Route) -> None:
        together: list[_Waiting] = []
        while route.waiting and len(together) < MOST_TOGETHER:
            unit = route.waiting.popleft()
            if not unit.outcome.done():
                together.append(unit)
        together.sort(key=lambda unit: unit.order)
        try:
            await self._together(sql, together)
        except BaseException as failure:
            _settle(together, failure)
            if not isinstance(failure, Exception):
                raise
        finally:
            self._next(sql, route)

    async def _together(self, sql: str, units: Sequence[_Waiting]) -> None:
        if len(units) > 1:
            try:
                await self._send(sql, [unit.arguments for unit in units])
            except Exception as failure:
                if not _refused(failure):
                    raise
            else:
                _settle(units, None)
                return
        for unit in units:
            try:
                await self._send(sql, [unit.arguments])
            except Exception as failure:
                _settle([unit], failure)
            else:
                _settle([unit], None)

    async def _send(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        connection = Connection(self._pool_of, transactional=False)
        try:
            raw = await connection.raw()
            if len(rows) == 1:
                found = await raw.fetch(sql, *rows[0])
            else:
                found = await raw.fetchmany(sql, rows)
        finally:
            await connection.release()
        if found:
            self._returned(found)


def _refused(failure: Exception) -> bool:
    """Whether the server, or the driver before it sent anything to commit, refused the transaction as a whole."""
    if isinstance(failure, _OUTCOME_OPEN):
        return False
    return isinstance(failure, asyncpg.PostgresError | ValueError)


def _settle(units: Sequence[_Waiting], failure: BaseException | None) -> None:
    for unit in units:
        if unit.outcome.done():
            continue
        if failure is None:
            unit.outcome.set_result(None)
        elif isinstance(failure, asyncio.CancelledError):
            unit.outcome.cancel()
        else:
            unit.outcome.set_exception(failure)
