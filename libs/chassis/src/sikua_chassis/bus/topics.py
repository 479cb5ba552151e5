"""Topics as they should be held against topics as they are: what is to be made, mended, or never touched. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


@dataclass(frozen=True)
class Topic:
    """One topic: its partitions and copies, and the settings that are its own."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str] = field(default_factory=dict)

    def on(self, brokers: int) -> Topic:
        """The same topic as a cluster of so few brokers can keep it."""
        copies = min(self.replication, brokers)
        insync = "min.insync.replicas"
        fitted = {insync: str(min(int(self.config[insync]), copies))} if insync in self.config else {}
        return replace(self, replication=copies, config={**self.config, **fitted})


class Kind(StrEnum):
    """What is different. Partition counts are never changed: a project's events would change partition and overtake."""

    MISSING = "missing"
    CONFIG = "config"
    PARTITIONS = "partitions"
    REPLICATION = "replication"


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be; `found` is empty for a topic that is missing."""

    topic: str
    kind: Kind
    name: str
    wanted: str
    found: str = ""

    @property
    def mendable(self) -> bool:
        """Whether `apply` puts it right."""
        return self.kind in (Kind.MISSING, Kind.CONFIG)


def differences(wanted: Iterable[Topic], found: Mapping[str, Topic]) -> list[Difference]:
    """All differences in the order of the wanted topics. `found` carries the settings each topic has set itself."""
    return [each for topic in wanted for each in _of(topic, found.get(topic.name))]


def _of(topic: Topic, there: Topic | None) -> Iterable[Difference]:
    if there is None:
        yield Difference(topic.name, Kind.MISSING, "partitions", str(topic.partitions))
        return
    if there.partitions != topic.partitions:
        numbers = (str(topic.partitions), str(there.partitions))
        yield Difference(topic.name, Kind.PARTITIONS, "partitions", *numbers)
    if there.replication != topic.replication:
        numbers = (str(topic.replication), str(there.replication))
        yield Difference(topic.name, Kind.REPLICATION, "replication", *numbers)
    for name in sorted(topic.config.keys() | there.config.keys()):
        pair = (topic.config.get(name, "–"), there.config.get(name, "–"))
        if pair[0] != pair[1]:
            yield Difference(topic.name, Kind.CONFIG, name, *pair)
