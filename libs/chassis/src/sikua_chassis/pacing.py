"""Loops that others wake rest as long as they worked, so that what comes meanwhile is done together.

Alone, a loop answers as fast as before. When many things come one by one, each loop takes at most half of the time, and
its batches grow by themselves until they keep up.
"""

from __future__ import annotations

import asyncio
import time

MOST_SECONDS = 0.025


class Pace:
    """The working and resting of one loop."""

    def __init__(self, most_seconds: float = MOST_SECONDS) -> None:
        self._most_seconds = most_seconds
        self._began = time.perf_counter()

    def begin(self) -> None:
        """Work begins now."""
        self._began = time.perf_counter()

    async def rest(self) -> None:
        """Rest as long as the work took since it began, never longer than the most."""
        await asyncio.sleep(min(time.perf_counter() - self._began, self._most_seconds))
