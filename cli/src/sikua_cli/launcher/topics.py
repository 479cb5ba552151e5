"""`deploy/kafka/topics.yaml`: the topics of sikua as they should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka_topics import topics_of
from sikua_chassis.bus.topics import Difference, Topic

from sikua_cli.launcher.jars import DEPLOYMENT
from sikua_cli.trouble import Exit, Trouble

FILE = DEPLOYMENT / "topics.yaml"


def read(path: Path = FILE, *, prefix: str = "") -> list[Topic]:
    """The topics in this file, each name with the prefix in front. Raises Trouble when it cannot be read."""
    try:
        told: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [_topic(f"{prefix}{name}", told, own or {}) for name, own in told["topics"].items()]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Trouble(f"无法读取 {path}({error!r})", f"{path} cannot be read: {error!r}", Exit.MACHINE) from error


async def apply(bootstrap: str, *, prefix: str = "") -> list[Difference]:
    """Make the topics on a cluster of this machine, with as many copies as it has brokers; what was different."""
    async with topics_of(Access(bootstrap)) as topics:
        brokers = await topics.brokers()
        return await topics.apply([topic.on(brokers) for topic in read(prefix=prefix)])


def _topic(name: str, told: dict[str, Any], own: dict[str, Any]) -> Topic:
    config = {**told.get("config", {}), **own.get("config", {})}
    if not all(isinstance(value, str) for value in config.values()):
        raise ValueError(f"settings of {name} are written as text, in quotes where they look like numbers")
    return Topic(
        name,
        int(own.get("partitions", told["partitions"])),
        int(own.get("replication", told["replication"])),
        config,
    )
