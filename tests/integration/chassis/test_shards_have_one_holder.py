"""One relay holds a shard; a holder that dies or freezes loses it within seconds."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Sequence

import asyncpg
import pytest
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.bus.port import Record
from sikua_chassis.clock import real_now
from sikua_chassis.database import Database
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.outbox import SHARDS
from sikua_chassis.relay import Relay
from sikua_contracts.envelope import source_of
from support.small_services import closed
from support.system import System

HOLDER = textwrap.dedent(
    """
    import asyncio, sys
    from sikua_chassis.bus.embedded import EmbeddedBus
    from sikua_chassis.clock import real_now
    from sikua_chassis.database import Database
    from sikua_chassis.relay import Relay

    async def main():
        url = sys.argv[1]
        bus = EmbeddedBus(url, {})
        await bus.start()
        database = Database(url, "scheduler", service="scheduler", source="urn:x", business_now=real_now)
        await database.open()
        relay = Relay(database, bus)
        task = asyncio.create_task(relay.run())
        while len(relay.shards) < 16:
            await asyncio.sleep(0.02)
        print("holds", flush=True)
        await task

    asyncio.run(main())
    """
)


async def test_a_frozen_holder_loses_its_shards_and_nothing_is_lost_or_doubled(system: System) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, system.url], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert (await asyncio.to_thread(holder.stdout.readline)).strip() == "holds"
        os.kill(holder.pid, signal.SIGSTOP)
        await system.say("scheduler", *(closed(f"p{n}") for n in range(50)))
        database = await system.speaker("scheduler")
        await published(database, 50)
        os.kill(holder.pid, signal.SIGCONT)
        await system.say("scheduler", *(closed(f"p{n}") for n in range(50)))
        await published(database, 100)
        # What the holder may do now that it runs again.
        await asyncio.sleep(1.5)
        rows = await database.pool.fetch("SELECT aggregateid, sequence, position FROM published ORDER BY position")
        assert [row["position"] for row in rows] == list(range(1, 101))
        assert {(row["aggregateid"], row["sequence"]) for row in rows} == {
            (f"p{n}", sequence) for n in range(50) for sequence in (1, 2)
        }
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()


async def test_a_holder_that_freezes_amid_preparing_a_statement_loses_its_shards(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sikua_chassis.relay.TRANSACTION_MILLISECONDS", 1000)
    database = await system.speaker("scheduler")
    (other,) = system.relays
    frozen = Relay(database, system.runtime.bus)
    await frozen._hold()
    while len(other.shards) + len(frozen.shards) < SHARDS or not frozen.shards:
        await asyncio.sleep(0.02)
        await frozen._shards.share(frozen._connection, asyncio.get_running_loop().time())
    await frozen._connection._protocol.prepare("half", "SELECT $1::int", 60.0, record_class=asyncpg.Record)
    try:
        await shared([other], [SHARDS])
    finally:
        frozen._let_go()


async def published(database: Database, rows: int) -> None:
    async with asyncio.timeout(60):
        while await database.pool.fetchval("SELECT count(*) FROM published") < rows:
            await asyncio.sleep(0.1)


async def test_relays_share_the_shards_evenly_as_they_come_and_go(system: System) -> None:
    database = Database(system.url, "notifier", service="notifier", source=source_of("notifier"), business_now=real_now)
    await database.open()
    relays = [Relay(database, system.runtime.bus) for _ in range(3)]
    tasks = {relay: asyncio.create_task(relay.run()) for relay in relays[:2]}
    try:
        await shared(relays[:2], [8, 8])
        tasks[relays[2]] = asyncio.create_task(relays[2].run())
        await shared(relays, [4, 6, 6])
        tasks[relays[0]].cancel()
        await asyncio.wait([tasks[relays[0]]])
        await shared(relays[1:], [8, 8])
        assert relays[0].shards == ()
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.wait(tasks.values())
        await database.close()


async def shared(relays: list[Relay], parts: list[int]) -> None:
    """Wait until these relays hold all shards, in parts of these sizes. At no moment do two hold the same one."""
    async with asyncio.timeout(30):
        while True:
            held = [set(relay.shards) for relay in relays]
            assert sum(map(len, held)) == len(set().union(*held))
            if sorted(map(len, held)) == parts and set().union(*held) == set(range(SHARDS)):
                return
            await asyncio.sleep(0.02)


class Unreachable(EmbeddedBus):
    """A bus that one process cannot reach, while others can."""

    hops = True
    carries = True

    async def send(self, service: str, records: Sequence[Record]) -> None:
        raise EnvironmentFault("kafka", "no route")


async def test_a_relay_that_cannot_send_leaves_the_shards_to_one_that_can(system: System) -> None:
    cut_off = Unreachable(system.url, {})
    await cut_off.start()
    database = await system.speaker("scheduler")
    (other,) = system.relays
    alone = Relay(database, cut_off)
    task = asyncio.create_task(alone.run())
    try:
        await shared([other, alone], [8, 8])
        await system.say("scheduler", *(closed(f"p{n}") for n in range(50)))
        async with asyncio.timeout(30):
            while await database.pool.fetchval("SELECT count(*) FROM outbox"):
                await asyncio.sleep(0.05)
        await shared([other, alone], [0, SHARDS])
        assert alone.trouble is not None
        assert "no route" in alone.trouble
    finally:
        task.cancel()
        await asyncio.wait([task])
        await cut_off.stop()
