"""What every bus promises its consumers, whatever carries the records; the same tests for each.

The embedded bus can't cover: assignment and revocation between replicas, the loss of a broker, a refused record, a log that
no longer holds what was read, records that are no events. `tests/integration/kafka` has those.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
from sikua_chassis.bus.port import Batch, Bus, Record, Subscription
from sikua_contracts.envelope import Said
from sikua_contracts.topics import NOTICES, STEPS
from support.small_services import closed, seen
from support.system import System


@dataclass
class Carried:
    """A bus and a way to say something on it as a service would."""

    bus: Bus
    say: Callable[..., Awaitable[None]]


@pytest.fixture(params=["system", "distributed"], ids=["embedded", "kafka"])
def carried(request: pytest.FixtureRequest) -> Carried:
    """One bus after another, each real."""
    system: System = request.getfixturevalue(request.param)

    async def say(service: str, *said: Said) -> None:
        await system.say(service, *said)

    return Carried(system.runtime.bus, say)


Join = Callable[..., Awaitable[Subscription]]


@pytest.fixture
async def join(carried: Carried) -> AsyncIterator[Join]:
    """Joins a consumer from the beginning of whatever it is assigned; all leave at the end of the test."""
    joined: list[Subscription] = []

    async def begin(consumer: str, *topics: str) -> Subscription:
        subscription = carried.bus.subscribe(consumer, frozenset(topics))

        async def assigned(logs: Sequence[str]) -> None:
            for log in logs:
                await subscription.seek(log, 0)

        async def revoked(logs: Sequence[str]) -> None:
            return None

        joined.append(subscription)
        await subscription.start(assigned, revoked)
        return subscription

    yield begin
    for subscription in joined:
        await subscription.stop()


async def read(subscription: Subscription, records: int) -> list[Batch]:
    batches: list[Batch] = []
    for _ in range(200):
        batch = await subscription.fetch(100, 0.1)
        if batch is not None:
            batches.append(batch)
        if sum(len(each.records) for each in batches) >= records:
            return batches
    raise AssertionError(f"only {sum(len(each.records) for each in batches)} of {records} records came")


async def fetched(subscription: Subscription, limit: int) -> Batch:
    for _ in range(200):
        batch = await subscription.fetch(limit, 0.1)
        if batch is not None:
            return batch
    raise AssertionError("nothing came")


def records_of(batches: Sequence[Batch]) -> list[Record]:
    return [record for batch in batches for record in batch.records]


async def test_records_of_a_stream_arrive_in_sequence(carried: Carried, join: Join) -> None:
    subscription = await join("reader", STEPS)
    for _ in range(5):
        await carried.say("scheduler", closed("p1"), closed("p2"))
    found = records_of(await read(subscription, 10))
    assert [record.sequence for record in found if record.subject == "p1"] == [1, 2, 3, 4, 5]


async def test_batches_of_a_log_follow_one_another_without_a_hole(carried: Carried, join: Join) -> None:
    subscription = await join("reader", STEPS)
    await carried.say("scheduler", *(closed(f"p{n}") for n in range(250)))
    batches = await read(subscription, 250)
    for log in {batch.log for batch in batches}:
        of_log = [batch for batch in batches if batch.log == log]
        assert of_log[0].start == 0
        assert all(before.end == after.start for before, after in itertools.pairwise(of_log))


async def test_seeking_back_reads_the_same_records_again(carried: Carried, join: Join) -> None:
    subscription = await join("reader", STEPS)
    await carried.say("scheduler", closed("p1"), closed("p1"))
    first = await read(subscription, 2)
    await subscription.seek(first[0].log, first[0].start)
    again = await read(subscription, 2)
    assert [record.id for record in records_of(again)] == [record.id for record in records_of(first)]


async def test_reading_goes_on_after_the_event_that_was_read_last(carried: Carried, join: Join) -> None:
    subscription = await join("reader", STEPS)
    await carried.say("scheduler", closed("p1"), closed("p1"), closed("p1"))
    batches = await read(subscription, 3)
    last = batches[-1]
    assert last.last_id == last.records[-1].id
    await carried.say("scheduler", closed("p1"))
    await subscription.seek(last.log, last.end, last.last_id)
    (record,) = records_of(await read(subscription, 1))
    assert record.sequence == 4


async def test_readers_do_not_take_records_from_each_other(carried: Carried, join: Join) -> None:
    one = await join("one", STEPS)
    other = await join("other", STEPS)
    await carried.say("scheduler", closed("p1"))
    assert [len(batch.records) for batch in await read(one, 1)] == [1]
    assert [len(batch.records) for batch in await read(other, 1)] == [1]


async def test_only_subscribed_topics_arrive(carried: Carried, join: Join) -> None:
    subscription = await join("reader", NOTICES)
    await carried.say("scheduler", closed("p1"))
    await carried.say("notifier", seen("p1"))
    (batch,) = await read(subscription, 1)
    assert {record.topic for record in batch.records} == {NOTICES}


async def test_heads_are_the_last_positions_there_are(carried: Carried, join: Join) -> None:
    subscription = await join("reader", STEPS)
    await carried.say("scheduler", closed("p1"), closed("p2"), closed("p3"))
    batches = await read(subscription, 3)
    heads = await subscription.heads()
    assert {log: head for log, head in heads.items() if head} == {batch.log: batch.end for batch in batches}


async def test_nothing_to_read_is_none_within_the_timeout(carried: Carried, join: Join) -> None:
    subscription = await join("reader", STEPS)
    assert await subscription.fetch(10, 0.05) is None


async def test_a_fetch_that_is_cancelled_takes_nothing_away(carried: Carried, join: Join) -> None:
    subscription = await join("reader", STEPS)
    await carried.say("scheduler", *(closed("p1") for _ in range(120)))
    before = await fetched(subscription, 40)
    fetching = asyncio.ensure_future(subscription.fetch(40, 1.0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    fetching.cancel()
    await asyncio.wait({fetching})
    if not fetching.cancelled():
        before = fetching.result() or before
    assert (await fetched(subscription, 40)).start == before.end


async def test_no_batch_is_larger_than_asked_for(carried: Carried, join: Join) -> None:
    subscription = await join("reader", STEPS)
    await carried.say("scheduler", *(closed(f"p{n % 3}") for n in range(60)))
    sizes = []
    while sum(sizes) < 60:
        batch = await subscription.fetch(7, 1.0)
        sizes.append(len(batch.records) if batch is not None else 0)
    assert max(sizes) <= 7


async def test_attributes_and_data_travel_unchanged(carried: Carried, join: Join) -> None:
    subscription = await join("reader", STEPS)
    said = closed("p1", reason='引号" 与 换行\n')
    await carried.say("scheduler", said)
    (record,) = records_of(await read(subscription, 1))
    event = record.event(type(said))
    assert event.data == said
    assert (event.subject, event.type, event.source) == ("p1", said.type, "urn:cn:org:370200:system:sikua-scheduler")
    assert event.time.tzinfo is not None
