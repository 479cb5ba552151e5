"""Answer HTTP on a port that was taken before, until told to stop; whoever asked already is answered first."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

# Longer than our own clients keep an idle connection: the side that asks is the one that hangs up.
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 3


@asynccontextmanager
async def answering(app: Any, door: socket.socket) -> AsyncIterator[None]:
    """Serve this ASGI application on the socket until the block ends. Its lifespan is not run."""
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            # Nobody here speaks WebSocket, and to learn it is a tenth of a service's start.
            ws="none",
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[door]))
    while not server.started:
        if serving.done():
            await serving
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """uvicorn without handlers of its own: we hear the signals and stop everything in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
