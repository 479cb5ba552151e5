"""A service's schema is brought to its newest form before the service starts, by one process at a time."""

from __future__ import annotations

import asyncio
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import asyncpg

if TYPE_CHECKING:
    from sqlalchemy import Connection as SyncConnection

CHASSIS_MIGRATIONS = Path(__file__).parent / "migrations"
CONNECT_SECONDS = 10.0
_LOCKS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def migrate(url: str, schema: str, own: Path | None) -> bool:
    """Create the schema when missing and run what is new: the chassis's tables, then the service's. True if it ran any.

    `own` is the service's `migrations` folder. A session-level advisory lock keeps replicas apart.
    """
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    try:
        await connection.execute("SELECT pg_advisory_lock($1, $2)", _key("migrate"), _key(schema))
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        steps = [(CHASSIS_MIGRATIONS, "chassis_version")]
        if own is not None:
            steps.append((own, "service_version"))
        due = [step for step in steps if await _version(connection, schema, step[1]) != newest(step[0])]
        if due:
            async with _alone():
                await _run(url, schema, due)
        return bool(due)
    finally:
        await connection.close()


def newest(folder: Path) -> str:
    """The last revision in a folder of migrations, by file name (`0002_add_zone.py` → "0002")."""
    names = sorted(path.name for path in (folder / "versions").glob("[0-9]*.py"))
    return names[-1].split("_", 1)[0]


async def _version(connection: Any, schema: str, table: str) -> str | None:
    exists = await connection.fetchval("SELECT to_regclass($1)", f'"{schema}".{table}')
    if exists is None:
        return None
    found = await connection.fetchval(f'SELECT version_num FROM "{schema}".{table}')
    return str(found) if found is not None else None


async def _run(url: str, schema: str, steps: list[tuple[Path, str]]) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    async def connect() -> Any:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings={"search_path": f'"{schema}"'})

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            for folder, table in steps:
                await connection.run_sync(_upgrade, folder, table)
            await connection.commit()
    finally:
        await engine.dispose()


def _upgrade(connection: SyncConnection, folder: Path, table: str) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])

    def due(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)

    context = MigrationContext.configure(connection, opts={"fn": due, "version_table": table})
    with context.begin_transaction(), Operations.context(context):
        context.run_migrations()


def _alone() -> asyncio.Lock:
    """One migration at a time in a process: alembic's operations are one global object."""
    return _LOCKS.setdefault(asyncio.get_running_loop(), asyncio.Lock())


def _key(text: str) -> int:
    return zlib.crc32(text.encode()) - 2**31
