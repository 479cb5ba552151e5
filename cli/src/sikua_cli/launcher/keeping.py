"""The embedded database is started again when it has gone, so that losing it costs time and nobody has to be called."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from sikua_cli.launcher.embedded import EmbeddedPostgres
from sikua_cli.trouble import Trouble

LOOK_SECONDS = 0.5

log = structlog.get_logger("sikua.launcher")


@asynccontextmanager
async def kept(postgres: EmbeddedPostgres) -> AsyncIterator[None]:
    """Start the server again whenever it has gone, as when the machine ran out of memory, until the block ends."""
    ending = asyncio.Event()

    async def keep() -> None:
        while not ending.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), LOOK_SECONDS)
            if postgres.runs() or ending.is_set():
                continue
            log.error("The embedded database has gone; it is started again.", action="database_restarts")
            try:
                await asyncio.to_thread(postgres.start)
            except Trouble as trouble:
                log.error("The embedded database does not start.", action="database_lost", error=str(trouble))

    keeper = asyncio.create_task(keep(), name="embedded database")
    try:
        yield
    finally:
        ending.set()
        await keeper
