"""The city on seven processes, with one that is told by a webhook, and second processes of a service."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sikua_cli.launcher.nursery_process import LIFELINE
from support.processes import LONGEST_SECONDS, free_port
from support.seven import Seven
from support.up_city import UpCity, running_up

ENDPOINT = "land-platform"
BY_WEBHOOK = {"natural_resources": ENDPOINT}
"""Role → the endpoint by which it is told, beside mail."""

SevenCity = UpCity[Seven]


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


def replica_of(city: SevenCity, service: str) -> Replica:
    """A second process of this service, with the settings of the first and a port of its own."""
    return Replica(service, {**city.up.service(service).environ(), "SIKUA_PORT": str(free_port())})


@asynccontextmanager
async def running_seven(folder: Path) -> AsyncIterator[SevenCity]:
    """All seven as processes at START, offices on duty, mail at once; departments whose books are empty."""
    async with running_up(lambda variables: Seven(folder / "place", variables), BY_WEBHOOK) as city:
        yield city
