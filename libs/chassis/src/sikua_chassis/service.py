"""A service is a flow, a router and migrations in one frame: it decides once how to start, run, answer and stop.

Started alone, the app's lifespan runs the service; mounted into another app, the launcher calls `start` and `stop`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from sikua_contracts.envelope import source_of

from sikua_chassis import frame_api
from sikua_chassis.application import Application
from sikua_chassis.auth.tokens import TokenVerifier
from sikua_chassis.bus.port import Bus
from sikua_chassis.claims import Ticker, Worker
from sikua_chassis.clock import BusinessClock
from sikua_chassis.consumer import Consumer
from sikua_chassis.database import Database
from sikua_chassis.denials import Denials
from sikua_chassis.flow import Flow
from sikua_chassis.forgetting import DENIALS, Forgetting
from sikua_chassis.gaps import Source
from sikua_chassis.heads import HeadAudit
from sikua_chassis.health import health_router
from sikua_chassis.held_lanes import HeldLanes
from sikua_chassis.inbox import Inbox
from sikua_chassis.migrate import migrate
from sikua_chassis.progress import Progress
from sikua_chassis.readiness import checks_of
from sikua_chassis.relay import Relay
from sikua_chassis.settings import ServiceSettings
from sikua_chassis.supervision import beside, supervised
from sikua_chassis.telemetry.metrics import Metrics
from sikua_chassis.telemetry.traces import Tracing, tracing

STOP_SECONDS = 5.0
"""For all of a stop together. A container is killed 10 s after SIGTERM by default, and callers are answered first."""

LEAST_SECONDS = 0.5
CLOCK_SECONDS = 0.05

log = structlog.get_logger("sikua.service")


@dataclass
class Runtime:
    """What all services of one process share, chosen in one place: settings, bus, clock, keys, and who we are to others."""

    settings: ServiceSettings
    bus: Bus
    clock: BusinessClock
    verifier: TokenVerifier
    service_token: Callable[[], str] = lambda: ""
    traces_in_memory: bool = False
    databases: dict[str, str] = field(default_factory=dict)

    def database_url(self, service: str) -> str:
        """Where a service keeps its schema; one database for all unless said otherwise."""
        return self.databases.get(service, self.settings.database_url)


class Service:
    """One of the services. `tools` is what its handlers and works find as `session.tools`.

    `start_tools` and `stop_tools` open and close what the tools hold (HTTP clients, channels).
    """

    def __init__(
        self,
        *,
        name: str,
        title: str,
        flow: Flow,
        router: APIRouter,
        migrations: Path | None,
        runtime: Runtime,
        tools: Any = None,
        start_tools: Callable[[], Awaitable[None]] | None = None,
        stop_tools: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.name = name
        self.flow = flow
        self.runtime = runtime
        settings = runtime.settings
        self.tracing: Tracing = tracing(
            name,
            ratio=settings.trace_sample_ratio,
            file=Path(settings.trace_file) if settings.trace_file else None,
            collector=settings.otlp_endpoint,
            in_memory=runtime.traces_in_memory,
        )
        self.metrics = Metrics(name)
        self.database = Database(
            runtime.database_url(name),
            name,
            service=name,
            source=source_of(name, settings.division),
            business_now=runtime.clock.now,
            pool_size=settings.pool_size,
            tools=tools,
        )
        self.denials = Denials(self.database)
        self.relay = Relay(self.database, runtime.bus, self.metrics, self.tracing)
        self.inbox = Inbox(self.database, flow, self.tracing, runtime.clock)
        self.consumer = Consumer(self.database, runtime.bus, flow, self.inbox, self.metrics) if flow.hears else None
        self.workers = [Worker(work, self.database, self.tracing, self.metrics) for work in flow.works]
        self.tickers = [Ticker(tick, self.database, self.metrics) for tick in flow.ticks]
        self._migrations = migrations
        self._migrated = False
        self._start_tools = start_tools
        self._stop_tools = stop_tools
        self._tasks: list[asyncio.Task[None]] = []
        self.failures: dict[str, str] = {}
        self.progress = Progress()
        self.app = self._make_app(title, router)

    async def start(self) -> None:
        """Migrate, open, and start everything that acts. Raises what keeps the service from starting."""
        await self.migrate()
        await self.runtime.bus.start()
        await self.database.open()
        await self.runtime.clock.start(self.database.pool)
        if self._start_tools is not None:
            await self._start_tools()
        self._run("relay", self.relay.run)
        if self.consumer is not None:
            self._run("consumer", self.consumer.run)
            held = HeldLanes(self.database, self.consumer, self.inbox, self._source().events)
            self._run("lanes", held.run)
            audit = HeadAudit(self.database, self.consumer, held, self._source(), self.flow.topics)
            self._run("heads", audit.run)
        keep = timedelta(hours=self.runtime.settings.idempotency_hours)
        self._run("forgetting", Forgetting(self.database, keep).run)
        self._run("denials", self.denials.run)
        kept = timedelta(days=self.runtime.settings.denial_days)
        self._run("forgetting denials", Forgetting(self.database, kept, DENIALS).run)
        for worker in self.workers:
            self._run(worker.work.name, worker.run)
        for ticker in self.tickers:
            self._run(ticker.tick.name, ticker.run)
        self._run("clock", self._follow_clock)
        log.info("The service runs.", action="service_started", service=self.name)

    async def migrate(self) -> None:
        """Bring the schema up to date. A launcher of several services does this for all before it starts the first."""
        if not self._migrated:
            await migrate(self.database.url, self.database.schema, self._migrations)
            self._migrated = True

    async def stop(self) -> None:
        """Stop acting, then close. What was not finished is taken up again at the next start."""
        until = asyncio.get_running_loop().time() + STOP_SECONDS
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
            await self._within(until, "denials", self.denials.keep_if_possible())
        if self._stop_tools is not None:
            await self._within(until, "tools", self._stop_tools())
        await self._within(until, "database", self.database.close())
        # Telling the collector what is left blocks, and it may be away.
        await self._within(until, "traces", beside(self.tracing.shutdown))
        log.info("The service has stopped.", action="service_stopped", service=self.name)

    def runs(self, name: str) -> bool:
        """Whether this loop is there: `relay`, `consumer`, `clock`, or the name of a work or tick."""
        wanted = f"{self.name}: {name}"
        return any(task.get_name() == wanted and not task.done() for task in self._tasks)

    def wake(self) -> None:
        """Let everything that waits look again at once."""
        self.database.written.set()
        if self.consumer is not None:
            self.consumer.held.set()

    async def _within(self, until: float, what: str, closing: Awaitable[None]) -> None:
        """Close one thing before this moment of the loop's clock; what takes longer is left, and said."""
        left = max(until - asyncio.get_running_loop().time(), LEAST_SECONDS)
        try:
            async with asyncio.timeout(left):
                await closing
        except TimeoutError:
            log.warning("Something does not close in time; it is left.", action="left_open", what=what)

    def _run(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        def failed(failure: BaseException) -> None:
            self.failures[name] = repr(failure)
            self.metrics.loop_failures.labels(name).inc()

        full = f"{self.name}: {name}"
        self._tasks.append(asyncio.create_task(supervised(full, loop, failed), name=full))

    async def _follow_clock(self) -> None:
        """Wake all works as soon as business time has been turned."""
        last = self.runtime.clock.now()
        while self.runtime.clock.mode == "turned":
            await asyncio.sleep(CLOCK_SECONDS)
            now = self.runtime.clock.now()
            if now != last:
                last = now
                self.wake()

    def _source(self) -> Source:
        return Source(self.runtime.settings.services, self.runtime.service_token)

    def _make_app(self, title: str, router: APIRouter) -> FastAPI:
        app = Application(title=title, settings=self.runtime.settings, tracing=self.tracing, lifespan=self._lifespan)
        app.state.service = self
        app.state.database = self.database
        app.state.verifier = self.runtime.verifier
        app.state.metrics = self.metrics
        app.state.denials = self.denials
        app.take(router, frame_api.router, health_router(lambda: checks_of(self)))
        return app

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        await self.start()
        try:
            yield
        finally:
            await self.stop()
