"""A signal wakes everybody who waits for it; setting it twice wakes them once."""

from __future__ import annotations

import asyncio


class Signal:
    """In-process wake-up. Missing one is harmless: every waiter also has a time limit."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.generation = 0

    def set(self) -> None:
        """Wake all who wait now."""
        self.generation += 1
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def wait(self, timeout_seconds: float, seen: int | None = None) -> bool:
        """Wait until set or until the time is over; at once when it was set after generation `seen`."""
        if seen is not None and seen != self.generation:
            return True
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        return True
