"""`sikua up` killed at random moments under load: every accepted request is there once, every event heard once in order."""

from __future__ import annotations

import asyncio
import random

import asyncpg
import pytest
from support.history import faults_that_stay
from support.load import Load, unlike_what_was_told
from support.processes import Sikua

SEED = 20260302
KILLS = 5

pytestmark = pytest.mark.timeout(240)


async def test_killed_at_random_moments_nothing_is_lost_or_doubled(sikua: Sikua) -> None:
    chance = random.Random(SEED)
    await asyncio.to_thread(sikua.start)
    await asyncio.to_thread(sikua.wait_up)
    async with sikua.client() as client, Load(client, path="/registry/projects") as load:
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.0, 1.5))
            await asyncio.to_thread(sikua.kill)
            before = len(load.told.projects)
            await asyncio.to_thread(sikua.start)
            if chance.random() < 0.4:
                # Killed again while it starts.
                await asyncio.sleep(chance.uniform(0.3, 2.5))
                await asyncio.to_thread(sikua.kill)
                await asyncio.to_thread(sikua.start)
            await asyncio.to_thread(sikua.wait_up)
            await load.reaches(before + 10)
    assert load.told.strange == [], sikua.troubles()
    assert load.told.broken >= KILLS
    assert await faults_that_stay(sikua.database_url) == []
    assert await unlike_what_was_told(sikua.database_url, load.told) == []
    assert await asyncio.to_thread(sikua.stop) == 0


async def test_killed_while_schemas_are_migrated_it_starts_all_the_same(sikua: Sikua) -> None:
    await asyncio.to_thread(sikua.start)
    while not (sikua.place.postgres / "sikua-database-made").exists():
        await asyncio.sleep(0.002)
    await schemas_in(sikua.database_url)
    await asyncio.to_thread(sikua.kill)
    await asyncio.to_thread(sikua.start)
    await asyncio.to_thread(sikua.wait_up)
    assert await faults_that_stay(sikua.database_url) == []
    assert await asyncio.to_thread(sikua.stop) == 0


async def schemas_in(url: str) -> None:
    """Wait until at least one service has made its schema."""
    connection = await asyncpg.connect(url)
    try:
        while not await connection.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = 'registry'"):
            await asyncio.sleep(0.002)
    finally:
        await connection.close()
