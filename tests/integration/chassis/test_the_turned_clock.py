"""Business time as a row that a driver turns and everybody follows, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sikua_chassis import clock as clocks
from sikua_chassis.clock import BusinessClock, ClockTurnedBack, real_now
from sikua_chassis.errors import SikuaError
from support.ended_connections import end_connections, end_connections_unheard

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    made = await asyncpg.create_pool(database_url, min_size=1, max_size=2)
    yield made
    await made.close()


async def follow(clock: BusinessClock, moment: datetime) -> None:
    async with asyncio.timeout(60):
        while clock.now() != moment:
            await asyncio.sleep(0.01)


async def turned_by_somebody_else(database_url: str, moment: datetime) -> None:
    """Turn business time over a connection that nothing has happened to."""
    connection = await asyncpg.connect(database_url)
    try:
        await clocks.turn(connection, moment)
    finally:
        await connection.close()


async def test_two_followers_see_the_turn(pool: asyncpg.Pool) -> None:
    followers = [BusinessClock("turned"), BusinessClock("turned")]
    for follower in followers:
        await follower.start(pool)
    try:
        await clocks.turn(pool, MONDAY)
        for follower in followers:
            await follow(follower, MONDAY)
    finally:
        for follower in followers:
            await follower.stop()
    await clocks.turn(pool, MONDAY + timedelta(days=1))
    assert followers[0].now() == MONDAY


async def test_a_follower_starts_where_business_time_stands(pool: asyncpg.Pool) -> None:
    await clocks.turn(pool, MONDAY)
    clock = BusinessClock("turned")
    await clock.start(pool)
    assert clock.now() == MONDAY
    await clock.stop()


async def test_the_row_never_turns_back(pool: asyncpg.Pool) -> None:
    await clocks.turn(pool, MONDAY)
    with pytest.raises(ClockTurnedBack):
        await clocks.turn(pool, MONDAY - timedelta(seconds=1))
    await clocks.turn(pool, MONDAY)
    assert await pool.fetchval("SELECT moment FROM clock.business_clock") == MONDAY


async def test_a_follower_outlives_a_lost_database(pool: asyncpg.Pool, database_url: str) -> None:
    await clocks.turn(pool, MONDAY)
    clock = BusinessClock("turned")
    await clock.start(pool)
    await end_connections(database_url)
    await turned_by_somebody_else(database_url, MONDAY + timedelta(hours=1))
    await follow(clock, MONDAY + timedelta(hours=1))
    await clock.stop()


async def test_a_follower_outlives_an_end_that_it_hears_of_while_it_asks(pool: asyncpg.Pool, database_url: str) -> None:
    await clocks.turn(pool, MONDAY)
    clock = BusinessClock("turned")
    await clock.start(pool)
    await asyncio.sleep(0)
    end_connections_unheard(database_url)
    await asyncio.sleep(0.2)
    await turned_by_somebody_else(database_url, MONDAY + timedelta(hours=1))
    await follow(clock, MONDAY + timedelta(hours=1))
    await clock.stop()


async def test_services_that_share_a_clock_follow_on_when_one_of_them_stops(
    pool: asyncpg.Pool, database_url: str
) -> None:
    other = await asyncpg.create_pool(database_url, min_size=1, max_size=1)
    clock = BusinessClock("turned")
    await clock.start(other)
    await clock.start(pool)
    await other.close()
    await clocks.turn(pool, MONDAY)
    await follow(clock, MONDAY)
    await clock.stop()


def test_a_clock_turned_here_never_turns_back() -> None:
    clock = BusinessClock("turned", MONDAY)
    clock.turn_to(MONDAY + timedelta(days=1))
    with pytest.raises(ClockTurnedBack):
        clock.turn_to(MONDAY)
    assert clock.now() == MONDAY + timedelta(days=1)


def test_the_systems_clock_is_nobodys_to_turn() -> None:
    clock = BusinessClock("system")
    assert abs(clock.now() - real_now()) < timedelta(seconds=1)
    with pytest.raises(SikuaError):
        clock.turn_to(MONDAY)
