"""What is wanted of a system, and a running one as its driver sees it: the same for one process and for seven."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from sikua_chassis import clock as clock_row
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.clock import BusinessClock, ClockMode
from sikua_rules.business_time import SHANGHAI

from sikua_cli.launcher.place import Place


@asynccontextmanager
async def _nothing(_database_url: str, _clock: BusinessClock) -> AsyncIterator[None]:
    yield


@dataclass(frozen=True)
class Wanted:
    """What to start: where, at which port, and when business time begins (None: the machine's own clock).

    `outside` runs around the services, for what they must find when they start. `distributed`: each service is a process.
    """

    place: Place
    port: int
    begins: datetime | None = None
    outside: Callable[[str, BusinessClock], AbstractAsyncContextManager[None]] = _nothing
    distributed: bool = False

    @property
    def clock_mode(self) -> ClockMode:
        """Where business time comes from."""
        return ClockMode.TURNED if self.begins else ClockMode.SYSTEM


class Running:
    """A running system. `followed` returns when all its services act at a moment that business time was turned to.

    `services`: base URLs of those that are processes of their own, by name.
    """

    def __init__(
        self,
        url: str,
        database_url: str,
        issuer: LocalIssuer,
        clock: BusinessClock,
        followed: Callable[[datetime], Awaitable[None]],
        services: Mapping[str, str] | None = None,
    ) -> None:
        self.url = url
        self.database_url = database_url
        self.issuer = issuer
        self.clock = clock
        self.services = dict(services or {})
        self.ended = asyncio.Event()
        self._followed = followed

    async def turn_to(self, moment: datetime) -> None:
        """Turn business time for everybody, and wait until everybody has seen it."""
        connection = await asyncpg.connect(self.database_url)
        try:
            await clock_row.turn(connection, moment)
        finally:
            await connection.close()
        self.clock.turn_to(moment)
        await self._followed(moment)

    def notice(self) -> tuple[str, str]:
        """What is special about this system, in both languages."""
        if self.clock.mode is ClockMode.SYSTEM:
            return "本机运行,内置令牌签发仅供试用", "runs on this machine; its local issuer is for trying out only"
        moment = self.clock.now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        return f"演示数据,业务时间 {moment}", f"demo data, business time {moment} (Asia/Shanghai)"


async def begin_time(url: str, begins: datetime) -> None:
    """Business time starts here, unless it has been turned before: then it goes on from where it stood."""
    connection = await asyncpg.connect(url)
    try:
        await clock_row.create(connection)
        with contextlib.suppress(clock_row.ClockTurnedBack):
            await clock_row.turn(connection, begins)
    finally:
        await connection.close()


async def finished(work: Callable[[], None]) -> None:
    """Run this in a thread. Cancelled meanwhile, it first lets the thread finish: nothing half done stays."""
    working = asyncio.create_task(asyncio.to_thread(work))
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait({working})
        raise


@contextlib.contextmanager
def told_by_signals(told: Callable[[], object]) -> Iterator[None]:
    """Ctrl-C and SIGTERM call this while the block lasts."""
    loop = asyncio.get_running_loop()
    caught = (signal.SIGINT, signal.SIGTERM)
    for number in caught:
        loop.add_signal_handler(number, told)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)
