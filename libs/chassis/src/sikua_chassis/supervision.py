"""A loop that fails by a fault of ours is said aloud, counted and begun again after a pause; none dies in silence.

What a loop expects to happen (a lost database, an event that cannot be handled) it deals with itself.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

PAUSES_SECONDS = (0.2, 1.0, 5.0, 15.0, 30.0)
STEADY_SECONDS = 120.0

log = structlog.get_logger("sikua.supervision")


async def supervised(name: str, loop: Callable[[], Awaitable[None]], failed: Callable[[BaseException], None]) -> None:
    """Run a loop until it returns or is cancelled; after a failure `failed` is told and the loop begins again.

    Pauses grow from 0.2 s to 30 s, with jitter; a loop that has run for two minutes starts from the shortest again.
    """
    running = asyncio.get_running_loop()
    failures = 0
    while True:
        began = running.time()
        try:
            await loop()
            return
        except Exception as failure:
            failed(failure)
            failures = 0 if running.time() - began > STEADY_SECONDS else failures
            pause = PAUSES_SECONDS[min(failures, len(PAUSES_SECONDS) - 1)] * random.uniform(0.8, 1.2)
            failures += 1
            log.exception(
                "A loop has failed and begins again.", action="loop_failed", loop=name, seconds=round(pause, 2)
            )
            await asyncio.sleep(pause)
