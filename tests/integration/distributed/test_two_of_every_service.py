"""Two replicas of every service on one database and a real Kafka: the work is shared, and nothing is done twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sikua_chassis.outbox import SHARDS
from sikua_chassis.service import Service
from sikua_chassis.settings import BusKind
from sikua_contracts.topics import SERVICES
from support.city import City, running_city
from support.history import faults_that_stay
from support.kafka import Cluster

PROJECTS = 12
WITHIN_SECONDS = 180.0
OVERDUE = timedelta(days=60)

pytestmark = pytest.mark.timeout(600)


@dataclass
class Pairs:
    """A city in which every service is there twice, in one loop, each with a relay, a consumer and workers of its own."""

    city: City
    replicas: dict[str, tuple[Service, Service]]

    def clients(self, name: str) -> list[httpx.AsyncClient]:
        """A client of each replica of a service."""
        system = self.city.system
        found = []
        for service in self.replicas[name]:
            system.services[name] = service
            found.append(system.client(name))
        return found


@pytest.fixture
async def pairs(database_url: str, tmp_path: Path, cluster: Cluster) -> AsyncIterator[Pairs]:
    """Both replicas of all services, the second ones started while the first ones run."""
    kafka = {"bus": BusKind.KAFKA, "kafka_bootstrap": cluster.bootstrap, "kafka_prefix": cluster.prefix}
    async with running_city(database_url, tmp_path, pool_size=3, **kafka) as city:
        second = {name: city.builds[name](city.system.runtime) for name in SERVICES}
        try:
            for service in second.values():
                await service.start()
            yield Pairs(city, {name: (city.system.services[name], second[name]) for name in SERVICES})
        finally:
            await asyncio.gather(*(service.stop() for service in second.values()))


async def until(holds: Any, what: str) -> None:
    """Look again and again; never for ever."""
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            while not holds():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(what) from None


def shares(pair: tuple[Service, Service]) -> list[int]:
    return [len(service.relay.shards) for service in pair]


def logs_shared(pair: tuple[Service, Service]) -> bool:
    """Whether both read, and no log is read by both."""
    consumers = [service.consumer for service in pair if service.consumer is not None]
    first, second = (consumer.logs for consumer in consumers)
    return bool(first) and bool(second) and not first & second


async def register(client: httpx.AsyncClient, number: int) -> str:
    form = {
        "name": f"成对项目 {number}",
        "divisions": ["370211", "370281"],
        "origins": ["MAJOR_EVENT"],
        "total_investment_wan": "2280000",
        "basis": "pairs",
    }
    answer = await client.post("/projects", json=form, headers={"Idempotency-Key": f"pair-{number}"})
    assert answer.status_code in (201, 409), answer.text
    return str(answer.json().get("project_id", ""))


async def count(pool: asyncpg.Pool, query: str) -> int:
    return int(await pool.fetchval(query))


async def test_pairs_share_everything_and_do_nothing_twice(pairs: Pairs, database_url: str) -> None:
    system = pairs.city.system
    for name, pair in pairs.replicas.items():
        await until(lambda pair=pair: shares(pair) == [SHARDS // 2, SHARDS // 2], f"{name} does not share its shards")
        await until(lambda pair=pair: logs_shared(pair), f"{name} does not share its logs")

    # The same request at both replicas at once: one project.
    registries = pairs.clients("registry")
    asked = [register(client, number) for number in range(PROJECTS) for client in registries]
    told = [project for project in await asyncio.gather(*asked) if project]
    assert len(set(told)) == PROJECTS
    await system.quiet(WITHIN_SECONDS)
    await system.turn_to(system.runtime.clock.now() + OVERDUE)
    await system.quiet(WITHIN_SECONDS)

    assert await faults_that_stay(database_url) == []
    pool = pairs.replicas["scheduler"][0].database.pool
    assert await count(pool, "SELECT count(*) FROM registry.project") == PROJECTS
    await every_rung_was_raised_once(pool)
    await every_mail_was_sent_once(pairs, pool)
    for name in ("registry", "scheduler", "notifier"):
        assert all(service.relay.published for service in pairs.replicas[name]), name
        assert all(service.consumer is not None and service.consumer.applied for service in pairs.replicas[name]), name
    applied = [service.consumer for service in pairs.replicas["command-office"] if service.consumer is not None]
    assert sum(consumer.applied for consumer in applied) == await count(
        pool, 'SELECT count(*) FROM "command-office".feed_entry'
    )


async def every_rung_was_raised_once(pool: asyncpg.Pool) -> None:
    rows = await pool.fetch(
        """SELECT payload->'step'->>'step_id' AS step, payload->>'rung' AS rung FROM scheduler.published
        WHERE type = 'cn.sikua.escalation.raised.v1'"""
    )
    fired = Counter((row["step"], row["rung"]) for row in rows)
    assert len(fired) >= PROJECTS
    assert set(fired.values()) == {1}


async def every_mail_was_sent_once(pairs: Pairs, pool: asyncpg.Pool) -> None:
    """As far as the databases tell, and the mailbox says the same where nobody died."""
    mails = Counter(mail.message_id for mail in pairs.city.channels.mailbox.received)
    assert len(mails) >= PROJECTS
    assert set(mails.values()) == {1}
    sent = await pool.fetch(
        """SELECT payload->>'notice_id' AS notice, payload->>'recipient' AS recipient, payload->>'channel' AS channel
        FROM notifier.published WHERE type = 'cn.sikua.notice.sent.v1'"""
    )
    assert set(Counter(tuple(row) for row in sent).values()) == {1}
    delivered = [
        worker.recorded
        for service in pairs.replicas["notifier"]
        for worker in service.workers
        if worker.work.name == "deliver"
    ]
    assert sum(delivered) == len(mails), delivered


async def test_a_replica_that_leaves_hands_everything_to_the_other(pairs: Pairs, database_url: str) -> None:
    system = pairs.city.system
    registries = pairs.clients("registry")
    await asyncio.gather(*(register(registries[number % 2], number) for number in range(PROJECTS)))
    # In the middle of the work that follows.
    first = [pair[0] for pair in pairs.replicas.values()]
    await asyncio.gather(*(service.stop() for service in first))
    for name, (_, second) in pairs.replicas.items():
        system.services[name] = second
        await until(lambda second=second: len(second.relay.shards) == SHARDS, f"{name} leaves shards to nobody")
    await system.quiet(WITHIN_SECONDS)
    assert await faults_that_stay(database_url) == []
    pool = pairs.replicas["scheduler"][1].database.pool
    assert await count(pool, "SELECT count(DISTINCT project_id) FROM scheduler.plan") == PROJECTS
