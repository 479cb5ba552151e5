"""The embedded system keeps its database alive, and leaves in order when it is asked to: SIGTERM drains, status 0."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

import httpx
import pytest
from support.history import faults_that_stay
from support.load import Load, unlike_what_was_told
from support.processes import Sikua
from support.servers import CrashingServer, end_server, postmaster_in

STOP_SECONDS = 60.0
"""Generous: a busy machine. What is held to is that it ends by itself, in order."""

PROJECTS = "/registry/projects"

pytestmark = pytest.mark.timeout(400)


async def test_a_killed_database_server_is_started_again_and_a_stop_under_load_loses_nothing(sikua: Sikua) -> None:
    await asyncio.to_thread(sikua.start)
    await asyncio.to_thread(sikua.wait_up)
    async with sikua.client() as client:
        async with Load(client, path=PROJECTS) as load:
            await load.reaches(10)
            await asyncio.to_thread(end_server, postmaster_in(sikua.folder), signal.SIGKILL)
            await load.reaches(len(load.told.projects) + 30)
        told = load.told
        assert told.strange == [], sikua.troubles()
        assert told.hung == 0
        assert await faults_that_stay(sikua.database_url) == []

        page = asyncio.create_task(follow(client))
        async with Load(client, path=PROJECTS, name="last", told=told) as load:
            await load.reaches(len(told.projects) + 20)
            assert await asyncio.to_thread(sikua.stop, STOP_SECONDS) == 0
            load.abandon()
        assert told.strange == [], sikua.troubles()
        with suppress(httpx.TransportError):
            await page

    server = CrashingServer(sikua.folder)
    await server.start()
    assert await unlike_what_was_told(server.url, told) == []


async def follow(client: httpx.AsyncClient) -> None:
    """Hold a stream of the feed open, as a page does."""
    async with client.stream("GET", "/command-office/feed/stream", timeout=60) as stream:
        assert stream.status_code == 200
        async for _line in stream.aiter_lines():
            pass
