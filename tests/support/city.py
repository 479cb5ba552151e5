"""The whole system in one process: seven services, real PostgreSQL, a real SMTP server, departments, time turned by hand."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from httpx import AsyncClient
from sikua_bridge.settings import BridgeSettings
from sikua_chassis.service import Runtime, Service
from sikua_cli.demo.units import read_people
from sikua_contracts.topics import SERVICES
from sikua_notifier.app import NotifierSettings
from sikua_notifier.app import build as build_notifier
from sikua_simulators import channels, departments
from sikua_simulators.channels import Channels
from support.applications import build_of
from support.system import System, new_system

UNITS = Path(__file__).parents[2] / "demo" / "units.csv"
ANY_PORTS = {"tax": 0, "reform": 0, "finance": 0}


@dataclass
class City:
    """The running system with its mail server."""

    system: System
    channels: Channels
    builds: dict[str, Callable[[Runtime], Service]] = field(default_factory=dict)

    @property
    def database_url(self) -> str:
        """Where all seven keep what they know."""
        return self.system.url

    def now(self) -> datetime:
        """Business time."""
        return self.system.runtime.clock.now()

    def client(self, service: str, role: str, **claims: Any) -> AsyncClient:
        """A client of one service, with a token."""
        return self.system.client(service, role, **claims)

    async def turn(self, moment: datetime) -> None:
        """Turn business time for all, and wait for nothing."""
        await self.system.turn(moment)

    async def quiet(self) -> None:
        """Wait until nothing waits, nothing is due, everything heard is handled."""
        await self.system.quiet()


@asynccontextmanager
async def running_city(url: str, folder: Path, **settings: Any) -> AsyncIterator[City]:
    """All seven services, every trace sampled, offices on duty, mail at once; departments whose books are empty."""
    system = await new_system(url, folder, trace_sample_ratio=1.0, **settings)
    async with AsyncExitStack() as stack:
        post = await stack.enter_async_context(channels.serve(channels.ChannelPorts(0, 0)))
        clock = system.runtime.clock.now
        offices = await stack.enter_async_context(departments.serve(1, None, clock, ANY_PORTS))
        stack.push_async_callback(system.stop)
        builds = {service: build_of(service) for service in SERVICES if not service.endswith("-bridge")}
        for name, url_of_department in offices.urls.items():
            builds[f"{name}-bridge"] = bridge_at(f"{name}-bridge", url_of_department)
        posting = NotifierSettings(smtp_port=post.ports.smtp, digest_hours="")
        builds["notifier"] = lambda runtime: build_notifier(runtime, posting)
        for service in SERVICES:
            await system.start(builds[service])
        await put_on_duty(system.client("notifier", "command_office"), {})
        yield City(system, post, builds)


async def put_on_duty(notifier: AsyncClient, webhooks: Mapping[str, str]) -> None:
    """Tell the notifier of everybody in the file; who has one of these roles is reached by the endpoint it stands for."""
    people = read_people(UNITS)
    contacts = [{**contact, "webhook": webhooks.get(contact["role"], "")} for contact in people.contacts]
    (await notifier.put("/contacts", json={"contacts": contacts})).raise_for_status()
    (await notifier.put("/rosters", json={"rosters": people.rosters})).raise_for_status()


def bridge_at(service: str, url: str) -> Callable[[Runtime], Service]:
    """A bridge that asks the simulated department at this address."""
    build = importlib.import_module(f"sikua_{service.replace('-', '_')}.app").build
    settings = BridgeSettings(department_url=url)

    def built(runtime: Runtime) -> Service:
        made: Service = build(runtime, settings)
        return made

    return built
