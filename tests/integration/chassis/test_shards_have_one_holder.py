"""One relay holds a shard; a holder that dies or freezes loses it within seconds."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap

from sikua_chassis.clock import real_now
from sikua_chassis.database import Database
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
        async with asyncio.timeout(30):
            while await database.pool.fetchval("SELECT count(*) FROM published") < 50:
                await asyncio.sleep(0.1)
        os.kill(holder.pid, signal.SIGCONT)
        await system.say("scheduler", *(closed(f"p{n}") for n in range(50)))
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


async def test_two_relays_of_one_service_never_hold_the_same_shard(system: System) -> None:
    database = Database(system.url, "notifier", service="notifier", source=source_of("notifier"), business_now=real_now)
    await database.open()
    relays = [Relay(database, system.runtime.bus) for _ in range(2)]
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    await asyncio.sleep(0.5)
    held = [set(relay.shards) for relay in relays]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await database.close()
    assert held[0].isdisjoint(held[1])
    assert held[0] | held[1] == set(range(SHARDS))
