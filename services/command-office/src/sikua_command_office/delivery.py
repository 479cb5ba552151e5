"""What the command office holds while it runs: the live feed, how far behind it is, the last picture, and the way to owners."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from sikua_chassis.database import ENVIRONMENT_ERRORS

from sikua_command_office.acts.delivery import Owners
from sikua_command_office.board.picture import Picture
from sikua_command_office.feed.delivery import LiveFeed

KNOWN_FOR_SECONDS = 1.0

Positions = Callable[[], Awaitable[Mapping[str, tuple[int, int]]]]


class Office:
    """The tools of the service. `positions`: per log, the position handled and the last one there is; `directory`: the
    services by name and their addresses. Who draws a report holds `reporting`: one at a time, in a thread of its own."""

    def __init__(self, live: LiveFeed | None = None, directory: Mapping[str, str] | None = None) -> None:
        self.live = live or LiveFeed()
        self.owners = Owners({} if directory is None else directory)
        self.picture: Picture | None = None
        self.reporting = asyncio.Lock()
        self._positions: Positions | None = None
        self._behind: dict[str, int] | None = None
        self._known_at = float("-inf")
        self._asking = asyncio.Lock()

    def watch(self, positions: Positions) -> None:
        """Take how far behind we are from here."""
        self._positions = positions

    async def stop(self) -> None:
        """End the feed and all connections."""
        await self.live.stop()
        await self.owners.close()

    async def behind(self) -> dict[str, int] | None:
        """Unseen events per log, at most a second old; None when nobody can tell."""
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if now - self._known_at > KNOWN_FOR_SECONDS:
                self._behind = await self._ask()
                self._known_at = now
            return self._behind

    async def _ask(self) -> dict[str, int] | None:
        if self._positions is None:
            return None
        try:
            positions = await self._positions()
        except ENVIRONMENT_ERRORS:
            return None
        return {log: max(0, head - position) for log, (position, head) in positions.items()}
