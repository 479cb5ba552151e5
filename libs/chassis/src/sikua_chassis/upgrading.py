"""alembic, without an `env.py`: a folder of migrations run on a schema, or written as the script that makes a new one."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import asyncpg
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from sikua_chassis.migrate import CONNECT_SECONDS

_LOCKS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def upgrade(url: str, schema: str, folder: Path, table: str) -> None:
    """Run what is new in this folder on a schema that is there. `table` keeps which revision it has come to."""

    async def connect() -> Any:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings={"search_path": f'"{schema}"'})

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with _alone(), engine.connect() as connection:
            await connection.run_sync(_upgrade, folder, table)
            await connection.commit()
    finally:
        await engine.dispose()


def as_script(folder: Path, table: str) -> str:
    """What all migrations of this folder do to an empty schema, as SQL; its last revision noted in `table`."""
    written = io.StringIO()
    options = {"as_sql": True, "output_buffer": written, "transactional_ddl": False, **_options(folder, table)}
    _run(MigrationContext.configure(dialect_name="postgresql", opts=options))
    lines = (line.rstrip() for line in written.getvalue().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _upgrade(connection: Connection, folder: Path, table: str) -> None:
    _run(MigrationContext.configure(connection, opts=_options(folder, table)))


def _options(folder: Path, table: str) -> dict[str, Any]:
    script = ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])

    def due(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)

    return {"fn": due, "version_table": table}


def _run(context: MigrationContext) -> None:
    with context.begin_transaction(), Operations.context(context):
        context.run_migrations()


def _alone() -> asyncio.Lock:
    """One migration at a time in a process: alembic's operations are one global object."""
    return _LOCKS.setdefault(asyncio.get_running_loop(), asyncio.Lock())
