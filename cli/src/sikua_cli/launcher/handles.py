"""A process of somebody else's, watched and stopped by a descriptor: no other process can come to stand for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator


class Handle:
    """One process. It need not be our child, so how it ended is for its parent to say."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    @contextlib.contextmanager
    def of(cls, pid: int) -> Iterator[Handle]:
        """Its handle while the block lasts. Raises ProcessLookupError when it has gone already."""
        descriptor = os.pidfd_open(pid)
        try:
            yield cls(descriptor)
        finally:
            os.close(descriptor)

    async def ended(self) -> None:
        """Return once the process has ended."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[None] = loop.create_future()
        # pidfd_open(2): the descriptor can be read from the end on, before and after the parent has asked for the status.
        loop.add_reader(self._descriptor, _once(told))
        try:
            await told
        finally:
            loop.remove_reader(self._descriptor)

    def send(self, number: signal.Signals) -> None:
        """Send a signal; harmless when the process has ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)

    async def stop(self, within_seconds: float) -> None:
        """SIGTERM, also to one that was frozen; SIGKILL when it has not ended by then."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            async with asyncio.timeout(within_seconds):
                await self.ended()
        except TimeoutError:
            self.send(signal.SIGKILL)
            await self.ended()


def _once(told: asyncio.Future[None]) -> Callable[[], None]:
    def tell() -> None:
        if not told.done():
            told.set_result(None)

    return tell
