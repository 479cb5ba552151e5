"""Three brokers, two copies in sync: the leader of what is being written is killed, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sikua_chassis.session import Session
from sikua_chassis.settings import BusKind
from sikua_cli.launcher.kafka import LocalKafka
from sikua_contracts.envelope import Event
from sikua_contracts.topics import STEPS
from support import raw_kafka
from support.kafka import fresh_topics
from support.small_services import Heard, closed, listener
from support.system import new_system

PROJECTS = 8


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


@pytest.fixture
def three(folder: Path) -> Iterator[LocalKafka]:
    """A cluster of three."""
    cluster = LocalKafka(folder / "kafka", nodes=3)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.mark.timeout(240)
async def test_the_others_take_over_and_nothing_is_lost_or_doubled(
    three: LocalKafka, database_url: str, tmp_path: Path
) -> None:
    prefix = await fresh_topics(three.bootstrap)
    system = await new_system(
        database_url, tmp_path, bus=BusKind.KAFKA, kafka_bootstrap=three.bootstrap, kafka_prefix=prefix
    )
    try:
        service = await system.start(listener(noted))
        await system.say("scheduler", *(closed(f"p{n}") for n in range(PROJECTS)))
        await system.quiet(60)
        async with raw_kafka.admin(three.bootstrap) as admin:
            (topic,) = await admin.describe_topics([prefix + STEPS])
        leader = next(node for node in three.nodes if node.id == topic["partitions"][0]["leader"])
        assert {len(part["replicas"]) for part in topic["partitions"]} == {3}
        pid = three.pid(leader)
        assert pid is not None
        for turn in range(20):
            if turn == 5:
                os.kill(pid, signal.SIGKILL)
            await system.say("scheduler", *(closed(f"p{n}") for n in range(PROJECTS)))
            await asyncio.sleep(0.1)
        await system.quiet(90)
        heard = await Heard.of(service)
        for project in range(PROJECTS):
            assert [sequence for subject, sequence in heard if subject == f"p{project}"] == list(range(1, 22))
        await asyncio.to_thread(three.start)
        assert three.pid(leader) not in (None, pid)
    finally:
        await system.stop()
