"""Two processes with every service in each, and a real Kafka: what one held when it died or froze the other has soon."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sikua_chassis import clock as clocks
from sikua_chassis.outbox import SHARDS
from sikua_chassis.shards import held_by_anybody, key_of
from sikua_contracts.topics import SERVICES
from support.applications import build_of
from support.history import faults_that_stay
from support.kafka import Cluster
from support.running import Process, processes
from support.system import START, System

WITHIN_SECONDS = 90.0
OVERDUE = START + timedelta(days=60)
RELAYS = """SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND classid = $1::oid AND objid < $2::oid"""

pytestmark = pytest.mark.timeout(400)


async def until(asked: Any, what: str) -> None:
    """Ask again and again; never for ever."""
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            while not await asked():
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(what) from None


class Town:
    """What is asked of the whole, whoever of the replicas answers for it."""

    def __init__(self, pool: Any, registry: httpx.AsyncClient) -> None:
        self.pool = pool
        self._registry = registry
        self.projects: list[str] = []

    async def register(self, name: str) -> str:
        """One more project."""
        form = {"name": name, "divisions": ["370211", "370281"], "origins": ["MAJOR_EVENT"], "basis": "replicas"}
        answer = await self._registry.post("/projects", json=form, headers={"Idempotency-Key": name})
        assert answer.status_code == 201, answer.text
        self.projects.append(answer.json()["project_id"])
        return self.projects[-1]

    async def arrives(self, name: str) -> None:
        """A project registered now is planned by a scheduler, and a command office tells of its steps."""
        project = await self.register(name)

        async def told() -> bool:
            query = """SELECT count(*) FROM "command-office".feed_entry
            WHERE project_id = $1 AND type = 'cn.sikua.step.armed.v1'"""
            return bool(await self.pool.fetchval(query, project))

        await until(told, f"{name} does not arrive")

    async def relays(self, service: str) -> int:
        """How many relays hold shards of a service."""
        return int(await self.pool.fetchval(RELAYS, key_of(service) % 2**32, SHARDS))

    async def all_shards_held(self, relays: int) -> None:
        """Every shard of every service is held, by so many relays."""
        for service in SERVICES:

            async def held(service: str = service) -> bool:
                everything = await held_by_anybody(self.pool, service) == SHARDS
                return everything and await self.relays(service) == relays

            await until(held, f"shards of {service} are held by nobody, or not by {relays}")


async def test_what_a_dead_or_frozen_replica_held_the_other_has_soon(
    distributed: System, tmp_path: Path, cluster: Cluster
) -> None:
    variables = {
        "SIKUA_BUS": "kafka",
        "SIKUA_KAFKA_BOOTSTRAP": cluster.bootstrap,
        "SIKUA_KAFKA_PREFIX": cluster.prefix,
    }
    first, second = (Process(distributed.url, tmp_path, *SERVICES, variables=variables) for _ in range(2))
    entry = build_of("registry")(distributed.runtime)
    await entry.database.open()
    distributed.services["registry"] = entry
    with processes(first, second):
        town = Town(entry.database.pool, distributed.client("registry"))
        await asyncio.gather(*(asyncio.to_thread(process.start) for process in (first, second)))
        await town.all_shards_held(relays=2)
        await town.arrives("two run")

        await asyncio.gather(*(town.register(f"while one dies {number}") for number in range(6)))
        await clocks.turn(town.pool, OVERDUE)
        await asyncio.to_thread(first.kill)
        await town.all_shards_held(relays=1)
        await town.arrives("one is dead")

        await asyncio.to_thread(first.start)
        await town.all_shards_held(relays=2)
        await asyncio.gather(*(town.register(f"while one freezes {number}") for number in range(6)))
        second.freeze()
        await town.all_shards_held(relays=1)
        await town.arrives("one is frozen")
        second.thaw()
        await town.all_shards_held(relays=2)
        await town.arrives("both run again")
        assert await faults_that_stay(distributed.url) == []
        await nothing_was_said_twice(town)
        assert sorted(await planned(town)) == sorted(town.projects)


async def planned(town: Town) -> list[str]:
    """Projects that have a plan, each as often as it has one."""
    return [row["project_id"] for row in await town.pool.fetch("SELECT project_id FROM scheduler.plan")]


async def nothing_was_said_twice(town: Town) -> None:
    """Each rung of a step once, each failed or sent notice once."""
    rungs = await town.pool.fetch(
        """SELECT payload->'step'->>'step_id' AS step, payload->>'rung' AS rung FROM scheduler.published
        WHERE type = 'cn.sikua.escalation.raised.v1'"""
    )
    assert rungs
    assert set(Counter(tuple(row) for row in rungs).values()) == {1}
    notices = await town.pool.fetch(
        """SELECT type, payload->>'notice_id' AS notice, payload->>'recipient' AS recipient, payload->>'channel' AS channel
        FROM notifier.published"""
    )
    assert notices
    assert set(Counter(tuple(row) for row in notices).values()) == {1}
