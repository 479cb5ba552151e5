"""A line between a browser and a server that can be held silent, cut and mended, as networks do."""

from __future__ import annotations

import asyncio
import contextlib


class Line:
    """A TCP relay on a loopback port. Silent: it takes and gives nothing, and tells nobody, like a pulled cable."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._talking: set[asyncio.Task[None]] = set()
        self._through = asyncio.Event()
        self._through.set()

    async def start(self) -> str:
        """Begin to relay; the address for the browser."""
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def silence(self) -> None:
        """Pull the cable: nothing comes through and nobody is told."""
        self._through.clear()

    def mend(self) -> None:
        """Plug it in again; what was on its way when it was pulled is lost with its connections."""
        self.cut()
        self._through.set()

    def cut(self) -> None:
        """End every connection."""
        for task in list(self._talking):
            task.cancel()

    async def stop(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.close()
        self.cut()
        while self._talking:
            await asyncio.sleep(0.01)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talking.add(task)
        ends: list[asyncio.StreamWriter] = [writer]
        try:
            await self._through.wait()
            there, beyond = await asyncio.open_connection("127.0.0.1", self._target)
            ends.append(beyond)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(reader, beyond))
                both.create_task(self._carry(there, writer))
        except (asyncio.CancelledError, OSError, ExceptionGroup):
            pass
        finally:
            self._talking.discard(task)
            for end in ends:
                end.close()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while piece := await source.read(65536):
            await self._through.wait()
            sink.write(piece)
            await sink.drain()
        with contextlib.suppress(OSError):
            sink.write_eof()
