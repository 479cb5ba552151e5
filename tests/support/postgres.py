"""One real PostgreSQL for a whole test run; every test has a database of its own, cloned from a migrated template."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
from sikua_chassis import clock
from sikua_chassis.migrate import migrate
from sikua_cli.launcher.embedded import EmbeddedPostgres
from sikua_cli.launcher.place import Place
from sikua_contracts.topics import SERVICES

PLACE = "SIKUA_TEST_PLACE"
TEMPLATE = "sikua_template"
NEEDED_BYTES = 2 * 1024**3


def fast_folder() -> Path:
    """Memory where there is room, the folder for temporary files otherwise."""
    # A clone is a thousand small files: in memory it takes 0.03 s, on a disk up to a second.
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > NEEDED_BYTES
    return memory if roomy else Path(tempfile.gettempdir())


def name_place() -> None:
    """Choose the folder of this run once, before workers start; they inherit it."""
    os.environ.setdefault(PLACE, str(fast_folder() / f"sikua-tests-{uuid.uuid4().hex[:8]}"))


def stop_server() -> None:
    """Stop the run's server, when one was started, and forget its folder."""
    place = Path(os.environ[PLACE])
    if place.exists():
        EmbeddedPostgres(Place(place)).stop()
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    with (place / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


_running: list[str] = []
"""The URL, once this process knows that the server runs: asking it takes a program of its own, and its turn at the lock."""


async def server_url() -> str:
    """URL of the run's maintenance database; starts the server and makes the template when this is the first call."""
    if not _running:
        _running.append(await _started())
    return _running[0]


async def _started() -> str:
    place = Path(os.environ[PLACE])
    place.mkdir(parents=True, exist_ok=True)
    server = EmbeddedPostgres(Place(place))
    with _alone(place):
        server.start()
        if not (place / "template-made").exists():
            await _make_template(server.url)
            (place / "template-made").touch()
    return server.url


def url_of(server: str, database: str) -> str:
    """The same server, another database."""
    head, _, tail = server.partition("/sikua?")
    return f"{head}/{database}?{tail}"


def migrations_of(service: str) -> Path | None:
    """The folder of a service's own migrations, found without importing the service."""
    package = "sikua_" + service.replace("-", "_")
    spec = importlib.util.find_spec(package)
    folders = [spec] if spec is not None else []
    if service.endswith("-bridge"):
        folders = [found for found in [importlib.util.find_spec("sikua_bridge")] if found is not None]
    for found in folders:
        for location in found.submodule_search_locations or ():
            if any((Path(location) / "migrations" / "versions").glob("[0-9]*.py")):
                return Path(location) / "migrations"
    return None


async def _make_template(server: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        # No test survives a power cut; what is left on is what makes a commit a commit for a killed process.
        await connection.execute("ALTER SYSTEM SET fsync = off")
        await connection.execute("ALTER SYSTEM SET full_page_writes = off")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.execute(f"CREATE DATABASE {TEMPLATE}")
    finally:
        await connection.close()
    template = url_of(server, TEMPLATE)
    for service in SERVICES:
        await migrate(template, service, migrations_of(service))
    connection = await asyncpg.connect(template)
    try:
        await clock.create(connection)
    finally:
        await connection.close()


async def clone(server: str) -> str:
    """A fresh database; its URL."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    finally:
        await connection.close()
    return url_of(server, name)


async def drop(server: str, url: str) -> None:
    """Drop a test's database, whoever is still connected."""
    name = url.partition("?")[0].rpartition("/")[2]
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        await connection.close()


@asynccontextmanager
async def fresh() -> AsyncIterator[str]:
    """A fresh database with all schemas migrated while the block lasts; its URL."""
    server = await server_url()
    url = await clone(server)
    try:
        yield url
    finally:
        await drop(server, url)
