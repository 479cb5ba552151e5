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
async def server(folder: Path) -> AsyncIterator[str]:
    """URL of the server's maintenance database; the server is stopped at the end."""
    postgres = EmbeddedPostgres(Place(folder))
    await asyncio.to_thread(postgres.start)
    try:
        yield postgres.url
    finally:
        await asyncio.to_thread(postgres.stop)


async def database(url: str, name: str) -> str:
    """A fresh database of this name; its URL."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return url.replace("/sikua?", f"/{name}?")


async def server_version(url: str) -> str:
    """Version of PostgreSQL."""
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()
