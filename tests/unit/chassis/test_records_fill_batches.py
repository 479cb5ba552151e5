"""Keys go where every Kafka client takes them: the order of a subject's events rests on it."""

from __future__ import annotations

from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st
from sikua_chassis.bus.kafka_filling import partition_of


@given(st.binary(max_size=80), st.integers(1, 64))
def test_a_key_goes_to_the_partition_to_which_the_client_takes_it(key: bytes, partitions: int) -> None:
    assert partition_of(key, partitions) == DefaultPartitioner()(key, list(range(partitions)), [])
