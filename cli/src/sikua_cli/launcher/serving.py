"""One service as a process of its own: everything it needs it reads from settings. A container runs the same.

It waits for its database, and says so in one line; Kafka may be away, then events wait in the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack

import asyncpg
import structlog
from sikua_chassis.bus.choice import bus_of
from sikua_chassis.clock import BusinessClock
from sikua_chassis.service import Runtime
from sikua_chassis.settings import ServiceSettings, without_password
from sikua_chassis.telemetry.logs import configure
from sikua_contracts.topics import SPEAKERS

from sikua_cli import collector
from sikua_cli.launcher.answering import answering
from sikua_cli.launcher.front import Behind
from sikua_cli.launcher.ports import listen
from sikua_cli.launcher.rooms import PORTS, made
from sikua_cli.launcher.running import told_by_signals
from sikua_cli.launcher.trust import believed, shown
from sikua_cli.trouble import Exit, Trouble

WAIT_SECONDS = 120.0
_ASK_SECONDS = 5.0
_AGAIN_SECONDS = 0.5
_SAY_AGAIN_SECONDS = 30.0

log = structlog.get_logger("sikua.launcher")


async def serve(name: str, *, until_stdin_ends: bool) -> None:
    """Run the service until SIGTERM, Ctrl-C, or the end of whoever started it. Raises Trouble when it cannot start."""
    settings = alone(name, ServiceSettings())
    configure(settings.log_level)
    verifier = believed(settings)
    clock = BusinessClock(settings.business_time)
    bus = bus_of(settings, SPEAKERS)
    service = made(name, Runtime(settings, bus, clock, verifier, service_token=shown(settings)))
    ended = asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.enter_context(told_by_signals(ended.set))
        if until_stdin_ends:
            stack.enter_context(told_by_stdin(ended))
        await _database_answers_or(ended, settings.database_url)
        if ended.is_set():
            # Who started us has gone while our code was read: the port is the next one's, who may be starting already.
            return
        door = stack.enter_context(contextlib.closing(listen(settings.host, settings.port)))
        stack.push_async_callback(bus.stop)
        stack.push_async_callback(service.stop)
        # Before the service closes the connections by which the clock is read.
        stack.push_async_callback(clock.stop)
        await service.start()
        await stack.enter_async_context(answering(Behind(service.app, name), door))
        collector.freeze()
        log.info("The service answers.", action="service_answers", service=name, port=settings.port)
        await ended.wait()
        log.info("The service is asked to stop.", action="service_stops", service=name)


def alone(name: str, given: ServiceSettings) -> ServiceSettings:
    """The settings of a service by itself: a port of its own and everybody else's, where nothing else is said."""
    if not given.database_url:
        raise Trouble(
            "请以 SIKUA_DATABASE_URL 指明数据库", "SIKUA_DATABASE_URL must say where the database is", Exit.REFUSED
        )
    update: dict[str, object] = {}
    if "port" not in given.model_fields_set:
        update["port"] = PORTS[name]
    if not given.services:
        update["services"] = {each: f"http://{given.host}:{port}" for each, port in PORTS.items()}
    return given.model_copy(update=update)


async def database_answers(url: str, wait_seconds: float = WAIT_SECONDS) -> None:
    """Wait until the database takes connections, and say so at once and every half minute. Raises Trouble in the end."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_seconds
    say_at = loop.time()
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=_ASK_SECONDS)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if loop.time() > until:
                raise Trouble(
                    f"数据库 {without_password(url)} 没有应答",
                    f"the database does not answer: {error!r}",
                    Exit.MACHINE,
                ) from error
            if loop.time() >= say_at:
                where = without_password(url)
                log.warning("Waiting for the database.", action="waits", hop="database", url=where, error=repr(error))
                say_at = loop.time() + _SAY_AGAIN_SECONDS
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            await connection.close()
            return


async def _database_answers_or(ended: asyncio.Event, url: str) -> None:
    """Wait for the database as long as the service is wanted. Raises Trouble in the end."""
    waits = {asyncio.create_task(database_answers(url)), asyncio.create_task(ended.wait())}
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            await each
    finally:
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


@contextlib.contextmanager
def told_by_stdin(ended: asyncio.Event) -> Iterator[None]:
    """The end of standard input sets this event: who started us held its other side, and is gone."""
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()

    def look() -> None:
        if not os.read(descriptor, 1):
            loop.remove_reader(descriptor)
            ended.set()

    loop.add_reader(descriptor, look)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
