"""A Kafka of the benchmark's own, with the topics of the distributed form, and how fast something counts up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sikua_cli.launcher import topics
from sikua_cli.launcher.kafka import LocalKafka

PATIENCE_SECONDS = 180.0
LOOK_SECONDS = 0.001


@asynccontextmanager
async def cluster(folder: Path) -> AsyncIterator[str]:
    """Bootstrap address of a single broker; it is stopped at the end."""
    broker = LocalKafka(folder / "kafka")
    await asyncio.to_thread(broker.start)
    try:
        yield broker.bootstrap
    finally:
        await asyncio.to_thread(broker.stop)


async def fresh_topics(bootstrap: str, prefix: str) -> str:
    """Make all topics behind this prefix; the prefix."""
    await topics.apply(bootstrap, prefix=prefix)
    return prefix


async def counted_per_second(counted: Callable[[], int], wanted: int) -> float:
    """How fast a count rises from its first value above 0 to `wanted`: joining and connecting are left out."""
    await until(lambda: counted() > 0, PATIENCE_SECONDS)
    first, started = counted(), time.perf_counter()
    await until(lambda: counted() >= wanted, PATIENCE_SECONDS)
    return (counted() - first) / (time.perf_counter() - started)


async def until(true: Callable[[], bool], seconds: float) -> None:
    """Wait for this to be true. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            if true():
                return
            await asyncio.sleep(LOOK_SECONDS)
