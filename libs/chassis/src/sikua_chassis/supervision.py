"""A loop that fails by a fault of ours is said aloud, counted and begun again after a pause; none dies in silence.

What a loop expects to happen (a lost database, an event that cannot be handled) it deals with itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Awaitable, Callable

import structlog

PAUSES_SECONDS = (0.2, 1.0, 5.0, 15.0, 30.0)
STEADY_SECONDS = 120.0

log = structlog.get_logger("sikua.supervision")


def heed_cancellation() -> None:
    """Raise CancelledError in a task that was told to end: a driver cut off amid a request may raise a failure instead.

    Every loop that outlives failures asks this before it takes one for a failure and goes on.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


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
            heed_cancellation()
            failed(failure)
            failures = 0 if running.time() - began > STEADY_SECONDS else failures
            pause = PAUSES_SECONDS[min(failures, len(PAUSES_SECONDS) - 1)] * random.uniform(0.8, 1.2)
            failures += 1
            log.exception(
                "A loop has failed and begins again.", action="loop_failed", loop=name, seconds=round(pause, 2)
            )
            await asyncio.sleep(pause)


async def beside(act: Callable[[], object]) -> None:
    """Run what blocks in a thread of its own. Cancelled, it is left to itself, and the end of the process need not wait."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def tell(failure: Exception | None) -> None:
        if ended.done():
            return
        if failure is None:
            ended.set_result(None)
        else:
            ended.set_exception(failure)

    def run() -> None:
        failure: Exception | None = None
        try:
            act()
        except Exception as error:
            failure = error
        # Nobody listens any more when the loop has been closed meanwhile.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, failure)

    threading.Thread(target=run, name="beside", daemon=True).start()
    await ended
