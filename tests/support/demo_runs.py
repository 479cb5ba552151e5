"""Runs `sikua demo` as people do: a process of its own, in a folder of its own, on free ports; and kills it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sikua_cli.launcher.embedded import EmbeddedPostgres
from sikua_cli.launcher.kafka import LocalKafka
from sikua_cli.launcher.place import Place
from support.processes import SIKUA, environment

ROOT = Path(__file__).parents[2]
LONGEST_SECONDS = 240


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

    def start(self, *more: str) -> subprocess.Popen[str]:
        """Start a run; its output is captured."""
        command = [str(SIKUA), "demo", "--once", "--json", "--weeks", str(self.weeks), "--port", "0"]
        return subprocess.Popen(
            [*command, "--directory", str(self.folder), *more],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            start_new_session=True,
        )

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

    def close(self) -> None:
        """Stop the servers that a killed run left behind."""
        EmbeddedPostgres(Place(self.folder)).stop()
        LocalKafka(Place(self.folder).kafka).stop()
