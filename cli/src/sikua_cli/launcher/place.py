"""Where a system of this machine lives: one directory with its database, key and notes, used by one launcher at a time."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from sikua_chassis.settings import BusKind

from sikua_cli.trouble import Exit, Trouble

DEFAULT = Path(".sikua")


@dataclass(frozen=True)
class Place:
    """Paths inside the directory."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def postgres_log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def issuer_key(self) -> Path:
        return self.root / "issuer.jwk"

    @property
    def running(self) -> Path:
        """Who runs here and at which address; left over after a kill, so never proof that somebody runs."""
        return self.root / "running.json"

    @property
    def demo(self) -> Path:
        """Present when this place holds made-up data and a turned clock."""
        return self.root / "demo.json"

    @property
    def log(self) -> Path:
        return self.root / "sikua.log"

    @property
    def kafka(self) -> Path:
        """The local Kafka of the distributed form: its data and its log."""
        return self.root / "kafka"

    @property
    def bus(self) -> Path:
        """Which bus carried what is here."""
        return self.root / "bus.json"

    def service_log(self, service: str) -> Path:
        """Where a service writes that is a process of its own."""
        return self.root / f"{service}.log"

    @property
    def nursery_log(self) -> Path:
        """Where the process writes that bears the services' processes."""
        return self.root / "nursery.log"

    def agree_on(self, bus: BusKind) -> None:
        """Keep to one bus. Raises Trouble where the other one carried what is here: each has positions of its own."""
        note = self.read(self.bus)
        # Places made before there was a choice have no note.
        carried = str(note["bus"]) if note else (BusKind.EMBEDDED if self.postgres.exists() else bus)
        if carried != bus:
            raise Trouble(
                f"{self.root} 中的数据由另一种总线({carried})传送,不能换用 {bus};请用 --directory 另选目录",
                f"what is in {self.root} was carried by the {carried} bus, not by {bus}: choose another --directory",
                Exit.REFUSED,
            )
        if note is None:
            self.write(self.bus, {"bus": str(bus)})

    def read(self, path: Path) -> dict[str, Any] | None:
        """A JSON note, or None when it is missing or was cut short."""
        try:
            note = json.loads(path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return note if isinstance(note, dict) else None

    def write(self, path: Path, note: dict[str, Any]) -> None:
        """Replace a JSON note whole: a reader sees the old one or the new one, also after a power cut."""
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        with fresh.open("w") as file:
            json.dump(note, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


class Hold:
    """The right to run in a place. The kernel gives it back when the process dies, however it dies."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._file: TextIO | None = None

    def take(self) -> None:
        """Raises Trouble when another process runs here."""
        try:
            self._place.root.mkdir(parents=True, exist_ok=True)
            self._file = (self._place.root / "lock").open("a")
        except OSError as error:
            raise Trouble(
                f"无法使用目录 {self._place.root}({error.strerror}),请用 --directory 另选",
                f"the directory {self._place.root} cannot be used ({error.strerror}); choose another with --directory",
                Exit.MACHINE,
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            note = self._place.read(self._place.running) or {}
            url, pid = note.get("url", "?"), note.get("pid", "?")
            raise Trouble(
                f"已在 {url} 运行(进程 {pid}),请直接使用,或先停止它",
                f"already running at {url} (process {pid}): use that one, or stop it first",
                Exit.ALREADY_RUNNING,
            ) from error

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
