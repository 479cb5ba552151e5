"""A consumer's membership in its group: partitions come and go, positions are the database's and never the group's.

Nothing is committed to Kafka and nothing is reset: where a partition no longer holds what was read last, LogChanged says so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import (
    ConsumerStoppedError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from sikua_chassis.bus.access import Access
from sikua_chassis.bus.headers import NotAnEvent, record_of, unreadable
from sikua_chassis.bus.kafka_closing import WholeClient, let_go
from sikua_chassis.bus.kafka_ends import Ends
from sikua_chassis.bus.kafka_sending import METADATA_MILLISECONDS, REQUEST_MILLISECONDS, START_SECONDS, fault
from sikua_chassis.bus.port import Assigned, Batch, LogChanged, Record, Revoked, Unreadable
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.small_steps import small_steps

SESSION_MILLISECONDS = 8_000
HEARTBEAT_MILLISECONDS = 2_000
REBALANCE_MILLISECONDS = 10_000
FETCH_WAIT_MILLISECONDS = 200
FETCH_BYTES = 4 * 1024 * 1024
PARTITION_BYTES = 256 * 1024
REBALANCE_SECONDS = 3.0
PARTITIONS_AT_ONCE = 4

log = structlog.get_logger("sikua.kafka")


@dataclass(frozen=True, slots=True)
class Found:
    """Records of one log after position `start`, not yet looked into."""

    log: str
    start: int
    records: Sequence[ConsumerRecord]


class KafkaSubscription(ConsumerRebalanceListener):
    """One member of one group. A log is `<topic>/<partition>`; position n means that offset n - 1 was read."""

    def __init__(self, access: Access, prefix: str, consumer: str, topics: frozenset[str], ends: Ends) -> None:
        self._access = access
        self._ends = ends
        self._prefix = prefix
        self._name = consumer
        self._topics = sorted(topics)
        self._consumer: AIOKafkaConsumer | None = None
        self._told: tuple[Assigned, Revoked] | None = None
        self._at: dict[str, int] = {}
        self._expected: dict[str, str] = {}
        self._ready: deque[Found] = deque()
        self._changed: dict[str, LogChanged] = {}
        self._gone_on = asyncio.Event()
        self._gone_on.set()

    async def start(self, assigned: Assigned, revoked: Revoked) -> None:
        """Join the group. Raises EnvironmentFault when Kafka is away or a topic is missing."""
        self._told = (assigned, revoked)
        await self._join()

    async def seek(self, log: str, position: int, last_id: str | None = None) -> None:
        """Read on after `position`, one record earlier when there is an event to be found there."""
        self._ready = deque(batch for batch in self._ready if batch.log != log)
        self._at[log] = position
        self._expected.pop(log, None)
        self._changed.pop(log, None)
        if last_id is not None and position > 0:
            self._expected[log] = last_id
        partition = self._partition(log)
        if self._consumer is None or partition not in self._consumer.assignment():
            return
        self._consumer.seek(partition, position - (log in self._expected))
        self._consumer.resume(partition)

    async def fetch(self, limit: int, timeout_seconds: float) -> Batch | None:
        """The next batch, of one partition; what came with it is kept, at most `PARTITIONS_AT_ONCE` times `limit` records.

        So each partition gives whole batches, though the client shares what it hands out at once among all of them.
        """
        await self._gone_on.wait()
        if self._changed or self._ready:
            return await self._next()
        consumer = self._consumer or await self._join()
        try:
            async with asyncio.timeout(timeout_seconds + REBALANCE_SECONDS):
                most = PARTITIONS_AT_ONCE * limit
                fetched = await consumer.getmany(timeout_ms=int(timeout_seconds * 1000), max_records=most)
        except OffsetOutOfRangeError as gone:
            await self._out_of_range(next(iter(gone.args[0])))
            return await self._next()
        except (NoOffsetForPartitionError, TimeoutError):
            # Seen while partitions change hands; each is sought before it is read.
            return None
        except (KafkaError, ConsumerStoppedError) as trouble:
            await self._leave()
            raise fault(trouble) from trouble
        for partition, records in fetched.items():
            self._sort_in(partition, records, limit)
        return await self._next()

    def hold_back(self) -> None:
        """Take nothing apart until `go_on`; the client goes on fetching."""
        self._gone_on.clear()

    def go_on(self) -> None:
        """Take apart what was fetched."""
        self._gone_on.set()

    async def heads(self) -> dict[str, int]:
        """Where each partition of the topics ends, whoever reads it."""
        consumer = self._consumer
        if consumer is None:
            raise EnvironmentFault("kafka", "not joined")
        known = {topic: consumer.partitions_for_topic(self._wire(topic)) for topic in self._topics}
        if not all(known.values()):
            raise EnvironmentFault("kafka", "not joined")
        partitions = [TopicPartition(self._wire(topic), each) for topic, numbers in known.items() for each in numbers]
        ends = await self._ends.last(partitions)
        return {self._log(partition): end for partition, end in ends.items()}

    async def stop(self) -> None:
        """Leave the group, at once when Kafka does not answer."""
        await self._leave()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """The group is about to share its partitions anew: whatever was fetched of them is not ours any more."""
        logs = [self._log(partition) for partition in revoked]
        self._forget()
        if self._told is not None and logs:
            await self._told[1](logs)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Hold every partition still until the consumer has sought it, so that no committed offset is asked for."""
        partitions = sorted(assigned)
        consumer = self._consumer
        if consumer is not None:
            for partition in partitions:
                consumer.pause(partition)
                consumer.seek(partition, 0)
        self._forget()
        if self._told is not None:
            await self._told[0]([self._log(partition) for partition in partitions])

    async def _join(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            **self._access.client(
                client_id=f"sikua-{self._name}",
                group_id=f"{self._prefix}sikua.{self._name}",
                enable_auto_commit=False,
                auto_offset_reset="none",
                isolation_level="read_committed",
                request_timeout_ms=REQUEST_MILLISECONDS,
                metadata_max_age_ms=METADATA_MILLISECONDS,
                session_timeout_ms=SESSION_MILLISECONDS,
                heartbeat_interval_ms=HEARTBEAT_MILLISECONDS,
                rebalance_timeout_ms=REBALANCE_MILLISECONDS,
                fetch_max_wait_ms=FETCH_WAIT_MILLISECONDS,
                fetch_max_bytes=FETCH_BYTES,
                max_partition_fetch_bytes=PARTITION_BYTES,
            )
        )
        WholeClient.of(consumer._client)
        wanted = [self._wire(topic) for topic in self._topics]
        try:
            async with asyncio.timeout(START_SECONDS):
                await consumer.start()
                missing = sorted(set(wanted) - await consumer.topics())
            if missing:
                raise EnvironmentFault("kafka", f"without {', '.join(missing)}: sikua topics apply")
            consumer.subscribe(wanted, listener=self)
        except BaseException as trouble:
            await let_go(consumer)
            if isinstance(trouble, (KafkaError, TimeoutError, OSError)):
                raise fault(trouble) from trouble
            raise
        self._consumer = consumer
        return consumer

    async def _leave(self) -> None:
        consumer, self._consumer = self._consumer, None
        self._forget()
        if consumer is not None:
            await let_go(consumer)

    async def _next(self) -> Batch | None:
        if self._changed:
            raise self._changed.pop(min(self._changed))
        if not self._ready:
            return None
        ready = self._ready[0]
        batch = await self._batch(ready)
        # Looked into in steps, and taken only now: it may have been sought, or have become another's, meanwhile.
        if not self._ready or self._ready[0] is not ready:
            return None
        self._ready.popleft()
        return batch

    def _sort_in(self, partition: TopicPartition, found: Sequence[ConsumerRecord], limit: int) -> None:
        log = self._log(partition)
        start = self._at[log]
        expected = self._expected.pop(log, None)
        if expected is not None and found:
            first, found = found[0], found[1:]
            if first.offset != start - 1 or self._id_of(first) != expected:
                reason = f"offset {first.offset} holds {self._id_of(first)}, read was {expected} at {start - 1}"
                self._changed[log] = LogChanged(log, 0, reason)
                return
        for first in range(0, len(found), limit):
            part = found[first : first + limit]
            self._ready.append(Found(log, self._at[log], part))
            self._at[log] = part[-1].offset + 1

    async def _batch(self, ready: Found) -> Batch:
        topic = ready.log.rpartition("/")[0]
        records: list[Record] = []
        strange: list[Unreadable] = []
        async for step in small_steps(ready.records):
            for each in step:
                try:
                    records.append(record_of(topic, each.headers, each.value))
                except NotAnEvent as reason:
                    strange.append(unreadable(topic, each.offset + 1, each.key, each.headers, each.value, str(reason)))
        return Batch(ready.log, ready.start, ready.records[-1].offset + 1, records, strange)

    def _id_of(self, found: ConsumerRecord) -> str | None:
        try:
            return record_of(found.topic, found.headers, found.value).id
        except NotAnEvent:
            return None

    async def _out_of_range(self, partition: TopicPartition) -> None:
        """Purged up to what was read is well; purged beyond it, or made anew, is said."""
        log = self._log(partition)
        first = await self._ends.first(partition)
        position = self._at[log]
        await self.seek(log, position)
        if first != position:
            reason = f"position {position} is out of range, the log begins after {first}"
            self._changed[log] = LogChanged(log, first, reason)

    def _forget(self) -> None:
        self._ready.clear()
        self._changed.clear()

    def _wire(self, topic: str) -> str:
        return self._prefix + topic

    def _log(self, partition: TopicPartition) -> str:
        return f"{partition.topic.removeprefix(self._prefix)}/{partition.partition}"

    def _partition(self, log: str) -> TopicPartition:
        topic, _, number = log.rpartition("/")
        return TopicPartition(self._wire(topic), int(number))
