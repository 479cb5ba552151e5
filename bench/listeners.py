"""Rows of the live feed: five hundred listeners held by one process, and one that reads nothing among them."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from bench.load import posted, posts_per_second
from bench.pages import cpu_seconds
from bench.posts import Plan, Side, drained, running
from bench.rounds import Row, allowed
from bench.whole import pss_mb

LISTENERS = 500
EVENTS = 10
HEARD_MS = 2000.0
KB_EACH = 100.0
LATE_SECONDS = 60.0
SETTLE_SECONDS = 3.0
TOLD_SECONDS = 3.0
AT_ONCE = 50
NARROW_BYTES = 4096


async def rows(server: str, key: Path, plan: Plan, also: dict[str, float]) -> AsyncIterator[Row]:
    """Each row as soon as it is measured; with one listener, and with a stalled one, it goes into `also`."""
    async with running("consumer", server, key, room="hall") as side, AsyncExitStack() as stack:
        await posts_per_second(side.port, "/projects", plan.token, 8, TOLD_SECONDS)
        await drained(side.url)
        alone = await _joined(stack, side, plan.token, 1)
        one = await _heard(side, plan, alone)
        before = pss_mb(side.process)
        hall = alone + await _joined(stack, side, plan.token, LISTENERS - 1)
        spent = cpu_seconds(side.process)
        all_of_them = await _heard(side, plan, hall)
        also["sse_ms_cpu_of_a_post_and_500_listeners"] = _each_ms(cpu_seconds(side.process) - spent, all_of_them)
        memory = (pss_mb(side.process) - before) * 1000 / (LISTENERS - 1)
        await _stalled(stack, side, plan.token)
        beside = await _heard(side, plan, hall)
    also["sse_ms_heard_by_1_listener"] = round(median(one), 1)
    also["sse_ms_heard_by_500_with_a_stalled_one_beside"] = round(median(beside), 1)
    said = f"POST → heard by all {LISTENERS} listeners of one process / 2 s"
    note = f"by 1 listener {median(one):.0f} ms; by all, with one beside that reads nothing, {median(beside):.0f} ms"
    yield allowed(said, "ms", HEARD_MS, all_of_them, note=note)
    yield allowed(f"memory of one of {LISTENERS} SSE listeners / 100 KB", "KB", KB_EACH, [memory])


def _each_ms(seconds: float, measured: list[float]) -> float:
    return round(seconds * 1000 / len(measured), 1)


class _Ear:
    """One listener: how many entries it has got, and a bell that rings at each."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.got = 0
        self.rang = asyncio.Event()
        self._reader = reader

    async def listen(self) -> None:
        """Count entries until the line ends."""
        async for line in self._reader:
            if line.startswith(b"id:"):
                self.got += 1
                self.rang.set()

    async def reaches(self, wanted: int) -> None:
        """Wait until so many entries have come."""
        while self.got < wanted:
            self.rang.clear()
            await self.rang.wait()


async def _joined(stack: AsyncExitStack, side: Side, token: str, listeners: int) -> list[_Ear]:
    """So many listeners from now on; all have joined."""
    ears: list[_Ear] = []
    for first in range(0, listeners, AT_ONCE):
        count = min(AT_ONCE, listeners - first)
        lines = await asyncio.gather(*(_line(side.office, token) for _ in range(count)))
        for reader, writer in lines:
            stack.callback(writer.close)
            ear = _Ear(reader)
            ears.append(ear)
            listening = asyncio.create_task(ear.listen())
            stack.callback(listening.cancel)
    await asyncio.sleep(SETTLE_SECONDS)
    return ears


async def _stalled(stack: AsyncExitStack, side: Side, token: str) -> None:
    """A listener with little room that asks for the whole feed and reads none of it."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_BYTES)
    narrow.setblocking(False)
    stack.callback(narrow.close)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(narrow, ("127.0.0.1", side.office))
    await loop.sock_sendall(narrow, _question("?after=0", token))
    await asyncio.sleep(SETTLE_SECONDS)


async def _line(port: int, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**14)
    writer.write(_question("", token))
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(answer.decode())
    return reader, writer


def _question(query: str, token: str) -> bytes:
    return f"GET /feed/stream{query} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def _heard(side: Side, plan: Plan, ears: list[_Ear]) -> list[float]:
    """Register projects one by one: ms from before each is posted until all have heard of it."""
    found: list[float] = []
    reader, writer = await asyncio.open_connection("127.0.0.1", side.port)
    try:
        for _ in range(plan.rounds * EVENTS):
            wanted = [ear.got + 1 for ear in ears]
            started = time.perf_counter()
            await posted(reader, writer, "/projects", plan.token)
            async with asyncio.timeout(LATE_SECONDS):
                await asyncio.gather(*(ear.reaches(number) for ear, number in zip(ears, wanted, strict=True)))
            found.append((time.perf_counter() - started) * 1000)
    finally:
        writer.close()
    return found
