"""A door before Kafka that lets so many requests of each connection through and is silent ever after."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

ENDING_SECONDS = 30


@dataclass
class Door:
    """Where it stands, and who is inside."""

    address: str = ""
    inside: int = 0
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    """Set as soon as a request was not let through."""

    async def empty(self) -> None:
        """Wait until nobody is inside any more."""
        async with asyncio.timeout(ENDING_SECONDS):
            while self.inside:
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def door(bootstrap: str, requests: int) -> AsyncIterator[Door]:
    """A door on a loopback port before this address, `host:port`."""
    made = Door()

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.inside += 1
        host, port = bootstrap.split(":")
        kafka, to_kafka = await asyncio.open_connection(host, int(port))
        answers = asyncio.create_task(_carry(kafka, writer))
        try:
            for number in range(requests + 1):
                size = await reader.readexactly(4)
                request = await reader.readexactly(int.from_bytes(size, "big"))
                if number < requests:
                    to_kafka.write(size + request)
            made.silent.set()
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            answers.cancel()
            for each in (to_kafka, writer):
                each.transport.abort()
                with contextlib.suppress(OSError):
                    await each.wait_closed()
            made.inside -= 1

    server = await asyncio.start_server(enter, "127.0.0.1", 0)
    made.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while carried := await source.read(65536):
        target.write(carried)
