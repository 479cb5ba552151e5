"""How fast something counts up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

PATIENCE_SECONDS = 180.0
LOOK_SECONDS = 0.001


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


class Count:
    """How much was done so far."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> int:
        return self.done
