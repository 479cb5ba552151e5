"""A service's own schema: its pool, its migrations, and its units of work. Only this frame begins and commits.

Connections carry `search_path` = the service's schema, so SQL names tables without a schema and no service sees another's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import asyncpg
from sikua_contracts.envelope import AnyEvent

from sikua_chassis.auth.principal import Principal
from sikua_chassis.bulk_insert import BulkInserts
from sikua_chassis.clock import real_now
from sikua_chassis.connection import Connection
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.fresh_rows import FreshRows
from sikua_chassis.gathering import GatheredPart, Gathering, Part
from sikua_chassis.json_text import json_text
from sikua_chassis.outbox import write_events
from sikua_chassis.session import Moment, Session
from sikua_chassis.shared_commits import SharedCommits
from sikua_chassis.signals import Signal
from sikua_chassis.single_statement import single_statement

CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 30.0
# A process that freezes in a transaction holds its locks, and with them its position: the next owner would wait for ever.
FROZEN_MILLISECONDS = 10_000
LONGEST_MILLISECONDS = 300_000
"""Of one unit of work. It frees what a process holds that froze between preparing a statement and running it: such a session
counts as active, not as idle."""

ENVIRONMENT_ERRORS: tuple[type[BaseException], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    # So asyncpg calls a connection that the server has ended and that has not been closed yet.
    asyncpg.InternalClientError,
    EnvironmentFault,
    OSError,
    TimeoutError,
)
"""What is the world's fault, not the event's: the unit of work is run again, nothing is parked (delivery rule 15)."""

LOST: tuple[type[BaseException], ...] = (*ENVIRONMENT_ERRORS, asyncpg.InterfaceError)
"""What a loop survives. asyncpg says InterfaceError of a connection that broke, but also of a wrong call: a loop tries
again, a handler that raises it has failed."""


class PooledConnection(asyncpg.Connection):
    """A connection that is given back without a round trip: units of work leave nothing behind to reset."""

    def get_reset_query(self) -> str:
        """No session state is ever set, so there is nothing to reset."""
        return ""


async def register_codecs(connection: Any) -> None:
    """JSON columns travel as Python objects; Decimal, datetime and enum become text."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=json_text, decoder=json.loads, schema="pg_catalog")


