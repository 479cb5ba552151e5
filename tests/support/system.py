"""Starts real services on a test's own database and bus, and gives clients that carry tokens of the local issuer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import uvicorn
from sikua_chassis import clock as clocks
from sikua_chassis import outbox
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.bus.choice import bus_of
from sikua_chassis.clock import BusinessClock, ClockMode
from sikua_chassis.database import Database
from sikua_chassis.relay import Relay
from sikua_chassis.service import Runtime, Service
from sikua_chassis.settings import ServiceSettings
from sikua_chassis.status import Status, status_of
from sikua_contracts.envelope import source_of
from sikua_contracts.topics import SPEAKERS

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""2026-03-02 09:00 in Shanghai, a Monday."""

QUIET_SECONDS = 90.0


@dataclass
class System:
    """The services started so far, over one database, one bus and one turned clock."""

    url: str
    runtime: Runtime
    issuer: LocalIssuer
    services: dict[str, Service] = field(default_factory=dict)
    relays: list[Relay] = field(default_factory=list)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _speakers: dict[str, Database] = field(default_factory=dict)

    async def start(self, build: Callable[[Runtime], Service]) -> Service:
        """Build and start one service; it is stopped with the system."""
        service = build(self.runtime)
        await service.start()
        self.services[service.name] = service
        return service

    def token(self, role: str = "command_office", **claims: Any) -> str:
        """A token of the local issuer for one role."""
        return self.issuer.issue(claims.pop("sub", f"{role}@test"), roles=[role], **claims)

    def client(self, service: str, role: str = "command_office", **claims: Any) -> httpx.AsyncClient:
        """A client of one service that carries a token; closed with the system."""
        transport = httpx.ASGITransport(app=self.services[service].app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {self.token(role, **claims)}"}
        client = httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers, timeout=30)
        self._stack.push_async_callback(client.aclose)
        return client

    async def serve(self, service: str) -> str:
        """Serve one started service on a loopback port of its own; its base URL. Stopped with the system."""
        config = uvicorn.Config(self.services[service].app, port=0, lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)

        async def end() -> None:
            server.should_exit = True
            await task

        self._stack.push_async_callback(end)
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    async def speaker(self, service: str) -> Database:
        """The database of a service that does not run here, to say events as it would; its relay runs."""
        if service not in self._speakers:
            database = Database(
                self.url, service, service=service, source=source_of(service), business_now=self.runtime.clock.now
            )
            await database.open()
            self.relays.append(Relay(database, self.runtime.bus))
            relay = asyncio.create_task(self.relays[-1].run())
            self._speakers[service] = database

            async def end() -> None:
                relay.cancel()
                await asyncio.wait([relay])
                await database.close()

            self._stack.push_async_callback(end)
        return self._speakers[service]

    async def say(self, service: str, *said: Any) -> None:
        """Publish events in one unit of work, as `service` would."""
        database = await self.speaker(service)
        async with database.unit_of_work() as session:
            for each in said:
                outbox.publish(session, each)

    async def turn_to(self, moment: datetime) -> None:
        """Turn business time and wait until everything is quiet."""
        await self.turn(moment)
        await self.quiet()

    async def turn(self, moment: datetime) -> None:
        """Turn business time, and wait for nothing."""
        connection = await asyncpg.connect(self.url)
        try:
            await clocks.turn(connection, moment)
        finally:
            await connection.close()
        self.runtime.clock.turn_to(moment)
        for service in self.services.values():
            service.wake()

    async def statuses(self) -> list[Status]:
        """How each service stands."""
        return [await status_of(service) for service in self.services.values()]

    async def quiet(self, seconds: float = QUIET_SECONDS) -> None:
        """Wait until every service is quiet twice in a row with nothing moved between."""
        try:
            await self._until_quiet(seconds)
        except TimeoutError:
            restless = [status.model_dump_json() for status in await self.statuses() if not status.quiet]
            raise AssertionError(f"not quiet after {seconds} s: {restless}") from None

    async def _until_quiet(self, seconds: float) -> None:
        before: list[Any] = []
        async with asyncio.timeout(seconds):
            while True:
                statuses = await self.statuses()
                spoken = [
                    await database.pool.fetchval("SELECT count(*) FROM outbox") for database in self._speakers.values()
                ]
                now = [(status.published, status.logs) for status in statuses]
                calm = all(status.quiet for status in statuses) and not any(spoken)
                if calm and now == before:
                    return
                before = now if calm else []
                await asyncio.sleep(0.02)

    async def quiet_but_for(self, speaker: str, *, parked: int, behind_it: int) -> None:
        """Wait until a speaker's outbox holds nothing but parked events and those behind them, and all else is quiet."""
        pool = self._speakers[speaker].pool
        async with asyncio.timeout(QUIET_SECONDS):
            while True:
                held = await pool.fetchrow(
                    "SELECT count(*) FILTER (WHERE parked IS NOT NULL) AS parked, count(*) AS all FROM outbox"
                )
                at_the_end = all(
                    log.position >= log.head for status in await self.statuses() for log in status.logs.values()
                )
                if (held["parked"], held["all"]) == (parked, parked + behind_it) and at_the_end:
                    return
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Stop everything, last started first."""
        await self._stack.aclose()
        for service in reversed(self.services.values()):
            await service.stop()
        await self.runtime.clock.stop()
        await self.runtime.bus.stop()


async def new_system(url: str, folder: Path, **settings: Any) -> System:
    """A system with no service yet, business time at START."""
    issuer = LocalIssuer.at(folder / "issuer.jwk")
    given = ServiceSettings(
        database_url=url,
        business_time=ClockMode.TURNED,
        local_issuer_key=str(folder / "issuer.jwk"),
        **{"pool_size": 4, **settings},
    )
    clock = BusinessClock(ClockMode.TURNED, START)
    connection = await asyncpg.connect(url)
    try:
        await clocks.create(connection)
        await clocks.turn(connection, START)
    finally:
        await connection.close()
    runtime = Runtime(
        settings=given,
        bus=bus_of(given, SPEAKERS),
        clock=clock,
        verifier=issuer.verifier(),
        service_token=lambda: issuer.issue("sikua", roles=["service"]),
        traces_in_memory=True,
    )
    await runtime.bus.start()
    return System(url, runtime, issuer)
