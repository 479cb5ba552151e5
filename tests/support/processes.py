"""`sikua up` as people run it: a process of its own on a port that it keeps, killed, stopped and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sikua_chassis import http
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_cli.launcher.embedded import EmbeddedPostgres
from sikua_cli.launcher.kafka import LocalKafka
from sikua_cli.launcher.place import Place

SIKUA = Path(sys.executable).parent / "sikua"
LONGEST_SECONDS = 180.0


@dataclass
class Sikua:
    """One system in one folder. `variables` are settings that the process finds in its environment."""

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None
    options: tuple[str, ...] = ()
    longest_seconds: float = LONGEST_SECONDS

    @property
    def place(self) -> Place:
        """The folder as the launcher sees it."""
        return Place(self.folder)

    @property
    def url(self) -> str:
        """Base URL of the one port."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        """The embedded database, for reading histories."""
        return self.variables.get("SIKUA_DATABASE_URL") or EmbeddedPostgres(self.place).url

    def start(self) -> None:
        """Start the process; what it says goes to `said.txt` in the folder's parent."""
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                [str(SIKUA), "up", "--directory", str(self.folder), "--port", str(self.port), *self.options],
                cwd=self.folder.parent,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**environment(), **self.variables},
                start_new_session=True,
            )

    @property
    def said(self) -> Path:
        """Everything that all runs printed."""
        return self.folder.with_name(f"{self.folder.name}-said.txt")

    def troubles(self) -> str:
        """What the system's own log says of errors, the newest last."""
        lines = self.place.log.read_text(errors="replace").splitlines() if self.place.log.exists() else []
        return "\n".join(line for line in lines if '"level":"error"' in line)[-4000:]

    def wait_up(self) -> None:
        """Wait until the port answers; a run that ended instead is a failure with its own words."""
        assert self.process is not None
        deadline = time.monotonic() + self.longest_seconds
        while not self.answers():
            assert self.process.poll() is None, self.said.read_text(errors="replace")[-2000:]
            assert time.monotonic() < deadline, self.said.read_text(errors="replace")[-2000:]
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether somebody serves the port now."""
        try:
            return httpx.get(f"{self.url}/livez", timeout=2.0, trust_env=False, verify=False).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """SIGKILL: nothing is put in order."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(LONGEST_SECONDS)

    def stop(self, longest_seconds: float = LONGEST_SECONDS) -> int:
        """SIGTERM and wait; the exit status. Raises TimeoutExpired."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(longest_seconds)

    def postmaster(self) -> int | None:
        """Process id of the embedded database server, None when its note is not there."""
        try:
            return int((self.place.postgres / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def headers(self, role: str = "command_office", **claims: Any) -> dict[str, str]:
        """Headers with a token of the folder's own issuer."""
        issued = LocalIssuer.at(self.place.issuer_key).issue(f"{role}@test", roles=[role], **claims)
        return {"Authorization": f"Bearer {issued}"}

    def client(self, role: str = "command_office") -> httpx.AsyncClient:
        """A client of the one port, with a token."""
        return http.client(self.url, headers=self.headers(role))

    def close(self) -> None:
        """End the process and the database that a killed one left behind."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(LONGEST_SECONDS)
        if self.place.postgres.exists():
            EmbeddedPostgres(self.place).stop()
        LocalKafka(self.place.kafka).stop()


def environment() -> dict[str, str]:
    """The environment of a process that must find none of our own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SIKUA_")}


def free_port() -> int:
    """A loopback port nobody has now. It is kept over restarts, so that clients find the system again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
