"""A registry of its own for each test, with the people who use it and what they usually ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sikua_chassis.service import Service
from sikua_registry.app import build
from support.system import System

PLANT: dict[str, Any] = {
    "name": "某某新能源电池产业园项目",
    "divisions": ["370211", "370281"],
    "uscc": ["91370211MA3C00011M"],
    "project_codes": ["2105-370211-04-01-123455"],
    "industries": ["C", "39"],
    "origins": ["MAJOR_EVENT"],
    "total_investment_wan": "300000",
    "investor_name": "某某集团有限公司",
}


@pytest.fixture
async def registry(system: System) -> Service:
    """A started registry."""
    return await system.start(build)


@pytest.fixture
def officer(system: System, registry: Service) -> httpx.AsyncClient:
    """An officer of the command office."""
    return system.client("registry", "command_office", unit="市指挥部办公室", division="370200")


@pytest.fixture
def plant_form() -> dict[str, Any]:
    """A project as an officer would register it."""
    return dict(PLANT)


@pytest.fixture
def registered(officer: httpx.AsyncClient) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Registers the plant, with changes, under a key."""

    async def register(key: str = "key-1", **changes: Any) -> dict[str, Any]:
        answer = await officer.post("/projects", json={**PLANT, **changes}, headers={"Idempotency-Key": key})
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    return register


@pytest.fixture
def said(registry: Service) -> Callable[[str], Awaitable[list[str]]]:
    """The last words of the event types said about a project, in order."""

    async def asked(subject: str) -> list[str]:
        rows = await registry.database.pool.fetch(
            """SELECT type, sequence FROM outbox WHERE aggregateid = $1
            UNION ALL SELECT type, sequence FROM published WHERE aggregateid = $1 ORDER BY sequence""",
            subject,
        )
        return [row["type"].split(".")[-2] for row in rows]

    return asked
