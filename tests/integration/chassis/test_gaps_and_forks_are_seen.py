"""A missing or a contradicting event is never passed over in silence."""

import asyncio
from typing import Any

from fastapi import APIRouter
from sikua_chassis.flow import Flow
from sikua_chassis.service import Runtime, Service
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from support.small_services import Heard, closed, listener
from support.system import System


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


def scheduler(runtime: Runtime) -> Service:
    return Service(
        name="scheduler", title="s", flow=Flow("scheduler"), router=APIRouter(), migrations=None, runtime=runtime
    )


async def lanes_of(system: System, state: str) -> list[dict[str, Any]]:
    client = system.client("command-office", "operator")
    async with asyncio.timeout(60):
        while not (lanes := (await client.get(f"/lanes?state={state}")).json()["items"]):
            await asyncio.sleep(0.05)
    return list(lanes)


async def test_events_that_never_came_are_fetched_from_their_source(system: System) -> None:
    await system.start(scheduler)
    system.runtime.settings.services["scheduler"] = await system.serve("scheduler")
    service = await system.start(listener(noted))
    await system.say("scheduler", closed("p1"))
    await system.quiet()
    assert service.consumer is not None
    await service.database.pool.execute("UPDATE position SET position = 3")
    await system.say("scheduler", closed("p1"), closed("p1"), closed("p1"))
    await system.quiet()
    assert await Heard.of(service, "p1") == [("p1", 1), ("p1", 2), ("p1", 3), ("p1", 4)]


async def test_a_gap_that_cannot_be_filled_parks_its_lane_and_no_other(system: System) -> None:
    await system.start(scheduler)
    system.runtime.settings.services["scheduler"] = await system.serve("scheduler")
    service = await system.start(listener(noted))
    await system.say("scheduler", closed("p1"), closed("p2"))
    await system.quiet()
    assert service.consumer is not None
    await service.database.pool.execute("UPDATE position SET position = 3")
    await system.say("scheduler", closed("p1"))
    await system.quiet()
    await system.services["scheduler"].database.pool.execute("DELETE FROM published WHERE position = 3")
    await system.say("scheduler", closed("p1"), closed("p2"))
    (lane,) = await lanes_of(system, "parked")
    assert (lane["subject"], lane["cause"], lane["sequence"], lane["held"]) == ("p1", "gap", 1, 1)
    await system.quiet()
    assert await Heard.of(service, "p2") == [("p2", 1), ("p2", 2)]


async def test_a_broken_chain_parks_as_forked(system: System) -> None:
    service = await system.start(listener(noted))
    await system.say("scheduler", closed("p1"))
    await system.quiet()
    scheduler_database = await system.speaker("scheduler")
    await scheduler_database.pool.execute("UPDATE stream SET last_id = 'restored from a backup' WHERE subject = 'p1'")
    await system.say("scheduler", closed("p1"))
    (lane,) = await lanes_of(system, "parked")
    assert (lane["subject"], lane["cause"]) == ("p1", "forked")
    assert await Heard.of(service, "p1") == [("p1", 1)]


async def test_many_lanes_failing_alike_halt_the_consumer_and_readiness_says_so(system: System) -> None:
    async def broken(session: Session, event: Event[Any]) -> None:
        raise KeyError("a bad deployment")

    service = await system.start(listener(broken))
    await system.say("scheduler", *(closed(f"p{n}") for n in range(40)))
    client = system.client("command-office", "operator")
    async with asyncio.timeout(60):
        while service.consumer is not None and service.consumer.halted is None:
            await asyncio.sleep(0.05)
    ready = await client.get("/readyz?verbose")
    assert ready.status_code == 503
    assert "[-]consumer failed" in ready.text
    assert (await client.get("/status")).json()["halted"].startswith("many lanes fail alike")


async def test_a_lane_that_somebody_marks_while_a_batch_first_meets_its_stream_is_heeded(system: System) -> None:
    service = await system.start(listener(noted))
    await system.say("scheduler", closed("p0"))
    await system.quiet()
    pool = service.database.pool
    async with pool.acquire() as other:
        marking = other.transaction()
        await marking.start()
        await other.execute(
            "INSERT INTO lane (consumer, source, topic, subject, sequence, state, cause, next_try_at, since) "
            "SELECT consumer, source, topic, 'p1', 0, 'gap', 'gap', now(), now() FROM lane WHERE subject = 'p0'"
        )
        await system.say("scheduler", closed("p1"))
        async with asyncio.timeout(30):
            while not await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.02)
        await marking.commit()
    await system.quiet()
    assert await Heard.of(service, "p1") == [("p1", 1)]
    rows = await pool.fetch("SELECT sequence, state FROM lane WHERE subject = 'p1'")
    assert [tuple(row) for row in rows] == [(1, None)]
