"""A web application on a loopback port, in the running loop, for as long as a context lasts."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn

HOST = "127.0.0.1"
_GRACE_SECONDS = 2


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to whoever runs it, and says when it listens or never will."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().serve(sockets)
        finally:
            self.settled.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(app: Any, port: int, name: str) -> AsyncIterator[int]:
    """The port that the application answers on; 0 takes any free one. Raises OSError when it is taken.

    When the block ends, answers under way have two seconds left.
    """
    with socket.create_server((HOST, port)) as door:
        config = uvicorn.Config(
            app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE_SECONDS
        )
        server = _Server(config)
        task = asyncio.create_task(server.serve([door]), name=name)
        try:
            await server.settled.wait()
            if not server.started:
                await task
            yield int(door.getsockname()[1])
        finally:
            server.should_exit = True
            await task
