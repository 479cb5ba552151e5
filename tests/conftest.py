"""Fixtures of the whole suite: one PostgreSQL a run, a database a test, a system of real services on top of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support import postgres
from support.system import System, new_system


def pytest_configure(config: pytest.Config) -> None:
    """Name the run's PostgreSQL folder before workers start."""
    postgres.name_place()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The controller stops the run's PostgreSQL; workers only use it."""
    if not hasattr(config, "workerinput"):
        postgres.stop_server()


@pytest.fixture
async def database_url() -> AsyncIterator[str]:
    """A fresh database with all schemas migrated."""
    server = await postgres.server_url()
    url = await postgres.clone(server)
    yield url
    await postgres.drop(server, url)


@pytest.fixture
async def system(database_url: str, tmp_path: Path) -> AsyncIterator[System]:
    """A system without services: `await system.start(build)`, `system.client("registry", "operator")`."""
    started = await new_system(database_url, tmp_path)
    yield started
    await started.stop()
