"""Long computing in small steps: whoever waits for an answer meanwhile goes on between two of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

STEP = 50

ItemT = TypeVar("ItemT")


async def small_steps(items: Sequence[ItemT], step: int = STEP) -> AsyncIterator[Sequence[ItemT]]:
    """These items, `step` at a time. The first come at once."""
    for first in range(0, len(items), step):
        if first:
            await asyncio.sleep(0)
        yield items[first : first + step]
