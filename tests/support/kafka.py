"""One real Kafka for a whole test run, started by whoever needs it first; every test has topics and groups of its own."""

from __future__ import annotations

import asyncio
import fcntl
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka_topics import topics_of
from sikua_cli.launcher import topics
from sikua_cli.launcher.kafka import LocalKafka
from support.postgres import PLACE


@dataclass(frozen=True)
class Cluster:
    """The run's Kafka as one test sees it: topics and groups under a prefix of its own."""

    bootstrap: str
    prefix: str


def local() -> LocalKafka:
    """The run's broker, started or not."""
    return LocalKafka(Path(os.environ[PLACE]) / "kafka")


def started() -> LocalKafka:
    """The run's broker, running."""
    place = Path(os.environ[PLACE])
    place.mkdir(parents=True, exist_ok=True)
    with (place / "kafka-lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        broker = local()
        broker.start()
    return broker


def stop() -> None:
    """Stop the run's broker, when one was started."""
    local().stop()


async def fresh_topics(bootstrap: str) -> str:
    """Make all topics under a prefix that nobody else uses; the prefix."""
    prefix = f"t{uuid.uuid4().hex[:8]}."
    await topics.apply(bootstrap, prefix=prefix)
    return prefix


async def drop_topics(bootstrap: str, prefix: str) -> None:
    """Forget a test's topics, so that a long run does not fill the broker."""
    async with topics_of(Access(bootstrap)) as found:
        await found.forget([topic.name for topic in topics.read(prefix=prefix)])


async def remake(bootstrap: str, prefix: str) -> None:
    """Topics of the same names, with nothing in them."""
    await drop_topics(bootstrap, prefix)
    async with topics_of(Access(bootstrap)) as found, asyncio.timeout(30):
        while await found.found(topic.name for topic in topics.read(prefix=prefix)):
            await asyncio.sleep(0.05)
    await topics.apply(bootstrap, prefix=prefix)
