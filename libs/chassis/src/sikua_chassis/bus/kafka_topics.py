"""Asks a cluster for its topics, makes those that are missing and mends their settings. `apply` never deletes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka_closing import WholeClient
from sikua_chassis.bus.kafka_sending import REQUEST_MILLISECONDS, START_SECONDS, fault
from sikua_chassis.bus.topics import Difference, Kind, Topic, differences
from sikua_chassis.errors import EnvironmentFault

VISIBLE_SECONDS = 20.0
LOOK_SECONDS = 0.05
_SET_ON_THE_TOPIC = 1
"""`config_source` of a value that the topic itself has (DescribeConfigs, DYNAMIC_TOPIC_CONFIG)."""


class Topics:
    """The topics of one cluster."""

    def __init__(self, admin: AIOKafkaAdminClient) -> None:
        self._admin = admin

    async def brokers(self) -> int:
        """How many brokers there are now."""
        return len((await self._admin.describe_cluster())["brokers"])

    async def found(self, names: Iterable[str]) -> dict[str, Topic]:
        """Those of the named topics that exist, each with the settings it has set itself."""
        wanted = set(names)
        described = [each for each in await self._admin.describe_topics() if each["topic"] in wanted]
        if not described:
            return {}
        configs = await self._configs([each["topic"] for each in described])
        return {
            each["topic"]: Topic(
                each["topic"],
                len(each["partitions"]),
                len(each["partitions"][0]["replicas"]),
                configs[each["topic"]],
            )
            for each in described
        }

    async def apply(self, wanted: Sequence[Topic]) -> list[Difference]:
        """Make and mend; what was different before. Returns when every topic has leaders everywhere."""
        before = differences(wanted, await self.found(topic.name for topic in wanted))
        missing = {each.topic for each in before if each.kind is Kind.MISSING}
        mended = {each.topic for each in before if each.kind is Kind.CONFIG}
        await self._create([topic for topic in wanted if topic.name in missing])
        await self._configure([topic for topic in wanted if topic.name in mended])
        if missing:
            await self._until_led(missing)
        return before

    async def forget(self, names: Sequence[str]) -> None:
        """Delete topics with all that is in them: for tests, which make their own."""
        await self._admin.delete_topics(list(names))

    async def _create(self, topics: Sequence[Topic]) -> None:
        if not topics:
            return
        answer = await self._admin.create_topics(
            [
                NewTopic(topic.name, topic.partitions, topic.replication, topic_configs=dict(topic.config))
                for topic in topics
            ]
        )
        for name, code, *message in answer.topic_errors:
            if for_code(code) not in (NoError, TopicAlreadyExistsError):
                raise EnvironmentFault("kafka", f"topic {name} is not made: {message[0] or for_code(code).__name__}")

    async def _configure(self, topics: Sequence[Topic]) -> None:
        if not topics:
            return
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(topic.config)) for topic in topics]
        for answer in await self._admin.alter_configs(resources):
            for code, message, _kind, name in answer.resources:
                if for_code(code) is not NoError:
                    raise EnvironmentFault("kafka", f"topic {name} is not mended: {message}")

    async def _configs(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        found: dict[str, dict[str, str]] = {}
        for answer in await self._admin.describe_configs(resources):
            for _code, _message, _kind, name, entries in answer.resources:
                found[name] = {entry[0]: entry[1] for entry in entries if entry[3] == _SET_ON_THE_TOPIC}
        return found

    async def _until_led(self, names: set[str]) -> None:
        async with asyncio.timeout(VISIBLE_SECONDS):
            while True:
                described: list[Any] = await self._admin.describe_topics()
                led = {
                    each["topic"]
                    for each in described
                    if each["partitions"] and all(part["leader"] >= 0 for part in each["partitions"])
                }
                if names <= led:
                    return
                await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def topics_of(access: Access) -> AsyncIterator[Topics]:
    """The topics of a cluster. Raises EnvironmentFault when it does not answer."""
    admin = AIOKafkaAdminClient(**access.client(client_id="sikua-topics", request_timeout_ms=REQUEST_MILLISECONDS))
    WholeClient.of(admin._client)
    try:
        async with asyncio.timeout(START_SECONDS):
            await admin.start()
        yield Topics(admin)
    except (KafkaError, TimeoutError, OSError) as trouble:
        raise fault(trouble) from trouble
    finally:
        await admin.close()
