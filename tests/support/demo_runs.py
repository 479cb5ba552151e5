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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
LONGEST_SECONDS = 420


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
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *more: str) -> subprocess.Popen[str]:
        """Start a run; its output is captured."""
        command = [str(SIKUA), "demo", "--once", "--json", "--weeks", str(self.weeks), "--port", "0"]
        run = subprocess.Popen(
            [*command, "--directory", str(self.folder), *more],
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

    def kill_once(self, run: subprocess.Popen[str], moment: datetime) -> Ended:
        """Kill a run with SIGKILL as soon as its business time has come to this moment."""
        self.until(run, moment)
        os.kill(run.pid, signal.SIGKILL)
        return self.ended(run)

    def until(self, run: subprocess.Popen[str], moment: datetime) -> None:
        """Wait until business time has come to this moment; a run that ended before is a failure with its own words."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while (self._now() or moment - timedelta(1)) < moment:
            assert run.poll() is None, self.ended(run).told
            assert time.monotonic() < deadline, self._now()
            time.sleep(0.05)

    def _now(self) -> datetime | None:
        """Business time; None before there is a database."""
        return asyncio.run(_business_time(EmbeddedPostgres(Place(self.folder)).url))

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


async def _business_time(url: str) -> datetime | None:
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return None
    try:
        moment: datetime | None = await connection.fetchval("SELECT moment FROM clock.business_clock")
        return moment
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()
