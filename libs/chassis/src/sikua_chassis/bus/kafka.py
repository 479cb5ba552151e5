"""Apache Kafka as the bus: one log per partition, positions one past the offset, records keyed by subject.

Sending and reading are in the files beside this one; the client library stays behind them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka_ends import Ends
from sikua_chassis.bus.kafka_reading import KafkaSubscription
from sikua_chassis.bus.kafka_sending import SEND_SECONDS, Sender
from sikua_chassis.bus.port import Placed, Record


class KafkaBus:
    """One cluster. `prefix` stands before topics and groups, so that tests can share a cluster.

    A chunk that is not acknowledged within `send_seconds` is sent again by another producer.
    """

    hops = True
    carries = True

    def __init__(self, access: Access, *, prefix: str = "", send_seconds: float = SEND_SECONDS) -> None:
        self._access = access
        self._prefix = prefix
        self._sender = Sender(access, prefix, send_seconds)
        self._ends = Ends(access)

    async def start(self) -> None:
        """Nothing is connected before it is needed: a service starts, and accepts, while Kafka is away."""

    async def stop(self) -> None:
        """Close what is connected; nothing is flushed, because what is not acknowledged is not marked as sent."""
        await asyncio.gather(self._sender.close(), self._ends.close())

    async def send(self, service: str, records: Sequence[Record]) -> None:
        """Carry records in this order. Raises EnvironmentFault, or RecordRefused for one that Kafka will never take."""
        await self._sender.send(service, records)

    def is_read_here(self, service: str) -> bool:
        """Readers ask Kafka."""
        return False

    def sent(self, service: str, marked: Sequence[Placed] = ()) -> None:
        """Kafka wakes the readers itself."""

    def subscribe(self, consumer: str, topics: frozenset[str]) -> KafkaSubscription:
        """A member of the consumer's group: the partitions of these topics are shared among all its replicas."""
        return KafkaSubscription(self._access, self._prefix, consumer, topics, self._ends)
