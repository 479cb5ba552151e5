"""Real services in a process of their own, on the test's database and turned clock, to be killed or frozen.

`python -m support.running <database url> <folder> <service>…`; the bus is what the variables say, embedded by default.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.bus.choice import bus_of
from sikua_chassis.clock import BusinessClock, ClockMode
from sikua_chassis.service import Runtime
from sikua_chassis.settings import ServiceSettings
from sikua_contracts.topics import SPEAKERS
from support.applications import build_of

RUNS = "runs\n"


class Process:
    """Some services in one process; `start` returns when they run."""

    def __init__(self, url: str, folder: Path, *services: str, variables: Mapping[str, str] | None = None) -> None:
        self._command = [sys.executable, "-m", "support.running", url, str(folder), *services]
        self._variables = {**os.environ, **(variables or {})}
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until all services run."""
        self._process = subprocess.Popen(
            self._command, cwd=Path(__file__).parents[1], env=self._variables, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line == RUNS:
                return
        raise AssertionError(f"the services did not start: {self._process.wait()}")

    def freeze(self) -> None:
        """SIGSTOP: it does nothing any more and keeps all it holds."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on as if nothing had happened."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL; once more is harmless."""
        if self._process is not None:
            self._process.kill()
            self.wait()

    def wait(self) -> None:
        """Wait for the end that somebody else brings about."""
        if self._process is not None:
            self._process.wait(30)
            if self._process.stdout is not None:
                self._process.stdout.close()


@contextmanager
def processes(*made: Process) -> Iterator[None]:
    """Whatever happens, none of them stays."""
    try:
        yield
    finally:
        for process in made:
            process.kill()


async def run(url: str, folder: Path, services: list[str]) -> None:
    """Start the services and stay."""
    issuer = LocalIssuer.at(folder / "issuer.jwk")
    settings = ServiceSettings(
        database_url=url, pool_size=4, business_time=ClockMode.TURNED, local_issuer_key=str(folder / "issuer.jwk")
    )
    bus = bus_of(settings, SPEAKERS)
    runtime = Runtime(settings, bus, BusinessClock(ClockMode.TURNED), issuer.verifier())
    await runtime.bus.start()
    # All code is read before the first one joins a group, whose members must be heard of every few seconds.
    for service in [build_of(name)(runtime) for name in services]:
        await service.start()
    sys.stdout.write(RUNS)
    sys.stdout.flush()
    # What is logged from now on must not fill a pipe that nobody reads.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