async def open_pool(url: str, size: int, server_settings: dict[str, str]) -> asyncpg.Pool:
    """A pool of at most `size` connections. A server that is away raises EnvironmentFault, however it shows."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        connect=_connect,
        init=register_codecs,
        connection_class=PooledConnection,
        timeout=CONNECT_SECONDS,
        command_timeout=COMMAND_SECONDS,
        server_settings=server_settings,
    )


async def _connect(*arguments: Any, **named: Any) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(*arguments, **named)
    except OSError as error:
        # On a Unix socket a stopped server is a missing file, which would read like a fault of ours.
        raise EnvironmentFault("database", repr(error)) from error


class Database:
    """One schema of one PostgreSQL database."""

    def __init__(
        self,
        url: str,
        schema: str,
        *,
        service: str,
        source: str,
        business_now: Callable[[], datetime],
        pool_size: int = 6,
        tools: Any = None,
    ) -> None:
        self.url = url
        self.schema = schema
        self.service = service
        self.source = source
        self.tools = tools
        self.written = Signal()
        self.said = Signal()
        self.fresh = FreshRows()
        self.bulk_inserts = BulkInserts()
        self.statements = 0
        self._business_now = business_now
        self._pool_size = pool_size
        self._pool: asyncpg.Pool | None = None
        self._shared_commits = SharedCommits(lambda: self.pool, self.fresh.add)

    @property
    def pool(self) -> asyncpg.Pool:
        """The open pool; using a closed database is a programming error."""
        if self._pool is None:
            raise RuntimeError(f"the database of {self.service} is not open")
        return self._pool

    async def open(self) -> None:
        """Open the pool. The schema must have been migrated."""
        self._pool = await open_pool(self.url, self._pool_size, self.server_settings())

    async def close(self) -> None:
        """Close the pool, waiting for connections in use; cancelled meanwhile, it ends them."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    def server_settings(self, **more: str) -> dict[str, str]:
        """Settings that each connection to this schema starts with."""
        return {
            "search_path": f'"{self.schema}"',
            "application_name": f"sikua-{self.service}",
            "jit": "off",
            "idle_in_transaction_session_timeout": str(FROZEN_MILLISECONDS),
            "transaction_timeout": str(LONGEST_MILLISECONDS),
            **more,
        }

    def unit_of_work(
        self,
        *,
        actor: Principal | None = None,
        cause: AnyEvent | None = None,
        traceparent: str | None = None,
        read_only: bool = False,
        transactional: bool = True,
    ) -> UnitOfWork:
        """A session whose writes and events commit together when the block ends well, and vanish when it raises.

        Not `transactional`: each statement stands for itself, for units of one statement that also reads.
        """
        connection = self.connection(transactional=transactional and not read_only)
        session = self.session(connection, actor=actor, cause=cause, traceparent=traceparent)
        return UnitOfWork(self, connection, session, read_only=read_only)

    def connection(self, *, transactional: bool = True) -> Connection:
        """A connection that is taken from the pool when it is first needed."""
        return Connection(lambda: self.pool, transactional=transactional, bulk_inserts=self.bulk_inserts)

    def session(
        self,
        connection: Connection,
        *,
        actor: Principal | None = None,
        cause: AnyEvent | None = None,
        traceparent: str | None = None,
        gathering: Gathering | None = None,
        memo: dict[str, Any] | None = None,
        at: Moment | None = None,
    ) -> Session:
        """A session on a connection that the frame holds. `at`: the moment of all that it does, now where none is given."""
        return Session(
            connection,
            service=self.service,
            source=self.source,
            at=at or self.moment(),
            tools=self.tools,
            actor=actor,
            cause=cause,
            traceparent=traceparent,
            gathering=gathering,
            memo=memo,
        )

    def moment(self) -> Moment:
        """What both clocks say now."""
        return Moment(self._business_now(), real_now())

    async def commit(self, connection: Connection, gathering: Gathering, own: Part | None = None) -> None:
        """Send what was gathered, with its events, and commit: one statement, in shared company, when nothing was read.

        `own` is what the frame itself writes. In a transaction the stream counters come last, so that whoever waits for
        one holds its rows already.
        """
        parts, said = gathering.take_parts(), gathering.take_events()
        written = write_events(said)
        events = self.fresh.returned_by(written, len(said))
        whole, rows = None, list[Any]()
        if not connection.in_transaction and (own is None or events is None):
            whole = single_statement(self.bulk_inserts.together(parts), own or events)
        if whole is None:
            rows = await self._send(connection, parts, events, own)
        elif own is None:
            await self._shared_commits.execute(*whole, order=said[0].subject if said else "")
            connection.statements += 1
        else:
            raw = await connection.raw()
            connection.is_sending()
            await raw.execute(whole[0], *whole[1])
            connection.statements += 1
        await connection.commit()
        self.fresh.add(rows)
        if connection.has_said or (said and events is written):
            self.fresh.missed = True
        if said or connection.has_said:
            self.said.set()
        if parts or said or whole:
            self.written.set()

    async def _send(
        self, connection: Connection, parts: Sequence[GatheredPart], events: Part | None, own: Part | None
    ) -> list[Any]:
        """The rows of the events, where they are returned."""
        if not (parts or events or own):
            return []
        raw = await connection.begin()
        connection.is_sending()
        await connection.send(parts, own)
        if events is None:
            return []
        connection.statements += 1
        return list(await raw.fetch(events[0], *events[1]))


class UnitOfWork:
    """`async with database.unit_of_work() as session`: once, and only this frame commits it."""

    __slots__ = ("_connection", "_database", "_read_only", "_session")

    def __init__(self, database: Database, connection: Connection, session: Session, *, read_only: bool) -> None:
        self._database = database
        self._connection = connection
        self._session = session
        self._read_only = read_only

    async def __aenter__(self) -> Session:
        return self._session

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and not self._read_only:
                await self._database.commit(self._connection, self._session.gathering)
        finally:
            self._database.statements += self._connection.statements
            await self._connection.release()
