"""The embedded form: seven services in one event loop, mounted by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.bus.choice import bus_of
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.clock import BusinessClock
from sikua_chassis.service import Runtime, Service
from sikua_chassis.settings import ServiceSettings
from sikua_contracts.topics import SERVICES, SPEAKERS
from starlette.types import ASGIApp

from sikua_cli.launcher.index import one_port
from sikua_cli.launcher.rooms import WORDS, made
from sikua_cli.launcher.running import Running, Wanted, begin_time
from sikua_cli.launcher.trust import renewed_token, shown, trusted
from sikua_cli.trouble import Exit, Trouble

POOL_SIZE = 4


@asynccontextmanager
async def together(
    wanted: Wanted, given: ServiceSettings, url: str, port: int
) -> AsyncIterator[tuple[Running, ASGIApp]]:
    """All services on this database in this process, and what answers for them on the one port."""
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
            "business_time": wanted.clock_mode,
        }
    )
    clock = BusinessClock(settings.business_time)
    bus = bus_of(settings, SPEAKERS)
    # Where people are made up, the local issuer alone is believed.
    token = renewed_token(issuer) if wanted.begins else shown(settings)
    runtime = Runtime(settings, bus, clock, trusted(settings, issuer, wanted), service_token=token)
    # What is outside comes first: simulators refuse a database with real data before anything is written to it.
    async with wanted.outside(url, clock):
        if wanted.begins is not None:
            await begin_time(url, wanted.begins)
        await bus.start()
        if isinstance(bus, EmbeddedBus):
            await clock.start(bus.pool)
        try:
            services = {name: made(name, runtime) for name in WORDS}

            async def followed(_moment: datetime) -> None:
                for service in services.values():
                    service.wake()

            system = Running(base, url, issuer, clock, followed)
            try:
                await _start_all(services)
                yield system, one_port({name: service.app for name, service in services.items()}, system.notice)
            finally:
                await asyncio.gather(*(service.stop() for service in services.values()), return_exceptions=True)
        finally:
            await clock.stop()
            await bus.stop()


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
