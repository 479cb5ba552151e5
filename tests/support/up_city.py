"""`sikua up` with offices on duty, mail that a test can read, and departments whose books are empty; time is turned by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import httpx
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.clock import BusinessClock, ClockMode
from sikua_chassis.http import client, patient
from sikua_cli.demo.clock import until_quiet
from sikua_cli.demo.offices import Offices, offices
from sikua_cli.launcher.distributed import following
from sikua_cli.launcher.running import Running
from sikua_cli.launcher.simulators import BRIDGES
from sikua_cli.launcher.trust import renewed_token
from sikua_contracts.topics import SERVICES
from sikua_simulators import channels, departments
from sikua_simulators.channels import Channels
from support.city import ANY_PORTS, put_on_duty
from support.processes import Sikua
from support.system import START

PATIENCE_SECONDS = 180.0

Form = TypeVar("Form", bound=Sikua)


@dataclass
class UpCity(Generic[Form]):
    """The running system. Its clients wait for a service that is being started again."""

    up: Form
    channels: Channels
    running: Running
    phone: Offices
    clients: AsyncExitStack

    @property
    def database_url(self) -> str:
        """Where all seven services keep what they know."""
        return self.up.database_url

    def now(self) -> datetime:
        """Business time."""
        return self.running.clock.now()

    def client(self, service: str, role: str, **claims: Any) -> httpx.AsyncClient:
        """A client of one service through the one door, with a token; closed with the city."""
        url = f"{self.up.url}/{service}"
        made = client(
            url,
            timeout_seconds=60,
            headers=self.up.headers(role, **claims),
            transport=patient(url, PATIENCE_SECONDS),
        )
        self.clients.push_async_callback(made.aclose)
        return made

    async def turn(self, moment: datetime) -> None:
        """Turn business time and wait until all seven have seen it, whoever is being started again included."""
        await self.running.turn_to(moment)

    async def quiet(self) -> None:
        """Wait until nothing waits, nothing is due, everything heard is handled."""
        await until_quiet(self.phone)


@asynccontextmanager
async def running_up(
    form: Callable[[Mapping[str, str]], Form], webhooks: Mapping[str, str]
) -> AsyncIterator[UpCity[Form]]:
    """The system that `form` makes of the settings, at START. `webhooks`: role → the endpoint that tells it, beside mail."""
    clock = BusinessClock(ClockMode.TURNED, START)
    async with AsyncExitStack() as stack:
        post = await stack.enter_async_context(channels.serve(channels.ChannelPorts(0, 0)))
        outside = await stack.enter_async_context(departments.serve(1, None, clock.now, ANY_PORTS))
        up = form(_variables(post, outside.urls))
        up.place.root.mkdir(parents=True)
        # The note of a demo is what makes business time one that is turned.
        up.place.write(up.place.demo, {"start": START.isoformat(), "data": "simulated"})
        stack.callback(up.close)
        up.start()
        await asyncio.to_thread(up.wait_up)
        issuer = LocalIssuer.at(up.place.issuer_key)
        bases = {name: f"{up.url}/{name}" for name in SERVICES}
        inside = await stack.enter_async_context(client(timeout_seconds=30))
        followed = following(inside, bases, renewed_token(issuer, "operator"))
        running = Running(up.url, up.database_url, issuer, clock, followed)
        phone = await stack.enter_async_context(offices(up.url, issuer))
        clients = await stack.enter_async_context(AsyncExitStack())
        city = UpCity(up, post, running, phone, clients)
        for endpoint in {*webhooks.values()}:
            await _open(city, endpoint)
        await put_on_duty(city.client("notifier", "command_office"), webhooks)
        yield city


async def _open(city: UpCity[Any], endpoint: str) -> None:
    notifier = city.client("notifier", "operator")
    made = await notifier.post("/webhooks", json={"name": endpoint, "url": city.channels.hook(endpoint)})
    assert made.status_code == 201, made.text
    city.channels.receiver.secrets[endpoint] = made.json()["secret"]


def _variables(post: Channels, departments_at: Mapping[str, str]) -> dict[str, str]:
    return {
        **{f"{BRIDGES[name]}_DEPARTMENT_URL": url for name, url in departments_at.items()},
        "SIKUA_SMTP_PORT": str(post.ports.smtp),
        "SIKUA_WEBHOOK_ALLOW": f"127.0.0.1:{post.ports.webhook}",
        "SIKUA_DIGEST_HOURS": "",
    }
