"""Two processes of one service at once, come and gone under load, or with clocks that differ: still once each."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from sikua_chassis.claims import Worker
from sikua_chassis.database import Database
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from sikua_contracts.registry import ProjectRegistered
from sikua_contracts.words import Rung, StepCode
from sikua_scheduler.app import build
from sikua_scheduler.flow import FLOW
from support.dying import answering
from support.scheduler_courses import record
from support.small_services import Heard, closed, listener
from support.system import START, System

PROJECTS = 40
ROUNDS = 30
CLIMB = next(work for work in FLOW.works if work.name == "climb the ladder")


async def test_consumers_that_come_and_go_under_load_hear_everything_once_in_order(system: System) -> None:
    async def slowly(session: Session, event: Event[Any]) -> None:
        await asyncio.sleep(0.001)
        await answering(session, event)

    stays = await system.start(listener(slowly))
    saying = asyncio.create_task(say_rounds(system))
    while not saying.done():
        comes = listener(slowly)(system.runtime)
        await comes.start()
        await asyncio.sleep(0.15)
        await comes.stop()
    await saying
    await system.quiet()
    for subject in (f"p{number}" for number in range(5)):
        assert [number for _, number in await Heard.of(stays, subject)] == list(range(1, ROUNDS + 1))
    said = await stays.database.pool.fetch("SELECT aggregateid, max(sequence) AS last FROM published GROUP BY 1")
    assert {row["aggregateid"]: row["last"] for row in said} == {f"p{number}": ROUNDS for number in range(5)}


async def say_rounds(system: System) -> None:
    for _ in range(ROUNDS):
        await system.say("scheduler", *(closed(f"p{number}") for number in range(5)))
        await asyncio.sleep(0.05)


async def test_schedulers_whose_clocks_differ_raise_each_rung_once(system: System) -> None:
    service = await system.start(build)
    records = [record(StepCode.EVALUATE, project_id=f"p-{number}") for number in range(PROJECTS)]
    await system.say("registry", *(ProjectRegistered(record=one, registered_by="officer") for one in records))
    await system.quiet()
    overdue = datetime(2026, 4, 7, 1, 0, tzinfo=UTC)
    workers = []
    for behind in (timedelta(days=8), timedelta(0), timedelta(minutes=-3)):
        database = Database(
            system.url,
            "scheduler",
            service="scheduler",
            source=service.database.source,
            business_now=lambda behind=behind: overdue - behind,
            tools=service.database.tools,
        )
        await database.open()
        workers.append(Worker(CLIMB, database, service.tracing, service.metrics))
    for _ in range(3):
        await asyncio.gather(*(worker.once() for worker in workers))
    await system.turn_to(overdue + timedelta(minutes=3))
    for worker in workers:
        await worker._database.close()
    assert await rungs_said(service.database.pool) == dict.fromkeys((Rung.REMIND, Rung.YELLOW, Rung.RED), PROJECTS)


async def test_a_scheduler_stopped_while_a_clock_is_paused_raises_each_rung_once_afterwards(system: System) -> None:
    service = await system.start(build)
    await system.say(
        "registry",
        ProjectRegistered(record=record(StepCode.EVALUATE, project_id="p-1"), registered_by="officer"),
    )
    await system.quiet()
    client = system.client("scheduler", division="370200")
    [step] = (await client.get("/steps", params={"code": "SIGN"})).json()["items"]
    paused = await client.post(f"/steps/{step['step_id']}/pause", json={"reason": "法审补正", "document": "函1"})
    assert paused.status_code == 200, paused.text
    await system.services.pop("scheduler").stop()
    system.runtime.clock.turn_to(START + timedelta(days=35))

    service = await system.start(build)
    await system.turn_to(START + timedelta(days=35))
    assert await rungs_said(service.database.pool) == {}
    client = system.client("scheduler", division="370200")
    resumed = await client.post(f"/steps/{step['step_id']}/resume", json={"document": "函2"})
    assert resumed.status_code == 200, resumed.text
    due = datetime.fromisoformat(resumed.json()["due_at"])
    assert due > START + timedelta(days=35)
    await system.services.pop("scheduler").stop()
    system.runtime.clock.turn_to(due + timedelta(hours=1))

    service = await system.start(build)
    await system.turn_to(due + timedelta(hours=1))
    await system.turn_to(due + timedelta(hours=2))
    assert (await rungs_said(service.database.pool))[Rung.REMIND] == 1
    assert set((await rungs_said(service.database.pool)).values()) == {1}


async def rungs_said(pool: Any) -> dict[str, int]:
    """How often each rung was said to be raised; each pair of step and rung at most once."""
    rows = await pool.fetch(
        """SELECT payload->'step'->>'step_id' AS step, payload->>'rung' AS rung FROM published
        WHERE type = 'cn.sikua.escalation.raised.v1'"""
    )
    pairs = Counter((row["step"], row["rung"]) for row in rows)
    assert set(pairs.values()) <= {1}
    return dict(Counter(rung for _, rung in pairs))
