"""The three simulated departments on loopback, their clock in the test's hand, asked as our bridges ask."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import httpx
from sikua_bridge.answers import Answer
from sikua_bridge.datasets import KeyKind
from sikua_bridge.department import Department, Question
from sikua_bridge.gateway import Gateway
from sikua_bridge.settings import BridgeSettings
from sikua_chassis.http import client
from sikua_simulators.departments import Background, Departments, serve
from sikua_simulators.departments.chance import OPENING

PROJECTS = Path(__file__).parents[2] / "demo" / "projects.csv"
SEED = 20260302
ANY_PORTS = {"tax": 0, "reform": 0, "finance": 0}


@dataclass
class Turned:
    """The departments' business time."""

    moment: datetime = OPENING

    def now(self) -> datetime:
        """Where it stands."""
        return self.moment


@dataclass
class Offices:
    """Running departments, with a client of each one's own routes and our side of each gateway."""

    departments: Departments
    clock: Turned
    stack: AsyncExitStack

    def http(self, name: str) -> httpx.AsyncClient:
        """A client of one department."""
        made = client(self.departments.urls[name], timeout_seconds=30)
        self.stack.push_async_callback(made.aclose)
        return made

    async def gateway(self, name: str, **settings: Any) -> Gateway:
        """Our bridge's side of one department's gateway."""
        given = BridgeSettings(department_url=self.departments.urls[name], **settings)
        gateway = Gateway(bridge_of(name), given)
        await gateway.open()
        self.stack.push_async_callback(gateway.close)
        return gateway

    async def ask(self, dataset: str, kind: KeyKind, key: str) -> Answer:
        """Ask one question as our bridge does."""
        name = "finance" if dataset.startswith("commerce") else dataset.partition(".")[0]
        return await (await self.gateway(name)).ask(Question(dataset, kind, key))


def bridge_of(name: str) -> Department:
    """What our bridge knows of a department."""
    return cast(Department, importlib.import_module(f"sikua_{name}_bridge.department").DEPARTMENT)


Open = Callable[..., Awaitable[Offices]]


@asynccontextmanager
async def opener() -> AsyncIterator[Open]:
    """Opens departments of a seed around the demo's projects; they close with the block."""
    async with AsyncExitStack() as stack:

        async def opened(seed: int = SEED, background: Background | None = None) -> Offices:
            clock = Turned()
            running = serve(seed, PROJECTS, clock.now, ANY_PORTS, background=background)
            return Offices(await stack.enter_async_context(running), clock, stack)

        yield opened
