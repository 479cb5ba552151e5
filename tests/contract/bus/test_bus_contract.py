"""What every bus promises its consumers, whatever carries the records.

The embedded bus can't cover: assignment and revocation between replicas, the loss of a broker, a refused record. Those
stand in the suite of the bus that has them.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
from sikua_chassis.bus.port import Batch, Bus, Subscription
from sikua_contracts.envelope import Said
from sikua_contracts.topics import NOTICES, STEPS
from support.small_services import closed, seen
from support.system import System


@dataclass
class Carried:
    """A bus and a way to say something on it as a service would."""

    bus: Bus
    say: Callable[..., Awaitable[None]]


@pytest.fixture(params=["embedded"])
async def carried(request: pytest.FixtureRequest, system: System) -> Carried:
    """One bus after another, each real."""

    async def say(service: str, *said: Said) -> None:
        await system.say(service, *said)

    return Carried(system.runtime.bus, say)


async def joined(bus: Bus, consumer: str, *topics: str) -> Subscription:
    subscription = bus.subscribe(consumer, frozenset(topics))

    async def assigned(logs: Sequence[str]) -> None:
        for log in logs:
            await subscription.seek(log, 0)

    async def revoked(logs: Sequence[str]) -> None:
        return None

    await subscription.start(assigned, revoked)
    return subscription


async def read(subscription: Subscription, records: int) -> list[Batch]:
    batches: list[Batch] = []
    for _ in range(200):
        batch = await subscription.fetch(100, 0.1)
        if batch is not None:
            batches.append(batch)
        if sum(len(each.records) for each in batches) >= records:
            return batches
    raise AssertionError(f"only {sum(len(each.records) for each in batches)} of {records} records came")


async def test_records_of_a_stream_arrive_in_sequence(carried: Carried) -> None:
    subscription = await joined(carried.bus, "reader", STEPS)
    for _ in range(5):
        await carried.say("scheduler", closed("p1"), closed("p2"))
    batches = await read(subscription, 10)
    of_p1 = [record.sequence for batch in batches for record in batch.records if record.subject == "p1"]
    assert of_p1 == [1, 2, 3, 4, 5]


async def test_batches_follow_one_another_without_a_hole(carried: Carried) -> None:
    subscription = await joined(carried.bus, "reader", STEPS)
    await carried.say("scheduler", *(closed(f"p{n}") for n in range(250)))
    batches = await read(subscription, 250)
    assert batches[0].start == 0
    assert all(before.end == after.start for before, after in itertools.pairwise(batches))


async def test_seeking_back_reads_the_same_records_again(carried: Carried) -> None:
    subscription = await joined(carried.bus, "reader", STEPS)
    await carried.say("scheduler", closed("p1"), closed("p2"))
    (first,) = await read(subscription, 2)
    await subscription.seek(first.log, first.start)
    (again,) = await read(subscription, 2)
    assert [record.id for record in again.records] == [record.id for record in first.records]


async def test_readers_do_not_take_records_from_each_other(carried: Carried) -> None:
    one = await joined(carried.bus, "one", STEPS)
    other = await joined(carried.bus, "other", STEPS)
    await carried.say("scheduler", closed("p1"))
    assert [len(batch.records) for batch in await read(one, 1)] == [1]
    assert [len(batch.records) for batch in await read(other, 1)] == [1]


async def test_only_subscribed_topics_arrive(carried: Carried) -> None:
    subscription = await joined(carried.bus, "reader", NOTICES)
    await carried.say("scheduler", closed("p1"))
    await carried.say("notifier", seen("p1"))
    (batch,) = await read(subscription, 1)
    assert {record.topic for record in batch.records} == {NOTICES}


async def test_heads_are_the_last_positions_there_are(carried: Carried) -> None:
    subscription = await joined(carried.bus, "reader", STEPS)
    await carried.say("scheduler", closed("p1"), closed("p2"))
    batches = await read(subscription, 2)
    assert await subscription.heads() == {batches[-1].log: batches[-1].end}


async def test_nothing_to_read_is_none_within_the_timeout(carried: Carried) -> None:
    subscription = await joined(carried.bus, "reader", STEPS)
    assert await subscription.fetch(10, 0.05) is None


async def test_attributes_and_data_travel_unchanged(carried: Carried) -> None:
    subscription = await joined(carried.bus, "reader", STEPS)
    said = closed("p1", reason='引号" 与 换行\n')
    await carried.say("scheduler", said)
    (batch,) = await read(subscription, 1)
    event = batch.records[0].event(type(said))
    assert event.data == said
    assert (event.subject, event.type, event.source) == ("p1", said.type, "urn:cn:org:370200:system:sikua-scheduler")
    assert event.time.tzinfo is not None
