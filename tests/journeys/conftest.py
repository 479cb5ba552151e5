"""The whole system in one process, for journeys through it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.city import City, running_city


@pytest.fixture
async def city(database_url: str, tmp_path: Path) -> AsyncIterator[City]:
    """All seven services, offices on duty, mail at once."""
    async with running_city(database_url, tmp_path) as running:
        yield running
