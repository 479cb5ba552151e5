"""The four-cross journey on seven processes while each is killed, Kafka restarts, and consumers come and go."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sikua_chassis.http import client
from sikua_cli.launcher.kafka import LocalKafka
from sikua_contracts.topics import NOTICES, PROJECTS, SERVICES, SPEAKERS
from support import raw_kafka
from support.four_cross import Play, climb, come_down
from support.history import faults_that_stay
from support.outside_reader import OutsideReader
from support.postgres import fast_folder
from support.seven_city import Replica, SevenCity, replica_of, running_seven
from support.told_outside import unlike_what_was_said, unlike_what_was_sent
from support.wire import unlike_their_schema

STRIDE_DAYS = 9
OFFICE_GROUP = "sikua.command-office"
WITHIN_SECONDS = 180.0
KILLED_WHEN = {
    "registered": "registry",
    "complete EVALUATE": "scheduler",
    "tax states": "tax-bridge",
    "reform states": "reform-bridge",
    "block QUOTA.LAND": "notifier",
    "day 9": "finance-bridge",
    "day 27": "command-office",
}
"""The act whose effects are still on their way → the service that is killed."""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
async def city() -> AsyncIterator[SevenCity]:
    """Seven processes in a folder of their own."""
    folder = Path(tempfile.mkdtemp(prefix="sikua-journey-", dir=fast_folder()))
    try:
        async with running_seven(folder) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Disturber:
    """Does to the system what its day brings, each once: `disturb` is told after every act of the play."""

    def __init__(self, city: SevenCity, reader: OutsideReader, second: Replica) -> None:
        self.killed: dict[str, tuple[int, int]] = {}
        self.brokers: list[int | None] = []
        self._city = city
        self._reader = reader
        self._second = second
        self._also: dict[str, Callable[[], Awaitable[None]]] = {
            "start SIGN": self._a_second_office_comes,
            "complete SIGN": reader.go,
            "day 18": self._kafka_restarts,
            "day 36": self._the_second_office_goes,
            "unblock QUOTA.LAND": reader.come,
        }

    async def disturb(self, what: str) -> None:
        """The act was answered; what follows from it has not all happened."""
        if what in KILLED_WHEN:
            await self._kill(KILLED_WHEN[what])
        if what in self._also:
            await self._also[what]()

    async def _kill(self, service: str) -> None:
        before = self._city.up.service(service)
        before.send_signal(signal.SIGKILL)
        async with asyncio.timeout(WITHIN_SECONDS):
            while (after := self._find(service)) in (None, before.pid):
                await asyncio.sleep(0.05)
        self.killed[service] = (before.pid, int(after or 0))

    def _find(self, service: str) -> int | None:
        try:
            return self._city.up.service(service).pid
        except LookupError:
            return None

    async def _kafka_restarts(self) -> None:
        kafka = self._city.up.kafka
        self.brokers.append(broker_of(kafka))
        os.kill(self.brokers[0] or 0, signal.SIGTERM)
        async with asyncio.timeout(WITHIN_SECONDS):
            while (after := broker_of(kafka)) in (None, self.brokers[0]):
                await asyncio.sleep(0.1)
        self.brokers.append(after)

    async def _a_second_office_comes(self) -> None:
        self._second.start()
        async with asyncio.timeout(WITHIN_SECONDS), client(self._second.url) as http:
            while not await answers_ready(http, self._second.url):
                await asyncio.sleep(0.1)
            while await raw_kafka.members(self._city.up.kafka.bootstrap, OFFICE_GROUP) < 2:
                await asyncio.sleep(0.1)

    async def _the_second_office_goes(self) -> None:
        assert await asyncio.to_thread(self._second.stop) == 0


def broker_of(kafka: LocalKafka) -> int | None:
    """The process of the one broker."""
    (node,) = kafka.nodes
    return kafka.pid(node)


async def answers_ready(http: httpx.AsyncClient, url: str) -> bool:
    """Whether a service by itself is ready."""
    try:
        return (await http.get(f"{url}/readyz")).is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def second(city: SevenCity) -> Iterator[Replica]:
    """A second command office, not started."""
    made = replica_of(city, "command-office")
    yield made
    made.close()


async def test_the_project_reaches_the_top_and_comes_down_whoever_is_killed_on_the_way(
    city: SevenCity, second: Replica
) -> None:
    bootstrap = city.up.kafka.bootstrap
    reader = OutsideReader(bootstrap, PROJECTS)
    await reader.come()
    try:
        disturber = Disturber(city, reader, second)
        play = Play(city, disturber.disturb)
        await come_down(play, await climb(play, STRIDE_DAYS))
        everything = {topic: await raw_kafka.everything(bootstrap, topic) for topic in SPEAKERS}
        await reader.has(len(everything[PROJECTS]))
    finally:
        await reader.go()
    assert set(disturber.killed) == set(SERVICES)
    assert len(set(disturber.brokers)) == 2

    assert await faults_that_stay(city.database_url) == []
    assert await unlike_their_schema(city.database_url) == []
    assert await unlike_what_was_sent(city.database_url, city.channels) == []
    assert len(city.channels.receiver.received) > 0
    for topic, records in everything.items():
        assert await unlike_what_was_said(city.database_url, topic, records) == []
    assert await unlike_what_was_said(city.database_url, PROJECTS, reader.taken) == []
    assert len(everything[NOTICES]) > 0
