"""Fixtures of the whole suite: one PostgreSQL and one Kafka a run, a database and topics a test, real services on them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings
from sikua_chassis.settings import BusKind
from support import kafka, postgres
from support.kafka import Cluster
from support.system import System, new_system

LONG_FIRST = (
    "journeys",
    "faults",
    "browser",
    "integration/distributed",
    "integration/kafka",
    "contract/http",
    "integration",
)
"""Folders whose files take minutes, then those of seconds; whatever is not named comes last."""

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Name the run's folder before workers start; a rule holds however long its example takes."""
    # What is read now stays, so there is nothing to collect until all of it has been.
    gc.disable()
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
    postgres.name_place()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the long files to the front, so that all who share them out end at about the same time."""
    items.sort(key=lambda item: _rank(item.path))


def pytest_collection_finish() -> None:
    """What has been read stays; the collector would take a twentieth of the run to walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 20, 20)


def _rank(path: Path) -> int:
    found = (place for place, folder in enumerate(LONG_FIRST) if path.is_relative_to(HERE / folder))
    return next(found, len(LONG_FIRST))


def pytest_unconfigure(config: pytest.Config) -> None:
    """The controller stops what the run has started; workers only use it."""
    if not hasattr(config, "workerinput"):
        kafka.stop()
        postgres.stop_server()


@pytest.fixture
async def database_url() -> AsyncIterator[str]:
    """A fresh database with all schemas migrated."""
    async with postgres.fresh() as url:
        yield url


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """Fresh topics on the run's real Kafka."""
    bootstrap = (await asyncio.to_thread(kafka.started)).bootstrap
    prefix = await kafka.fresh_topics(bootstrap)
    yield Cluster(bootstrap, prefix)
    await kafka.drop_topics(bootstrap, prefix)


@pytest.fixture
async def system(database_url: str, tmp_path: Path) -> AsyncIterator[System]:
    """A system without services: `await system.start(build)`, `system.client("registry", "operator")`."""
    started = await new_system(database_url, tmp_path)
    yield started
    await started.stop()


@pytest.fixture
async def distributed(database_url: str, tmp_path: Path, cluster: Cluster) -> AsyncIterator[System]:
    """The same system with Kafka between its services."""
    started = await new_system(
        database_url, tmp_path, bus=BusKind.KAFKA, kafka_bootstrap=cluster.bootstrap, kafka_prefix=cluster.prefix
    )
    yield started
    await started.stop()
