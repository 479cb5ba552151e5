"""The departments of the demo, for tests of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.simulated_departments import Offices, Open, opener


@pytest.fixture
async def open_offices() -> AsyncIterator[Open]:
    """Opens departments of a seed; they close with the test."""
    async with opener() as opened:
        yield opened


@pytest.fixture
async def offices(open_offices: Open) -> Offices:
    """The departments of the demo, nothing going wrong."""
    return await open_offices()
