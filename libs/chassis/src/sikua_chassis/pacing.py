"""Works and ticks that any commit of their service wakes rest as long as they looked, so that they look less often in vain.

Alone, each looks at once. When one commit follows another, looking takes at most half of its time. Relay and consumers do
not rest: they are the way of the events.
"""

from __future__ import annotations

import asyncio
import time

MOST_SECONDS = 0.025


class Pace:
    """The looking and resting of one loop."""

    def __init__(self, most_seconds: float = MOST_SECONDS) -> None:
        self._most_seconds = most_seconds
        self._began = time.perf_counter()

    def begin(self) -> None:
        """Looking begins now."""
        self._began = time.perf_counter()

    async def rest(self) -> None:
        """Rest as long as it took since it began, never longer than the most."""
        await asyncio.sleep(min(time.perf_counter() - self._began, self._most_seconds))
