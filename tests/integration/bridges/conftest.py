"""Departments whose books are empty, on free ports, following the test's business time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sikua_simulators import departments
from support.bridges import Bridges
from support.system import System

ANY_PORTS = {"tax": 0, "reform": 0, "finance": 0}


@pytest.fixture
async def bridges(system: System) -> AsyncIterator[Bridges]:
    """No bridge is started yet: `await bridges.start("tax")`."""
    async with departments.serve(7, None, system.runtime.clock.now, ANY_PORTS) as serving:
        yield Bridges(system, serving)
        while system.services:
            await system.services.popitem()[1].stop()
