"""A PostgreSQL of a test's own, to be crashed: its neighbours' databases must not go down with it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from sikua_chassis.migrate import migrate
from sikua_cli.launcher.embedded import EmbeddedPostgres
from sikua_cli.launcher.place import Place
from sikua_contracts.topics import SERVICES
from support.postgres import migrations_of

LONGEST_SECONDS = 90


@dataclass(frozen=True)
class CrashingServer:
    """One server in one folder, with all schemas migrated."""

    folder: Path

    @property
    def url(self) -> str:
        """The database."""
        return self._embedded.url

    @property
    def _embedded(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(Place(self.folder))

    async def make(self) -> None:
        """Start for the first time."""
        await self.start()
        for service in SERVICES:
            await migrate(self.url, service, migrations_of(service))

    async def start(self) -> None:
        """Start; after a crash the server recovers first."""
        await asyncio.to_thread(self._embedded.start)

    async def crash(self, how: signal.Signals) -> None:
        """SIGKILL: the postmaster is gone at once. SIGQUIT: `pg_ctl stop -m immediate`, nothing is written down."""
        await asyncio.to_thread(end_server, postmaster_in(self.folder), how)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """SIGSTOP to all of its processes while the block lasts: connections stand, and nobody answers."""
        postmaster = psutil.Process(postmaster_in(self.folder))
        processes = [postmaster, *postmaster.children()]
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def stop(self) -> None:
        """Stop at the end."""
        self._embedded.stop()


def postmaster_in(folder: Path) -> int:
    """Process id of the server that runs in this place."""
    return int((folder / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])


def end_server(postmaster: int, how: signal.Signals) -> None:
    """End a server with this signal and wait until all of its processes have gone. Only a server a test started."""
    processes = [psutil.Process(postmaster), *psutil.Process(postmaster).children()]
    os.kill(postmaster, how)
    _gone, left = psutil.wait_procs(processes, LONGEST_SECONDS)
    assert left == []
