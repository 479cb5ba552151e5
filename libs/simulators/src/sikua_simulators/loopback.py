"""Web applications on loopback ports, in the running loop, for as long as a context lasts."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Wanted:
    """An application and the port it should answer on; 0 takes any free one."""

    app: Any
    port: int


@contextlib.asynccontextmanager
async def served(applications: Mapping[str, Wanted]) -> AsyncIterator[dict[str, int]]:
    """The ports that the applications answer on, by name. Raises OSError when one is taken; then none is served.

    When the block ends, answers under way have two seconds left.
    """
    async with contextlib.AsyncExitStack() as stack:
        doors = {
            name: stack.enter_context(socket.create_server((HOST, wanted.port)))
            for name, wanted in applications.items()
        }
        servers = {name: _server(wanted.app) for name, wanted in applications.items()}
        tasks = {
            name: asyncio.create_task(server.serve([doors[name]]), name=f"simulated {name}")
            for name, server in servers.items()
        }
        try:
            for name, server in servers.items():
                await server.settled.wait()
                if not server.started:
                    await tasks[name]
            yield {name: int(door.getsockname()[1]) for name, door in doors.items()}
        finally:
            for server in servers.values():
                server.should_exit = True
            await asyncio.gather(*tasks.values())


def _server(app: Any) -> _Server:
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE_SECONDS
    )
    return _Server(config)
