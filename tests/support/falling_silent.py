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
    inside: set[asyncio.BaseTransport] = field(default_factory=set)
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    """Set as soon as a request was not let through."""

    async def empty(self) -> None:
        """Wait until nobody is inside any more."""
        async with asyncio.timeout(ENDING_SECONDS):
            while self.inside:
                await asyncio.sleep(0.01)


class _Entrance(asyncio.StreamReaderProtocol):
    """Notes who is inside from the first moment: whoever resets at once may be gone before anything is read of it."""

    door: Door

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.door.inside.add(transport)
        super().connection_made(transport)


@contextlib.asynccontextmanager
async def door(bootstrap: str, requests: int) -> AsyncIterator[Door]:
    """A door on a loopback port before this address, `host:port`."""
    made = Door()

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with _beyond(bootstrap, writer) as kafka:
                for _ in range(requests):
                    kafka.write(await _request(reader))
                await _request(reader)
                made.silent.set()
                await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            await _closed(writer)
            made.inside.discard(writer.transport)

    def entrance() -> _Entrance:
        met = _Entrance(asyncio.StreamReader(), enter)
        met.door = made
        return met

    server = await asyncio.get_running_loop().create_server(entrance, "127.0.0.1", 0)
    made.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        # Whom the loop was about to let in comes in yet.
        await asyncio.sleep(0.05)
        for transport in list(made.inside):
            transport.close()
        await made.empty()


@contextlib.asynccontextmanager
async def _beyond(bootstrap: str, visitor: asyncio.StreamWriter) -> AsyncIterator[asyncio.StreamWriter]:
    """A connection to Kafka, whose answers the visitor gets."""
    host, port = bootstrap.split(":")
    answers, kafka = await asyncio.open_connection(host, int(port))
    carrying = asyncio.create_task(_carry(answers, visitor))
    try:
        yield kafka
    finally:
        carrying.cancel()
        await _closed(kafka)


async def _request(reader: asyncio.StreamReader) -> bytes:
    size = await reader.readexactly(4)
    return size + await reader.readexactly(int.from_bytes(size, "big"))


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while carried := await source.read(65536):
        target.write(carried)
