"""The seven services at work on a real PostgreSQL, a city in which one of everything has happened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.city import running_city
from support.lived_in import LivedIn, live


@pytest.fixture
async def lived_in(database_url: str, tmp_path: Path) -> AsyncIterator[LivedIn]:
    """A running city with a project, facts, steps, escalations, notices, and a held lane."""
    async with running_city(database_url, tmp_path) as city:
        yield await live(city)
