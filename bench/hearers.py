"""One side of a hearing on Kafka as a process of its own: `python -m bench.hearers <kind> <database> <bootstrap> <topic>`.

Kinds: `ours`, our consumer in a process set like that of a service; `batch` and `single`, FastStream's subscribers in a process
as Python comes. Each number on standard input is a round: so many messages are heard from the beginning, and how many a second
is printed. `again` asks FastStream how many it hands out twice.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import uvloop

from bench.counting import counted_per_second

BATCH = 200
"""As our consumer's own, which this side does not read."""
SCHEMA = "registry"
ROUND_SECONDS = 300.0

Round = Callable[[int], Awaitable[float]]


@asynccontextmanager
async def hearer(kind: str, url: str, bootstrap: str, topic: str) -> AsyncIterator[Callable[[str], Awaitable[float]]]:
    """A side, running and idle. What is yielded tells it one line and returns the figure that it answers."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.hearers", kind, url, bootstrap, topic),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )

    async def told(line: str) -> float:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the side has no way to be told")
        process.stdin.write(f"{line}\n".encode())
        async with asyncio.timeout(ROUND_SECONDS):
            return float(json.loads(await process.stdout.readline()))

    try:
        yield told
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def main(kind: str, url: str, bootstrap: str, topic: str) -> None:
    """Answer each line until there is none."""
    async with AsyncExitStack() as stack:
        rounds = await (_ours if kind == "ours" else _faststream)(stack, url, bootstrap, topic)
        while line := await asyncio.to_thread(sys.stdin.readline):
            wanted = line.strip()
            figure = await (rounds["again"](0) if wanted == "again" else rounds[kind](int(wanted)))
            print(json.dumps(figure), flush=True)


async def _ours(stack: AsyncExitStack, url: str, bootstrap: str, topic: str) -> dict[str, Round]:
    from sikua_chassis.bus.access import Access
    from sikua_chassis.bus.kafka import KafkaBus
    from sikua_chassis.consumer import Consumer
    from sikua_chassis.telemetry.metrics import Metrics
    from sikua_cli import collector
    from sikua_contracts.registry import ProjectRegistered

    from bench.hearing import fresh_inbox, opened

    bus = KafkaBus(Access(bootstrap), prefix=topic.removesuffix(ProjectRegistered.topic))
    room = await stack.enter_async_context(opened(url, bus))
    collector.freeze()

    async def hear(messages: int) -> float:
        flow, inbox = fresh_inbox(room)
        consumer = Consumer(room, bus, flow, inbox, Metrics(flow.service))
        task = asyncio.create_task(consumer.run())
        try:
            return await counted_per_second(lambda: consumer.applied, messages)
        finally:
            task.cancel()
            await asyncio.wait([task])

    return {"ours": hear}


async def _faststream(stack: AsyncExitStack, url: str, bootstrap: str, topic: str) -> dict[str, Round]:
    import asyncpg

    from bench.faststream_hearing import FastStream

    settings = {"search_path": SCHEMA, "jit": "off"}
    pool = await stack.enter_async_context(asyncpg.create_pool(url, min_size=1, max_size=6, server_settings=settings))
    side = FastStream(bootstrap, topic, pool, BATCH)

    async def again(_: int) -> float:
        return await side.handled_again()

    return {"batch": side.in_batches, "single": side.singly, "again": again}


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
