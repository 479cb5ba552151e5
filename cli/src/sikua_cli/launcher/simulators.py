"""The simulated outside of a demo: three departments, a mail server and a webhook receiver, and how services find them."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from sikua_chassis.clock import BusinessClock
from sikua_simulators.channels import serving as channels
from sikua_simulators.channels.receiver import Receiver
from sikua_simulators.departments import Background
from sikua_simulators.departments import serving as departments
from sikua_simulators.guard import RealDataPresent, ensure_demonstration

from sikua_cli.trouble import Exit, Trouble

HOST = "127.0.0.1"
PORTS = {**departments.PORTS, "smtp": 8193, "webhook": 8194}
BRIDGES = {"tax": "SIKUA_TAX_BRIDGE", "reform": "SIKUA_REFORM_BRIDGE", "finance": "SIKUA_FINANCE_BRIDGE"}


@dataclass
class Simulators:
    """What is simulated, on which ports. `secrets` are those of the webhook endpoints, by name.

    `faults` is the share of all questions to departments, 0 to 1, that meet a passing fault, chosen by the seed.
    """

    seed: int
    projects: Path
    ports: Mapping[str, int]
    secrets: dict[str, str] = field(default_factory=dict)
    receiver: Receiver = field(default_factory=Receiver)
    faults: float = 0.0

    def hook(self, name: str) -> str:
        """The URL of a webhook endpoint."""
        return f"http://{HOST}:{self.ports['webhook']}/hooks/{name}"

    def open(self, name: str, secret: str) -> None:
        """Let the receiver take what is signed with this secret."""
        self.secrets[name] = secret
        self.receiver.secrets[name] = secret

    @asynccontextmanager
    async def around(self, database_url: str, clock: BusinessClock) -> AsyncIterator[None]:
        """Run everything simulated while the block lasts. Raises Trouble for real data and for taken ports."""
        await _refuse_real_data(database_url)
        ports = {name: self.ports[name] for name in departments.PORTS}
        wanted = channels.ChannelPorts(self.ports["smtp"], self.ports["webhook"])
        async with contextlib.AsyncExitStack() as stack:
            try:
                background = Background(rate=self.faults)
                served = departments.serve(self.seed, self.projects, clock.now, ports, background=background)
                await stack.enter_async_context(served)
                running = await stack.enter_async_context(channels.serve(wanted))
            except OSError as error:
                listed = ", ".join(f"{name} {port}" for name, port in self.ports.items())
                raise Trouble(
                    f"模拟部门的端口被占用({listed}):{error.strerror}",
                    f"a port of the simulated departments is in use ({listed}): stop what uses it",
                    Exit.PORT_TAKEN,
                ) from error
            self.receiver = running.receiver
            self.receiver.secrets.update(self.secrets)
            stack.enter_context(_environment(self._variables()))
            yield

    def _variables(self) -> dict[str, str]:
        urls = {f"{BRIDGES[name]}_DEPARTMENT_URL": f"http://{HOST}:{self.ports[name]}" for name in BRIDGES}
        return {
            **urls,
            "SIKUA_SMTP_HOST": HOST,
            "SIKUA_SMTP_PORT": str(self.ports["smtp"]),
            "SIKUA_WEBHOOK_ALLOW": f"{HOST}:{self.ports['webhook']}",
        }


def choose_ports(fixed: bool) -> dict[str, int]:
    """The fixed ports as far as they are free, any free ones otherwise; all different."""
    with contextlib.ExitStack() as stack:
        return {name: _free(stack, port if fixed else 0) for name, port in PORTS.items()}


def _free(stack: contextlib.ExitStack, port: int) -> int:
    taken = stack.enter_context(socket.socket())
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((HOST, port))
    except OSError:
        taken.bind((HOST, 0))
    return int(taken.getsockname()[1])


async def _refuse_real_data(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await ensure_demonstration(connection)
    except RealDataPresent as error:
        chinese, _, english = str(error).partition(" · ")
        raise Trouble(chinese, english, Exit.REFUSED) from error
    finally:
        await connection.close()


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Settings of services that belong to what is simulated; whatever was set before comes back."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
