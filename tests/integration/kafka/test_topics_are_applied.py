"""`sikua topics` on a real Kafka: shows first, makes what is missing, mends settings, leaves partition counts alone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka_topics import topics_of
from sikua_cli.trouble import Exit
from sikua_contracts.topics import FACTS, NOTICES, STEPS
from support import kafka, raw_kafka
from support.kafka import Cluster


@pytest.fixture
async def empty() -> AsyncIterator[Cluster]:
    """The run's broker, and a prefix under which there is nothing yet."""
    bare = Cluster((await asyncio.to_thread(kafka.started)).bootstrap, f"a{uuid.uuid4().hex[:8]}.")
    yield bare
    await kafka.drop_topics(bare.bootstrap, bare.prefix)


async def sikua(cluster: Cluster, *arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "sikua"
    settings = {"SIKUA_KAFKA_BOOTSTRAP": cluster.bootstrap, "SIKUA_KAFKA_PREFIX": cluster.prefix}
    return await asyncio.to_thread(
        subprocess.run,
        [str(program), "topics", *arguments],
        env={**os.environ, **settings},
        input=answer,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


async def test_missing_topics_are_shown_then_made_and_then_as_they_should_be(empty: Cluster) -> None:
    shown = await sikua(empty, "show", "--few-brokers")
    assert shown.returncode == Exit.FAILED
    assert shown.stdout.count("missing: will be made with 6 partitions") == 4
    refused = await sikua(empty, "apply", "--few-brokers", answer="n\n")
    assert refused.returncode == Exit.REFUSED
    made = await sikua(empty, "apply", "--few-brokers", answer="y\n")
    assert made.returncode == Exit.FINE, made.stderr
    again = await sikua(empty, "show", "--few-brokers")
    assert (again.returncode, again.stdout.count("as it should be")) == (Exit.FINE, 4)


async def test_settings_are_mended_and_a_partition_count_is_only_told(empty: Cluster) -> None:
    async with raw_kafka.admin(empty.bootstrap) as admin:
        await admin.create_topics([NewTopic(empty.prefix + STEPS, 2, 1)])
    assert (await sikua(empty, "apply", "--few-brokers", "--yes")).returncode == Exit.FAILED
    async with raw_kafka.admin(empty.bootstrap) as admin:
        wrong = {"retention.ms": "1000", "segment.ms": "60000"}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, empty.prefix + NOTICES, wrong)])
    told = await sikua(empty, "apply", "--few-brokers", "--yes")
    assert told.returncode == Exit.FAILED
    assert "has 2 partitions instead of 6; that is never changed" in told.stdout
    assert "retention.ms:1000 → 7776000000" in told.stdout
    assert "segment.ms:60000 → –" in told.stdout
    async with topics_of(Access(empty.bootstrap)) as topics:
        found = await topics.found([empty.prefix + FACTS, empty.prefix + STEPS, empty.prefix + NOTICES])
    assert {name: topic.partitions for name, topic in found.items()} == {
        empty.prefix + FACTS: 6,
        empty.prefix + STEPS: 2,
        empty.prefix + NOTICES: 6,
    }
    assert found[empty.prefix + NOTICES].config == found[empty.prefix + FACTS].config


async def test_too_few_brokers_for_the_copies_are_refused_unless_it_is_a_trial(empty: Cluster) -> None:
    refused = await sikua(empty, "apply", "--yes")
    assert refused.returncode == Exit.REFUSED
    assert "--few-brokers" in refused.stderr


async def test_a_kafka_that_is_not_there_is_one_sentence() -> None:
    told = await sikua(Cluster("127.0.0.1:1", ""), "show")
    assert told.returncode == Exit.MACHINE
    assert "127.0.0.1:1" in told.stderr
    assert "Traceback" not in told.stderr
