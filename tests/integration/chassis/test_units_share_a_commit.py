"""Units of work that wait at the same time share a commit, and each keeps its own outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sikua_chassis import outbox
from sikua_chassis.clock import real_now
from sikua_chassis.database import LOST, Database
from sikua_chassis.shared_commits import MOST_TOGETHER
from support.small_services import closed

WRITE = "INSERT INTO thing (name) VALUES ($1)"
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, "registry", service="registry", source="urn:test", business_now=real_now)
    await made.open()
    await made.pool.execute("CREATE TABLE thing (name text PRIMARY KEY)")
    yield made
    await made.close()


async def write(database: Database, name: str, subject: str | None = None) -> None:
    async with database.unit_of_work() as session:
        session.gather(WRITE, name)
        if subject is not None:
            outbox.publish(session, closed(subject))


async def names(database: Database) -> set[str]:
    return {row["name"] for row in await database.pool.fetch("SELECT name FROM thing")}


@asynccontextmanager
async def table_locked(database: Database) -> AsyncIterator[None]:
    """Nobody writes a thing meanwhile: the first unit waits in the server, the others before the door."""
    async with database.pool.acquire() as raw, raw.transaction():
        await raw.execute("LOCK TABLE thing IN EXCLUSIVE MODE")
        yield


async def one_waits(database: Database) -> int:
    """The server process that waits for the lock."""
    async with asyncio.timeout(60):
        while True:
            found = await database.pool.fetchval(WAITING)
            if found is not None:
                return int(found)
            await asyncio.sleep(0.01)


async def started(database: Database, *wanted: str) -> list[asyncio.Task[None]]:
    """These units, of which the first is under way and the others wait for it."""
    first = asyncio.create_task(write(database, wanted[0]))
    await one_waits(database)
    others = [asyncio.create_task(write(database, name)) for name in wanted[1:]]
    await asyncio.sleep(0)
    return [first, *others]


async def test_those_who_wait_leave_in_one_transaction(database: Database) -> None:
    async with table_locked(database):
        units = await started(database, *(f"n{number}" for number in range(1 + 2 * MOST_TOGETHER)))
    await asyncio.gather(*units)
    assert len(await names(database)) == 1 + 2 * MOST_TOGETHER
    assert await database.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM thing") == 3


async def test_only_the_one_to_blame_fails(database: Database) -> None:
    await write(database, "c")
    async with table_locked(database):
        units = await started(database, "a", "b", "c", "d", "d")
    outcomes = await asyncio.gather(*units, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [
        *(type(None), type(None), asyncpg.UniqueViolationError, type(None), asyncpg.UniqueViolationError)
    ]
    assert await names(database) == {"a", "b", "c", "d"}


async def test_whoever_gives_up_takes_nobody_along(database: Database) -> None:
    async with table_locked(database):
        units = await started(database, "a", "b", "c", "d")
        units[0].cancel()
        units[2].cancel()
        await asyncio.wait([units[0], units[2]])
    await asyncio.gather(units[1], units[3])
    assert [unit.cancelled() for unit in units] == [True, False, True, False]
    assert await names(database) == {"b", "d"}


async def test_a_lost_connection_is_told_to_everybody_in_it_and_the_next_go_on(database: Database) -> None:
    async with table_locked(database):
        units = await started(database, "a", "b", "c")
        for done in ([units[0]], units[1:]):
            await database.pool.execute("SELECT pg_terminate_backend($1)", await one_waits(database))
            await asyncio.wait(done)
    outcomes = await asyncio.gather(*units, return_exceptions=True)
    assert all(isinstance(outcome, LOST) for outcome in outcomes), outcomes
    await write(database, "d")
    assert await names(database) == {"d"}


async def test_streams_stay_gapless_when_their_events_share_a_commit(database: Database) -> None:
    subjects = [f"p{number % 5}" for number in range(100)]
    await asyncio.gather(*(write(database, f"n{number}", subject) for number, subject in enumerate(subjects)))
    rows = await database.pool.fetch("SELECT aggregateid, sequence, id, previousid FROM outbox ORDER BY arrival")
    for subject in set(subjects):
        stream = [row for row in rows if row["aggregateid"] == subject]
        assert [row["sequence"] for row in stream] == list(range(1, 21))
        assert [row["previousid"] for row in stream] == [None, *(row["id"] for row in stream[:-1])]
