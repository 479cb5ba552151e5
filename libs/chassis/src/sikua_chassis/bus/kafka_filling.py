"""A chunk becomes whole batches, one queue for each partition: the records of a key stay in their order.

The client's own `send` costs each record a future, a look at the metadata and a hash byte by byte; here a record only costs
its place in a batch. Keys go to the partitions to which every Kafka client takes them: murmur2 of the key (Java client,
`Utils.murmur2` and `BuiltInPartitioner.partitionForKey`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from struct import Struct

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder

from sikua_chassis.bus.headers import Message, message_of
from sikua_chassis.bus.port import Record

_SEED = 0x9747B28C
_MIX = 0x5BD1E995
_BITS = 0xFFFFFFFF

Queues = dict[tuple[str, int], deque[BatchBuilder]]
"""Per topic and partition the batches to hand over, the first one first."""


async def filled(producer: AIOKafkaProducer, prefix: str, records: Sequence[Record], largest: int) -> Queues:
    """The records in batches. Raises MessageSizeTooLargeError for a value of more than `largest` bytes."""
    queues: Queues = {}
    partitions = {topic: len(await producer.partitions_for(prefix + topic)) for topic in {r.topic for r in records}}
    for record in records:
        message = message_of(record)
        if len(message.value) > largest:
            raise MessageSizeTooLargeError(f"the data are {len(message.value)} bytes, more than {largest}")
        place = (prefix + record.topic, partition_of(message.key, partitions[record.topic]))
        queue = queues.setdefault(place, deque())
        if not (queue and _put(queue[-1], message)):
            queue.append(producer.create_batch())
            _put(queue[-1], message)
    return queues


def _put(batch: BatchBuilder, message: Message) -> bool:
    """Put it at the end of a batch; False when that is full. An empty one takes a message of any size."""
    return batch.append(timestamp=None, key=message.key, value=message.value, headers=message.headers) is not None


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, of so many that a topic has."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def murmur2(data: bytes) -> int:
    """MurmurHash2 of 32 bits with Kafka's seed, without a sign (Austin Appleby, in the public domain)."""
    mixed = _SEED ^ len(data)
    for word in _words(len(data) >> 2).unpack_from(data):
        word = word * _MIX & _BITS
        mixed = (mixed * _MIX ^ (word ^ word >> 24) * _MIX) & _BITS
    if rest := len(data) & 3:
        mixed = (mixed ^ int.from_bytes(data[-rest:], "little")) * _MIX & _BITS
    mixed = (mixed ^ mixed >> 13) * _MIX & _BITS
    return mixed ^ mixed >> 15


@lru_cache(maxsize=256)
def _words(count: int) -> Struct:
    return Struct(f"<{count}I")
