"""A PostgreSQL of the benchmark's own, with the settings of the embedded form, and a fresh database for each side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from sikua_cli.launcher.embedded import EmbeddedPostgres
from sikua_cli.launcher.place import Place


@asynccontextmanager
async def server(folder: Path, *, dates_commits: bool = False) -> AsyncIterator[str]:
    """URL of the server's maintenance database; the server is stopped at the end. `dates_commits`: it keeps their times."""
    postgres = EmbeddedPostgres(Place(folder))
    await asyncio.to_thread(postgres.start)
    try:
        if dates_commits:
            await _told(postgres.url, "ALTER SYSTEM SET track_commit_timestamp = on")
            await asyncio.to_thread(postgres.stop)
            await asyncio.to_thread(postgres.start)
        yield postgres.url
    finally:
        await asyncio.to_thread(postgres.stop)


async def database(url: str, name: str) -> str:
    """A fresh database of this name; its URL."""
    await _told(url, f'CREATE DATABASE "{name}"')
    return url.replace("/sikua?", f"/{name}?")


async def _told(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def server_version(url: str) -> str:
    """Version of PostgreSQL."""
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()
