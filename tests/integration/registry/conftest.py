"""A registry of its own for each test, with clients for the people who use it."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from sikua_chassis.service import Service
from sikua_registry.app import build
from support.system import System

Clients = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def registry(system: System) -> Service:
    """A started registry."""
    return await system.start(build)


@pytest.fixture
def officer(system: System, registry: Service) -> httpx.AsyncClient:
    """An officer of the command office."""
    return system.client("registry", "command_office", unit="市指挥部办公室", division="370200")
