"""Answers under an Idempotency-Key are kept for a time, then forgotten in batches that two replicas share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import ValidationError
from sikua_chassis import forgetting
from sikua_chassis.clock import real_now
from sikua_chassis.database import Database
from sikua_chassis.forgetting import MOST_ROWS, Forgetting
from sikua_chassis.settings import ServiceSettings
from support.small_services import listener
from support.system import System

KEEP = timedelta(hours=24)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, "registry", service="registry", source="urn:test", business_now=real_now)
    await made.open()
    yield made
    await made.close()


async def kept(database: Database) -> list[str]:
    rows = await database.pool.fetch("SELECT key FROM idempotency ORDER BY key")
    return [row["key"] for row in rows]


async def answered(database: Database, *keys: str, ago: timedelta) -> None:
    """Answers that were given so long ago."""
    await database.pool.execute(
        "INSERT INTO idempotency SELECT key, 'wang', 'f', 201, '{}', $2 FROM unnest($1::text[]) key",
        list(keys),
        real_now() - ago,
    )


async def test_what_is_older_goes_and_what_is_younger_stays(database: Database) -> None:
    await answered(database, "old", ago=KEEP + timedelta(minutes=1))
    await answered(database, "young", ago=KEEP - timedelta(minutes=1))
    assert await Forgetting(database, KEEP).once() == 1
    assert await kept(database) == ["young"]


async def test_one_round_is_bounded_and_takes_the_oldest_first(database: Database) -> None:
    await answered(database, "younger", ago=KEEP * 2)
    await answered(database, *(f"oldest {n}" for n in range(MOST_ROWS)), ago=KEEP * 3)
    forgetting_one = Forgetting(database, KEEP)
    assert await forgetting_one.once() == MOST_ROWS
    assert await kept(database) == ["younger"]
    assert [await forgetting_one.once(), await forgetting_one.once()] == [1, 0]


async def test_two_replicas_share_what_there_is_and_neither_fails(database: Database) -> None:
    await answered(database, *(str(n) for n in range(3 * MOST_ROWS)), ago=KEEP * 2)
    replicas = [Forgetting(database, KEEP) for _ in range(4)]
    gone = 0
    while took := sum(await asyncio.gather(*(each.once() for each in replicas))):
        gone += took
    assert gone == 3 * MOST_ROWS
    assert await kept(database) == []


async def test_a_running_service_forgets_by_itself(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "FORGET_SECONDS", 0.01)
    service = await system.start(listener(nothing))
    await answered(service.database, "old", ago=timedelta(days=400))
    async with asyncio.timeout(60):
        while await kept(service.database):
            await asyncio.sleep(0.02)


async def nothing(_session: object, _event: object) -> None:
    """Hear it, and do nothing."""


@pytest.mark.parametrize("hours", [0, 23])
def test_a_day_is_the_least_that_answers_are_kept(hours: int) -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 24"):
        ServiceSettings(idempotency_hours=hours, _env_file=None)
