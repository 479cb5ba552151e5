"""A whole system on this machine: database, services, one port; in one process or in seven; up and down cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from sikua_chassis.settings import BusKind, ServiceSettings

from sikua_cli import collector
from sikua_cli.launcher.answering import answering
from sikua_cli.launcher.embedded import EmbeddedPostgres
from sikua_cli.launcher.keeping import kept
from sikua_cli.launcher.logs import logging_to
from sikua_cli.launcher.place import Hold, Place
from sikua_cli.launcher.ports import listen, port_of
from sikua_cli.launcher.rooms import builders
from sikua_cli.launcher.running import Running, Wanted, finished, told_by_signals
from sikua_cli.trouble import Exit, Trouble

if TYPE_CHECKING:
    from starlette.types import ASGIApp

Form = Callable[[Wanted, ServiceSettings, str, int], AbstractAsyncContextManager[tuple[Running, "ASGIApp"]]]
"""How a system is run on this database, answering on this port."""


@asynccontextmanager
async def running(wanted: Wanted) -> AsyncIterator[Running]:
    """The system from its first answer to its clean stop. Raises Trouble when something keeps it from starting."""
    place, form = wanted.place, _form(distributed=wanted.distributed)
    hold = Hold(place)
    hold.take()
    try:
        settings = ServiceSettings()
        place.agree_on(BusKind.KAFKA if wanted.distributed else settings.bus)
        door = listen(settings.host, wanted.port)
        async with AsyncExitStack() as stack:
            stop = stack.enter_context(_stopped_by_signals())
            stack.enter_context(logging_to(place.log, settings.log_level))
            stack.enter_context(contextlib.closing(door))
            url = await stack.enter_async_context(_database(place, settings, reading=not wanted.distributed))
            system, app = await stack.enter_async_context(form(wanted, settings, url, port_of(door)))
            await stack.enter_async_context(answering(app, door))
            stop.then(system.ended.set)
            collector.freeze()
            note = {"pid": os.getpid(), "url": system.url, "since": time.time(), "services": system.services}
            place.write(place.running, note)
            yield system
    finally:
        place.running.unlink(missing_ok=True)
        hold.release()


def _form(*, distributed: bool) -> Form:
    """Only the form that is wanted is read: the other one's code is a tenth of a start."""
    if distributed:
        from sikua_cli.launcher.distributed import distributed as apart

        return apart
    from sikua_cli.launcher.together import together

    return together


class _Stop:
    """What a signal does: while the system starts it ends the start, afterwards what `then` was told."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.asked = False
        self._act = act

    def __call__(self) -> None:
        self.asked = True
        self._act()

    def then(self, act: Callable[[], object]) -> None:
        """From now on do this."""
        self._act = act


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[_Stop]:
    """Ctrl-C and SIGTERM while the block lasts. Raises Trouble when they came while the system started."""
    starting = asyncio.current_task()
    assert starting is not None
    stop = _Stop(starting.cancel)
    with told_by_signals(stop):
        try:
            yield stop
        except asyncio.CancelledError:
            if not stop.asked:
                raise
            raise Trouble("启动中断", "stopped while starting", Exit.FAILED) from None


@asynccontextmanager
async def _database(place: Place, settings: ServiceSettings, *, reading: bool) -> AsyncIterator[str]:
    """The database that is configured, or the embedded one; the services' code is read meanwhile, where it is needed."""
    read = asyncio.create_task(asyncio.to_thread(builders)) if reading else None
    postgres = None if settings.database_url else EmbeddedPostgres(place)
    try:
        if postgres is not None:
            await finished(postgres.start)
        if read is not None:
            await read
        if postgres is None:
            yield settings.database_url
            return
        async with kept("postgres", postgres):
            yield postgres.url
    finally:
        if postgres is not None:
            await asyncio.to_thread(postgres.stop)
