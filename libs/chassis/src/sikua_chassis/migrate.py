"""A service's schema is brought to its newest form before the service starts, by one process at a time.

A schema that is new is written at once, from the script `newest.sql` beside the migrations; alembic is read only where
an older schema is upgraded, for it costs a process more computing than all else a first start does to the database.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import asyncpg

CHASSIS_MIGRATIONS = Path(__file__).parent / "migrations"
CHASSIS_VERSION = "chassis_version"
SERVICE_VERSION = "service_version"
SCRIPT = "newest.sql"
CONNECT_SECONDS = 10.0


async def migrate(url: str, schema: str, own: Path | None) -> bool:
    """Create the schema when missing and run what is new: the chassis's tables, then the service's. True if it ran any.

    `own` is the service's `migrations` folder. A session-level advisory lock keeps replicas apart.
    """
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    try:
        await connection.execute("SELECT pg_advisory_lock($1, $2)", _key("migrate"), _key(schema))
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        steps = [(CHASSIS_MIGRATIONS, CHASSIS_VERSION)]
        if own is not None:
            steps.append((own, SERVICE_VERSION))
        ran = False
        for folder, table in steps:
            version = await _version(connection, schema, table)
            if version == newest(folder):
                continue
            if version is None and (script := _script(folder)):
                await _write(connection, schema, script)
            else:
                await _upgrade(url, schema, folder, table)
            ran = True
        return ran
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


def _script(folder: Path) -> str:
    path = folder / SCRIPT
    return path.read_text(encoding="utf-8") if path.exists() else ""


async def _write(connection: Any, schema: str, script: str) -> None:
    async with connection.transaction():
        await connection.execute(f'SET LOCAL search_path TO "{schema}"')
        await connection.execute(script)


async def _upgrade(url: str, schema: str, folder: Path, table: str) -> None:
    from sikua_chassis.upgrading import upgrade

    await upgrade(url, schema, folder, table)


def _key(text: str) -> int:
    return zlib.crc32(text.encode()) - 2**31
