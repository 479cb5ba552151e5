"""The whole system in one process: PostgreSQL, seven services in one event loop, one port; up and down cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import uvicorn
from sikua_chassis import clock as clock_row
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.auth.tokens import TokenVerifier
from sikua_chassis.auth.trust import verifier_of
from sikua_chassis.bus.choice import bus_of
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.clock import BusinessClock, ClockMode
from sikua_chassis.errors import SikuaError
from sikua_chassis.service import Runtime, Service
from sikua_chassis.settings import ServiceSettings
from sikua_chassis.telemetry.logs import configure
from sikua_contracts.topics import SERVICES, SPEAKERS
from sikua_rules.business_time import SHANGHAI

from sikua_cli.launcher.embedded import EmbeddedPostgres
from sikua_cli.launcher.index import one_port
from sikua_cli.launcher.keeping import kept
from sikua_cli.launcher.place import Hold, Place
from sikua_cli.launcher.ports import listen, port_of
from sikua_cli.launcher.rooms import builders
from sikua_cli.trouble import Exit, Trouble

POOL_SIZE = 4
TOKEN_SECONDS = 3600
LARGEST_LOG = 20_000_000
# Longer than our own clients keep an idle connection: the side that asks is the one that hangs up.
KEEP_ALIVE_SECONDS = 75


@asynccontextmanager
async def _nothing(_database_url: str, _clock: BusinessClock) -> AsyncIterator[None]:
    yield


@dataclass(frozen=True)
class Wanted:
    """What to start: where, at which port, and when business time begins (None: the machine's own clock).

    `outside` runs around the services, for what they must find when they start.
    """

    place: Place
    port: int
    begins: datetime | None = None
    outside: Callable[[str, BusinessClock], AbstractAsyncContextManager[None]] = _nothing


class Running:
    """A running system, as its driver sees it."""

    def __init__(self, url: str, services: Mapping[str, Service], issuer: LocalIssuer, runtime: Runtime) -> None:
        self.url = url
        self.services = services
        self.issuer = issuer
        self.clock = runtime.clock
        self.database_url = runtime.settings.database_url
        self.ended = asyncio.Event()

    async def turn_to(self, moment: datetime) -> None:
        """Turn business time for everybody and let all works look at it at once."""
        connection = await asyncpg.connect(self.database_url)
        try:
            await clock_row.turn(connection, moment)
        finally:
            await connection.close()
        self.clock.turn_to(moment)
        for service in self.services.values():
            service.wake()


@asynccontextmanager
async def running(wanted: Wanted) -> AsyncIterator[Running]:
    """The system from its first answer to its clean stop. Raises Trouble when something keeps it from starting."""
    hold = Hold(wanted.place)
    hold.take()
    try:
        settings = ServiceSettings()
        door = listen(settings.host, wanted.port)
        async with AsyncExitStack() as stack:
            stack.enter_context(_log(wanted.place, settings.log_level))
            stack.enter_context(contextlib.closing(door))
            url = await stack.enter_async_context(_database(wanted.place, settings))
            system = await stack.enter_async_context(_services(wanted, settings, url, port_of(door)))
            await stack.enter_async_context(_door(door, system))
            stack.enter_context(_signals(system.ended))
            # What is there now stays: the collector need not walk the code of seven services again and again.
            gc.collect()
            gc.freeze()
            wanted.place.write(wanted.place.running, {"pid": os.getpid(), "url": system.url, "since": time.time()})
            yield system
    finally:
        wanted.place.running.unlink(missing_ok=True)
        hold.release()


@asynccontextmanager
async def _database(place: Place, settings: ServiceSettings) -> AsyncIterator[str]:
    """The database that is configured, or the embedded one; the services' code is read meanwhile."""
    reading = asyncio.create_task(asyncio.to_thread(builders))
    if settings.database_url:
        await reading
        yield settings.database_url
        return
    postgres = EmbeddedPostgres(place)
    try:
        await asyncio.to_thread(postgres.start)
        await reading
        async with kept(postgres):
            yield postgres.url
    finally:
        await asyncio.to_thread(postgres.stop)


@asynccontextmanager
async def _services(wanted: Wanted, given: ServiceSettings, url: str, port: int) -> AsyncIterator[Running]:
    base = f"http://{given.host}:{port}"
    issuer = LocalIssuer.at(wanted.place.issuer_key)
    settings = given.model_copy(
        update={
            "database_url": url,
            "port": port,
            "public_url": base,
            "pool_size": min(given.pool_size, POOL_SIZE),
            "services": {name: f"{base}/{name}" for name in SERVICES} | given.services,
            "local_issuer_key": str(wanted.place.issuer_key),
            "business_time": ClockMode.TURNED if wanted.begins else ClockMode.SYSTEM,
        }
    )
    clock = BusinessClock(settings.business_time)
    bus = bus_of(settings, SPEAKERS)
    runtime = Runtime(settings, bus, clock, trusted(settings, issuer, wanted), service_token=_service_token(issuer))
    # What is outside comes first: simulators refuse a database with real data before anything is written to it.
    async with wanted.outside(url, clock):
        if wanted.begins is not None:
            await _begin_time(url, wanted.begins)
        await bus.start()
        if isinstance(bus, EmbeddedBus):
            await clock.start(bus.pool)
        try:
            services = {name: build(runtime) for name, build in builders().items()}
            try:
                await _start_all(services)
                yield Running(base, services, issuer, runtime)
            finally:
                await asyncio.gather(*(service.stop() for service in services.values()), return_exceptions=True)
        finally:
            await clock.stop()
            await bus.stop()


def trusted(settings: ServiceSettings, issuer: LocalIssuer, wanted: Wanted) -> TokenVerifier:
    """Whom the system believes: the issuer that the settings name, else the local one; made-up people only the local one.

    Raises Trouble when an issuer is named and nothing says where its keys are.
    """
    if wanted.begins is not None:
        return issuer.verifier()
    try:
        return verifier_of(settings)
    except SikuaError as error:
        raise Trouble("指定了 SIKUA_OIDC_ISSUER,还须以 SIKUA_JWKS 指明其公钥", str(error), Exit.REFUSED) from error


async def _start_all(services: Mapping[str, Service]) -> None:
    # One after the other: migrations of two services at once would mix in one process, and starting is mostly computing.
    # All schemas before the first service: each reads what the others say from their tables.
    acts = [(name, service.migrate) for name, service in services.items()]
    acts += [(name, service.start) for name, service in services.items()]
    for name, act in acts:
        try:
            await act()
        except Exception as error:
            raise Trouble(
                f"服务 {name} 启动失败:{error!r}",
                f"the service {name} does not start: {error!r}",
                Exit.MACHINE,
            ) from error


async def _begin_time(url: str, begins: datetime) -> None:
    """Business time starts here, unless it has been turned before: then it goes on from where it stood."""
    connection = await asyncpg.connect(url)
    try:
        await clock_row.create(connection)
        with contextlib.suppress(clock_row.ClockTurnedBack):
            await clock_row.turn(connection, begins)
    finally:
        await connection.close()


@asynccontextmanager
async def _door(door: socket.socket, system: Running) -> AsyncIterator[None]:
    """Answer on the port until the block ends; requests under way are answered first."""
    app = one_port(system.services, lambda: _notice(system))
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=3,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[door]))
    while not server.started:
        if serving.done():
            await serving
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """uvicorn without handlers of its own: the launcher hears the signals and stops everything in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _log(place: Place, level: str) -> Iterator[None]:
    """Log lines go to the place's own file, so that the terminal is left to people; a large one is set aside first."""
    if place.log.exists() and place.log.stat().st_size > LARGEST_LOG:
        place.log.replace(place.log.with_suffix(".log.1"))
    with place.log.open("a", encoding="utf-8", buffering=1) as file:
        configure(level, file)
        try:
            yield
        finally:
            configure(level)


@contextlib.contextmanager
def _signals(ended: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    caught = (signal.SIGINT, signal.SIGTERM)
    for number in caught:
        loop.add_signal_handler(number, ended.set)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


def _notice(system: Running) -> tuple[str, str]:
    if system.clock.mode is ClockMode.SYSTEM:
        return "本机运行,内置令牌签发仅供试用", "runs on this machine; its local issuer is for trying out only"
    moment = system.clock.now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return f"演示数据,业务时间 {moment}", f"demo data, business time {moment} (Asia/Shanghai)"


def _service_token(issuer: LocalIssuer) -> Callable[[], str]:
    """A token for calls between services, renewed well before it expires."""
    kept: list[tuple[float, str]] = []

    def token() -> str:
        if not kept or time.monotonic() > kept[-1][0]:
            fresh = issuer.issue("local:service", roles=["service"], unit="sikua", lifetime_seconds=TOKEN_SECONDS)
            kept[:] = [(time.monotonic() + TOKEN_SECONDS / 2, fresh)]
        return kept[-1][1]

    return token
