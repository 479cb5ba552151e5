"""The city on seven processes: `sikua up --distributed` with offices on duty, mail and webhooks that a test can read."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.clock import BusinessClock, ClockMode
from sikua_chassis.http import client, patient
from sikua_cli.demo.clock import until_quiet
from sikua_cli.demo.offices import Offices, offices
from sikua_cli.launcher.children import LIFELINE
from sikua_cli.launcher.distributed import following
from sikua_cli.launcher.running import Running
from sikua_cli.launcher.simulators import BRIDGES
from sikua_cli.launcher.trust import renewed_token
from sikua_simulators import channels, departments
from sikua_simulators.channels import Channels
from support.city import ANY_PORTS, put_on_duty
from support.processes import LONGEST_SECONDS, free_port
from support.seven import Seven
from support.system import START

PATIENCE_SECONDS = 180.0
ENDPOINT = "land-platform"
BY_WEBHOOK = {"natural_resources": ENDPOINT}
"""Role → the endpoint by which it is told, beside mail."""


@dataclass
class SevenCity:
    """The running system. Its clients wait for a service that is being started again."""

    seven: Seven
    channels: Channels
    running: Running
    phone: Offices
    clients: AsyncExitStack

    @property
    def database_url(self) -> str:
        """Where all seven keep what they know."""
        return self.seven.database_url

    def now(self) -> datetime:
        """Business time."""
        return self.running.clock.now()

    def client(self, service: str, role: str, **claims: Any) -> httpx.AsyncClient:
        """A client of one service through the one door, with a token; closed with the city."""
        made = client(
            f"{self.seven.url}/{service}",
            timeout_seconds=60,
            headers=self.seven.headers(role, **claims),
            transport=patient(PATIENCE_SECONDS),
        )
        self.clients.push_async_callback(made.aclose)
        return made

    async def turn(self, moment: datetime) -> None:
        """Turn business time and wait until all seven have seen it, whoever is being started again included."""
        await self.running.turn_to(moment)

    async def quiet(self) -> None:
        """Wait until nothing waits, nothing is due, everything heard is handled."""
        await until_quiet(self.phone)

    def replica_of(self, service: str) -> Replica:
        """A second process of this service, with the settings of the first and a port of its own."""
        return Replica(service, {**self.seven.service(service).environ(), "SIKUA_PORT": str(free_port())})


@dataclass
class Replica:
    """One more process of a service, which the launcher knows nothing of."""

    service: str
    variables: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers by itself."""
        return f"http://127.0.0.1:{self.variables['SIKUA_PORT']}"

    def start(self) -> None:
        """Start it; it says nothing to anybody."""
        command = [sys.executable, "-m", "sikua_cli", "serve", self.service, LIFELINE]
        nowhere = subprocess.DEVNULL
        # It ends with us, however we end: we hold the other side of its standard input.
        self.process = subprocess.Popen(
            command, env=self.variables, start_new_session=True, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere
        )

    def stop(self) -> int:
        """SIGTERM and wait; the exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(LONGEST_SECONDS)

    def close(self) -> None:
        """Whatever happened, it does not stay."""
        if self.process is None:
            return
        with self.process:
            self.process.kill()


@asynccontextmanager
async def running_seven(folder: Path) -> AsyncIterator[SevenCity]:
    """All seven as processes at START, offices on duty, mail at once; departments whose books are empty."""
    clock = BusinessClock(ClockMode.TURNED, START)
    async with AsyncExitStack() as stack:
        post = await stack.enter_async_context(channels.serve(channels.ChannelPorts(0, 0)))
        outside = await stack.enter_async_context(departments.serve(1, None, clock.now, ANY_PORTS))
        seven = Seven(folder / "place", _variables(post, outside.urls))
        seven.place.root.mkdir(parents=True)
        # The note of a demo is what makes business time one that is turned.
        seven.place.write(seven.place.demo, {"start": START.isoformat(), "data": "simulated"})
        stack.callback(seven.close)
        seven.start()
        await asyncio.to_thread(seven.wait_up)
        issuer = LocalIssuer.at(seven.place.issuer_key)
        bases: dict[str, str] = (seven.place.read(seven.place.running) or {})["services"]
        inside = await stack.enter_async_context(client(timeout_seconds=30))
        followed = following(inside, bases, renewed_token(issuer, "operator"))
        running = Running(seven.url, seven.database_url, issuer, clock, followed, bases)
        phone = await stack.enter_async_context(offices(seven.url, issuer))
        clients = await stack.enter_async_context(AsyncExitStack())
        city = SevenCity(seven, post, running, phone, clients)
        await _open_endpoint(city)
        await put_on_duty(city.client("notifier", "command_office"), BY_WEBHOOK)
        yield city


async def _open_endpoint(city: SevenCity) -> None:
    notifier = city.client("notifier", "operator")
    made = await notifier.post("/webhooks", json={"name": ENDPOINT, "url": city.channels.hook(ENDPOINT)})
    assert made.status_code == 201, made.text
    city.channels.receiver.secrets[ENDPOINT] = made.json()["secret"]


def _variables(post: Channels, departments_at: Mapping[str, str]) -> dict[str, str]:
    return {
        **{f"{BRIDGES[name]}_DEPARTMENT_URL": url for name, url in departments_at.items()},
        "SIKUA_SMTP_PORT": str(post.ports.smtp),
        "SIKUA_WEBHOOK_ALLOW": f"127.0.0.1:{post.ports.webhook}",
        "SIKUA_DIGEST_HOURS": "",
    }
