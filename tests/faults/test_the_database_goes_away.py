"""PostgreSQL crashes under load and comes back: 503 with Retry-After meanwhile, then everything heals by itself."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sikua_contracts.topics import SERVICES
from support.applications import build_of
from support.history import faults_that_stay
from support.load import Load, unlike_what_was_told
from support.servers import CrashingServer
from support.system import System, new_system

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[CrashingServer]:
    """A server that may crash."""
    made = CrashingServer(folder)
    await made.make()
    yield made
    made.stop()


@pytest.fixture
async def city(server: CrashingServer, folder: Path) -> AsyncIterator[System]:
    """All seven services on it."""
    made = await new_system(server.url, folder)
    for service in SERVICES:
        await made.start(build_of(service))
    yield made
    await made.stop()


async def test_a_crashed_database_costs_time_and_nothing_else(server: CrashingServer, city: System) -> None:
    clients = {service: city.client(service, "operator") for service in SERVICES}
    async with Load(city.client("registry")) as load:
        for how in (signal.SIGQUIT, signal.SIGKILL):
            await load.reaches(len(load.told.projects) + 20)
            await server.crash(how)
            await load.meets(len(load.told.unavailable) + 12)
            for client in clients.values():
                assert_away(await client.get("/status"))
                assert (await client.get("/livez")).status_code == 200
                assert (await client.get("/readyz")).status_code == 503
            await server.start()
            await load.reaches(len(load.told.projects) + 20)
    for answer in load.told.unavailable:
        assert_away(answer)
    assert load.told.strange == []
    assert load.told.hung == 0
    assert await faults_that_stay(server.url) == []
    assert await unlike_what_was_told(server.url, load.told) == []
    assert [(await client.get("/readyz")).status_code for client in clients.values()] == [200] * len(SERVICES)


async def test_it_goes_away_while_nobody_asks_and_events_flow_on_when_it_is_back(
    server: CrashingServer, city: System
) -> None:
    registry = city.client("registry")
    for number in range(2):
        form = {"name": f"项目 {number}", "divisions": ["370211"]}
        answer = await registry.post("/projects", json=form, headers={"Idempotency-Key": f"k{number}"})
        assert answer.status_code == 201
        await server.crash(signal.SIGQUIT)
        await asyncio.sleep(0.3)
        await server.start()
        while (await registry.get("/projects")).status_code == 503:
            await asyncio.sleep(0.05)
    assert await faults_that_stay(server.url) == []


async def test_a_database_that_freezes_for_a_while_is_waited_for(server: CrashingServer, city: System) -> None:
    probe = city.client("registry", "operator")
    async with Load(city.client("registry")) as load:
        await load.reaches(20)
        with server.frozen():
            assert (await probe.get("/livez")).status_code == 200
            ready = await probe.get("/readyz?verbose")
        assert ready.status_code == 503
        assert "[-]database failed: no answer within" in ready.text
        await load.reaches(len(load.told.projects) + 20)
    assert load.told.strange == []
    assert load.told.hung == 0
    assert await faults_that_stay(server.url) == []
    assert await unlike_what_was_told(server.url, load.told) == []


def assert_away(answer: httpx.Response) -> None:
    """503 as a problem that names the hop and says when to come back."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["hop"] == "database"
