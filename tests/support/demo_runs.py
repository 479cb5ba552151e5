"""Runs `sikua demo` as people do: a process of its own, in a folder of its own, on free ports; and kills it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from sikua_cli.launcher.embedded import EmbeddedPostgres
from sikua_cli.launcher.kafka import LocalKafka
from sikua_cli.launcher.place import Place
from support.postgres import fast_folder
from support.processes import SIKUA, environment
from support.seven import service_of

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "demo"
LONGEST_SECONDS = 420
LOOK_SECONDS = 0.05
FED = 'SELECT coalesce(max(number), 0) FROM "command-office".feed_entry'


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    status: int
    counts: dict[str, Any] | None
    told: str


@dataclass
class DemoRuns:
    """Runs of one demo in one folder."""

    folder: Path
    weeks: int
    scenario: Path = DEMO / "scenario.yaml"
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *more: str) -> subprocess.Popen[str]:
        """Start a run; its output is captured."""
        command = [str(SIKUA), "demo", "--once", "--json", "--weeks", str(self.weeks), "--port", "0"]
        command += ["--scenario", str(self.scenario), "--directory", str(self.folder)]
        run = subprocess.Popen(
            [*command, *more],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            start_new_session=True,
        )
        self.started.append(run)
        return run

    def play(self, *more: str) -> Ended:
        """Run to the end."""
        return self.ended(self.start(*more))

    def ended(self, run: subprocess.Popen[str]) -> Ended:
        """Wait for a run to end."""
        said, told = run.communicate(timeout=LONGEST_SECONDS)
        return Ended(run.returncode, json.loads(said) if said.strip() else None, told)

    def kill_after(self, seconds: float) -> Ended:
        """Run, and kill with SIGKILL after so long, unless it has ended before."""
        run = self.start()
        began = time.monotonic()
        while time.monotonic() - began < seconds and run.poll() is None:
            time.sleep(0.02)
        if run.poll() is None:
            os.kill(run.pid, signal.SIGKILL)
        return self.ended(run)

    def kill_once(self, run: subprocess.Popen[str], entries: int) -> Ended:
        """Kill a run with SIGKILL as soon as the feed has so many entries, of this run and of those before it."""
        self.until(run, entries)
        os.kill(run.pid, signal.SIGKILL)
        return self.ended(run)

    def until(self, run: subprocess.Popen[str], entries: int) -> None:
        """Wait until the feed has so many entries, which tells how far a demo has come. A run that ends is a failure."""
        url = EmbeddedPostgres(Place(self.folder)).url
        if not asyncio.run(_come_to(entries, url, lambda: run.poll() is None)):
            raise AssertionError(self.ended(run).told)

    def service(self, run: subprocess.Popen[str], name: str) -> psutil.Process:
        """The process of a service of a distributed run. Raises LookupError when there is none."""
        return service_of(psutil.Process(run.pid), name)

    def close(self) -> None:
        """End a run that a failed test left, and the servers that a killed one did."""
        for run in self.started:
            with run:
                run.kill()
        EmbeddedPostgres(Place(self.folder)).stop()
        LocalKafka(Place(self.folder).kafka).stop()


@contextmanager
def demo_folder() -> Iterator[Path]:
    """An empty folder that only this run uses; pytest's own are closed to the database's user by whoever runs beside us."""
    made = Path(tempfile.mkdtemp(prefix="sikua-demo-", dir=fast_folder()))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


async def _come_to(entries: int, url: str, runs: Callable[[], bool]) -> bool:
    """Look again and again, whether there is a database yet or not; False when the run ends before."""
    connection: asyncpg.Connection | None = None
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while runs():
                try:
                    connection = connection or await asyncpg.connect(url, timeout=5)
                    if await connection.fetchval(FED) >= entries:
                        return True
                except asyncpg.UndefinedTableError:
                    pass
                except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    connection = None
                await asyncio.sleep(LOOK_SECONDS)
        return False
    finally:
        if connection is not None:
            connection.terminate()
