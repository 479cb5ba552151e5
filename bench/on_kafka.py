"""Rows that need Kafka: our consumer and our relay against the libraries one would take instead, on the same broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial

from sikua_chassis.bus.access import Access
from sikua_chassis.bus.kafka import KafkaBus
from sikua_chassis.database import Database
from sikua_chassis.relay import Relay
from sikua_contracts.registry import ProjectRegistered

from bench import peers
from bench.cluster import fresh_topics
from bench.counting import counted_per_second
from bench.databases import database
from bench.hearers import hearer
from bench.hearing import publish_all, published, room_of, say
from bench.rounds import Row, compared

MESSAGES = 6000
SINGLY = 600
RELAYED_BY_PEER = 600

NO_LANES = (
    "each side is a process of its own; both are given the same upsert for each event, and ours sends the rows of a batch as one "
    "statement; the other side keeps no sequence and no position in the database: what dies between its commit and its "
    "acknowledgement is handled again, and a gap is not seen"
)
NO_ORDER_KEPT = (
    "the other side sends one message at a time and waits for each; it numbers nothing, keeps no log that readers "
    "can ask, and removes rows after sending"
)
NO_DATABASE = "the other side has its bytes ready in memory: it reads, marks and keeps nothing"


async def hearing_rows(server: str, bootstrap: str, rounds: int, also: dict[str, float]) -> AsyncIterator[Row]:
    """The consumer's rows, each as soon as it is measured."""
    url = await database(server, "bench_hearing_kafka")
    prefix = await fresh_topics(bootstrap, "hearing.")
    topic = prefix + ProjectRegistered.topic
    async with AsyncExitStack() as stack:
        room, bus = await stack.enter_async_context(room_of(url, KafkaBus(Access(bootstrap), prefix=prefix)))
        await say(room, MESSAGES)
        await publish_all(room, bus)
        kinds = ("ours", "batch", "single")
        sides = {kind: await stack.enter_async_context(hearer(kind, url, bootstrap, topic)) for kind in kinds}
        ours = partial(sides["ours"], str(MESSAGES))
        said = "our consumer on Kafka / FastStream batch subscriber, same SQL, acknowledged after the handler"
        in_batches = partial(sides["batch"], str(MESSAGES))
        yield await compared(said, "events/s", 1.5, ours, in_batches, rounds, note=NO_LANES)
        said = "our consumer on Kafka / FastStream single-message subscriber, same SQL, acknowledged after the handler"
        yield await compared(said, "events/s", 15.0, ours, partial(sides["single"], str(SINGLY)), rounds, note=NO_LANES)
        again = await sides["batch"]("again")
        also["messages_faststream_handles_again_when_it_dies_after_its_commit"] = again


async def relay_rows(server: str, bootstrap: str, rounds: int) -> AsyncIterator[Row]:
    """The relay's rows, each as soon as it is measured."""
    url = await database(server, "bench_relay_kafka")
    prefix = await fresh_topics(bootstrap, "relay.")
    topic = prefix + ProjectRegistered.topic
    async with room_of(url, KafkaBus(Access(bootstrap), prefix=prefix)) as (room, bus):
        await say(room, MESSAGES)
        await publish_all(room, bus)
        records = await published(room)

        async def ours() -> float:
            await say(room, MESSAGES)
            return await _relayed(room, bus)

        async def alone() -> float:
            return await peers.produced(bootstrap, topic, records)

        async def by_peer() -> float:
            return await peers.relayed_by_faststream(url, bootstrap, topic, records[:RELAYED_BY_PEER])

        said = "relay with publish and marking / aiokafka producing the same bytes without a database"
        yield await compared(said, "events/s", 0.6, ours, alone, rounds, note=NO_DATABASE)
        said = "relay with publish and marking / faststream-outbox relaying the same messages"
        yield await compared(said, "events/s", 1.0, ours, by_peer, rounds, note=NO_ORDER_KEPT)


async def _relayed(room: Database, bus: KafkaBus) -> float:
    relay = Relay(room, bus)
    task = asyncio.create_task(relay.run())
    try:
        return await counted_per_second(lambda: relay.published, MESSAGES)
    finally:
        task.cancel()
        await asyncio.wait([task])
