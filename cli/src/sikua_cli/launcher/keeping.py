"""A server of this machine is started again when it has gone, so that losing it costs time and nobody has to be called."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import structlog

from sikua_cli.trouble import Trouble

LOOK_SECONDS = 0.5

log = structlog.get_logger("sikua.launcher")


class Server(Protocol):
    """What can be kept: the embedded database, a local Kafka."""

    def runs(self) -> bool:
        """Whether its process is there."""

    def start(self) -> None:
        """Bring it up; harmless when it is up. Raises Trouble."""


@asynccontextmanager
async def kept(name: str, server: Server) -> AsyncIterator[None]:
    """Start the server again whenever it has gone, as when the machine ran out of memory, until the block ends."""
    ending = asyncio.Event()

    async def keep() -> None:
        while not ending.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), LOOK_SECONDS)
            if server.runs() or ending.is_set():
                continue
            log.error("A server has gone; it is started again.", action="server_restarts", server=name)
            try:
                await asyncio.to_thread(server.start)
            except (Trouble, OSError, subprocess.SubprocessError) as trouble:
                # A machine without memory or processes left starts nothing now; it is tried again.
                log.error("A server does not start.", action="server_lost", server=name, error=str(trouble))

    keeper = asyncio.create_task(keep(), name=f"keeper of {name}")
    try:
        yield
    finally:
        ending.set()
        await keeper
