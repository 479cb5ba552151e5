"""The launcher killed while it makes or starts the embedded database: the next one finds it whole, or makes it anew."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from sikua_cli.launcher.embedded import EmbeddedPostgres
from sikua_cli.launcher.place import Place

STARTS = """import sys; from pathlib import Path
from sikua_cli.launcher.embedded import EmbeddedPostgres; from sikua_cli.launcher.place import Place
EmbeddedPostgres(Place(Path(sys.argv[1]))).start()"""


def noted(folder: Path) -> str:
    path = folder / "postgres" / "postmaster.pid"
    return path.read_text() if path.exists() else ""


STAGES: dict[str, Callable[[Path], bool]] = {
    "the cluster is being made": lambda folder: any(folder.glob("postgres.new-*/PG_VERSION")),
    "the cluster is made": lambda folder: (folder / "postgres" / "PG_VERSION").exists(),
    "the server is starting": lambda folder: noted(folder) != "",
    "the server takes connections": lambda folder: "ready" in noted(folder),
    "all is made": lambda folder: (folder / "postgres" / "sikua-database-made").exists(),
}


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A database that nobody has started."""
    made = EmbeddedPostgres(Place(folder))
    yield made
    made.stop()


@pytest.mark.parametrize("stage", STAGES)
async def test_a_start_that_was_killed_is_finished_by_the_next(
    folder: Path, server: EmbeddedPostgres, stage: str
) -> None:
    starting = subprocess.Popen([sys.executable, "-c", STARTS, str(folder)], start_new_session=True)
    while not STAGES[stage](folder):
        assert starting.poll() in (None, 0)
        time.sleep(0.002)
    starting.send_signal(signal.SIGKILL)
    starting.wait()
    server.start()
    connection = await asyncpg.connect(server.url)
    assert await connection.fetchval("SELECT current_database()") == "sikua"
    await connection.close()
    assert list(folder.glob("postgres.new-*")) == []
