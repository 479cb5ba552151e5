"""All three gateways on loopback, in the running loop, until the block ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from sikua_simulators.departments.books import Books
from sikua_simulators.departments.dialects import Dialect
from sikua_simulators.departments.faults import Faults
from sikua_simulators.departments.finance import FinanceSystem
from sikua_simulators.departments.gateway import Clock, gateway_app
from sikua_simulators.departments.reform import ReformPlatform
from sikua_simulators.departments.tax import TaxOffice

PORTS = {"tax": 8190, "reform": 8191, "finance": 8192}
SECRET = "opens-simulated-departments-only"
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Departments:
    """The running gateways: base URL and faults of each by name (`tax`, `reform`, `finance`), and their common books."""

    urls: Mapping[str, str]
    faults: Mapping[str, Faults]
    books: Books


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve(
    seed: int,
    projects_csv: Path | None,
    clock: Clock,
    ports: Mapping[str, int] = PORTS,
    secret: str = SECRET,
) -> AsyncIterator[Departments]:
    """Run the departments. A port of 0 takes any free one. OSError when a port is taken.

    `clock` gives the departments' business time; `projects_csv` may be None for books that start empty.
    """
    books = Books.of_file(seed, projects_csv) if projects_csv is not None else Books(seed)
    dialects: dict[str, Dialect] = {
        "tax": TaxOffice(books, secret),
        "reform": ReformPlatform(books, secret),
        "finance": FinanceSystem(books, secret),
    }
    faults = {name: Faults() for name in dialects}
    async with contextlib.AsyncExitStack() as stack:
        urls = {}
        for name, dialect in dialects.items():
            app = gateway_app(dialect, books, clock, faults[name])
            urls[name] = await stack.enter_async_context(_running(app, ports[name]))
        yield Departments(urls, faults, books)


@asynccontextmanager
async def _running(app: Any, port: int) -> AsyncIterator[str]:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_LOOPBACK, port))
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2)
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]), name=f"simulated {app.title}")
        while not server.started and not task.done():
            await asyncio.sleep(0.005)
        try:
            yield f"http://{_LOOPBACK}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
    finally:
        listening.close()
