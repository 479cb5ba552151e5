"""Fetches in sessions: a broker is told only of partitions whose place has changed, and answers only of those with news.

The client library names every partition in every fetch, and is answered for every one: of a reader of four topics that is most
of what a fetch costs. A broker keeps a session's partitions by number and epoch; whatever leaves its state in doubt ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.fetch import FetchRequest

FIRST_VERSION = 7
"""The first version of a fetch that knows of sessions."""

LARGEST_EPOCH = 2**31 - 1

Place = tuple[int, int]
"""Where a partition is read on, and how many bytes of it at once."""

Partition = tuple[str, int]


@dataclass
class FetchSession:
    """What one broker keeps for one reader. `number` 0: nothing yet, and the next fetch names everything."""

    number: int = 0
    epoch: int = 0
    places: dict[Partition, Place] = field(default_factory=dict)

    def next(self, whole: FetchRequest) -> SessionFetch:
        """The fetch to send instead of one that names everything."""
        wanted = places_of(whole)
        changed = {each: place for each, place in wanted.items() if self.places.get(each) != place}
        return SessionFetch(whole, self.number, self.epoch, changed, self.places.keys() - wanted.keys())

    def answered(self, whole: FetchRequest, response: Any) -> None:
        """The broker has answered `next` of this fetch. A refusal names no partition: everything is then named again."""
        number = getattr(response, "session_id", 0)
        if not number or response.error_code:
            self.end()
            return
        self.number, self.places = number, places_of(whole)
        self.epoch = self.epoch % LARGEST_EPOCH + 1

    def end(self) -> None:
        """It is not known any more what the broker keeps; it forgets by itself what is not used."""
        self.number, self.epoch, self.places = 0, 0, {}


class SessionFetch(FetchRequest):
    """A fetch that names what has changed (partition → place), and what is no longer wanted."""

    def __init__(
        self,
        whole: FetchRequest,
        number: int,
        epoch: int,
        changed: Mapping[Partition, Place],
        forgotten: Iterable[Partition],
    ) -> None:
        topics: dict[str, list[tuple[int, int, int]]] = {}
        for (topic, partition), place in changed.items():
            topics.setdefault(topic, []).append((partition, *place))
        super().__init__(
            whole._max_wait_ms,
            whole._min_bytes,
            whole._max_bytes,
            whole._isolation_level,
            list(topics.items()),
            whole._rack_id,
        )
        self._session = number, epoch
        self._forgotten: dict[str, list[int]] = {}
        for topic, partition in forgotten:
            self._forgotten.setdefault(topic, []).append(partition)

    def build(self, request_struct_class: Any) -> Any:
        """The bytes' structure. Raises IncompatibleBrokerVersion where a broker has become older amid a session."""
        struct = super().build(request_struct_class)
        if request_struct_class.API_VERSION >= FIRST_VERSION:
            struct.session_id, struct.session_epoch = self._session
            struct.forgotten_topics_data = list(self._forgotten.items())
        elif self._session[0]:
            raise IncompatibleBrokerVersion("the broker knows nothing of fetch sessions any more")
        return struct


def places_of(fetch: FetchRequest) -> dict[Partition, Place]:
    """Where a fetch reads on, by partition."""
    return {
        (topic, partition): (offset, most)
        for topic, partitions in fetch.topics
        for partition, offset, most in partitions
    }
