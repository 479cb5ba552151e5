"""The ticker on a real database: rungs in time, once however many schedulers, in bounded batches after an outage."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx
from sikua_chassis.claims import Worker
from sikua_contracts.registry import ProjectRegistered
from sikua_contracts.scheduler import EscalationRaised
from sikua_contracts.words import Rung, StepCode
from sikua_scheduler.app import build
from sikua_scheduler.escalations import ticker
from sikua_scheduler.flow import FLOW
from support.scheduler_courses import CROSSING, record
from support.system import System

CLIMB = next(work for work in FLOW.works if work.name == "climb the ladder")


def morning(month: int, day: int) -> datetime:
    """09:00 in Shanghai."""
    return datetime(2026, month, day, 1, 0, tzinfo=UTC)


async def registered(system: System, number: int, **more: Any) -> httpx.AsyncClient:
    """A scheduler with so many projects at the step SIGN."""
    await system.start(build)
    await system.say(
        "registry",
        *(
            ProjectRegistered(
                record=record(StepCode.EVALUATE, project_id=f"p-{index}", **more), registered_by="officer"
            )
            for index in range(number)
        ),
    )
    await system.quiet()
    return system.client("scheduler", division="370200")


async def escalations(client: httpx.AsyncClient, **wanted: Any) -> list[dict[str, Any]]:
    answer = await client.get("/escalations", params={"limit": 500, **wanted})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_tracked_project_climbs_to_the_top_and_comes_back(system: System) -> None:
    client = await registered(system, 1, crossings=[CROSSING])
    for day in [(3, 25), (3, 31), (4, 7), (4, 14)]:
        await system.turn_to(morning(*day))
    rungs = [one["rung"] for one in await escalations(client)]
    assert rungs == ["REMIND", "YELLOW", "RED", "COORDINATE"]
    coordinate = (await escalations(client, rung="COORDINATE"))[0]
    leader = system.client("scheduler", "leader")
    taken = await leader.post(f"/escalations/{coordinate['escalation_id']}/acknowledge")
    assert taken.json()["waits_until"] == "2026-04-21T01:00:00Z"
    again = await leader.post(f"/escalations/{coordinate['escalation_id']}/acknowledge")
    assert (again.status_code, again.json()["reason"]) == (409, "already-acknowledged")
    await system.turn_to(morning(5, 18))
    top = (await escalations(client, rung="TOP"))[0]
    assert top["recipients"] == [{"role": "leader", "division": "370200"}]
    step = (await client.get(f"/steps/{top['step_id']}")).json()
    assert (step["light"], step["working_days_left"]) == ("RED", -top["overdue_working_days"])
    await client.post(f"/steps/{top['step_id']}/complete", json={"document": "协议〔2026〕1号"})
    assert await escalations(client, open=True) == []
    assert len(await escalations(client)) == 5
    auditor = (await client.get("/auditor")).json()
    assert auditor["beating"] is True
    assert auditor["findings"] == []


async def test_pushing_to_the_top_by_order_and_resolving(system: System) -> None:
    client = await registered(system, 1)
    await system.turn_to(morning(3, 31))
    yellow = (await escalations(client, rung="YELLOW"))[0]
    pushed = await client.post(
        f"/escalations/{yellow['escalation_id']}/raise", json={"rung": "TOP", "reason": "书记批示"}
    )
    assert (pushed.status_code, pushed.json()["rung"], pushed.json()["forced"]) == (201, "TOP", "order")
    assert (await client.get("/tracks")).json()["items"][0]["reasons"] == ["ORDER"]
    lower = await client.post(
        f"/escalations/{yellow['escalation_id']}/raise", json={"rung": "REMIND", "reason": "错了"}
    )
    assert lower.json()["reason"] == "rung-not-higher"
    solved = await client.post(f"/escalations/{pushed.json()['escalation_id']}/resolve", json={"resolution": "已协调"})
    assert solved.json()["resolution"] == "已协调"
    district = system.client("scheduler", "district_owner", division="370211")
    assert (await district.post(f"/escalations/{yellow['escalation_id']}/acknowledge")).status_code == 403


async def test_an_import_is_quiet_until_released(system: System) -> None:
    client = await registered(system, 1, historic=True)
    await system.turn_to(morning(3, 25))
    await client.post("/plans/release", json={"project_ids": ["p-0"]})
    await system.turn_to(morning(3, 31))
    assert [(one["rung"], one["quiet"]) for one in await escalations(client)] == [("REMIND", True), ("YELLOW", False)]


async def test_two_schedulers_share_the_rungs_and_fire_each_once(system: System) -> None:
    client = await registered(system, 40)
    service = system.services["scheduler"]
    # A second scheduler's ticker, over the same database, at the same moment.
    second = Worker(CLIMB, service.database, service.tracing, service.metrics)
    third = Worker(CLIMB, service.database, service.tracing, service.metrics)
    system.runtime.clock.turn_to(morning(4, 7))
    await asyncio.gather(*(worker.once() for worker in (second, third, second, third)))
    await system.turn_to(morning(4, 7))
    found = await escalations(client)
    assert Counter(one["rung"] for one in found) == {Rung.REMIND: 40, Rung.YELLOW: 40, Rung.RED: 40}
    events = await service.database.pool.fetch(
        "SELECT aggregateid, count(*) AS number FROM published WHERE type = 'cn.sikua.escalation.raised.v1' GROUP BY 1"
    )
    assert {row["number"] for row in events} == {3}


async def test_after_an_outage_the_oldest_come_first_in_bounded_batches(system: System) -> None:
    await registered(system, 30)
    service = system.services["scheduler"]
    for worker in service.workers:
        worker.work = FLOW.works[0]
    await asyncio.sleep(1.2)
    system.runtime.clock.turn_to(morning(6, 1))
    async with service.database.unit_of_work() as session:
        assert await ticker.due(session) == 30
        courses = await ticker.claim(session, 7)
        for course in courses:
            await ticker.record(session, course, None)
    assert len(courses) == 7
    async with service.database.unit_of_work(read_only=True) as session:
        assert await ticker.due(session) == 23
        rungs = await session.fetch("SELECT rung, count(*) AS number FROM escalation GROUP BY rung")
    assert {row["rung"]: row["number"] for row in rungs} == {"REMIND": 7, "YELLOW": 7, "RED": 7}
    for course in courses:
        raised = [said.rung for said in course.said if isinstance(said, EscalationRaised)]
        assert raised == [Rung.REMIND, Rung.YELLOW, Rung.RED]


async def test_a_year_published_later_moves_due_moments_and_says_so(system: System) -> None:
    await system.start(build)
    await system.turn_to(datetime(2026, 12, 21, 1, tzinfo=UTC))
    for index in range(3):
        await system.say(
            "registry",
            ProjectRegistered(record=record(StepCode.VISIT, project_id=f"p-{index}"), registered_by="officer"),
        )
    await system.quiet()
    client = system.client("scheduler", "operator")
    before = {one["step_id"]: one for one in (await client.get("/steps", params={"code": "NEGOTIATE"})).json()["items"]}
    assert all(one["due_provisional"] for one in before.values())
    days = [{"name": "春节", "date": f"2027-02-{day:02}", "isOffDay": True} for day in range(5, 13)]
    days += [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]
    days += [{"name": "春节", "date": "2027-01-30", "isOffDay": False}]
    published = await client.put(
        "/calendars/2027", json={"year": 2027, "papers": ["国办发明电〔2026〕1号"], "days": days}
    )
    assert (published.status_code, published.json()["version"]) == (200, 2)
    await system.quiet()
    after = {one["step_id"]: one for one in (await client.get("/steps", params={"code": "NEGOTIATE"})).json()["items"]}
    assert not any(one["due_provisional"] for one in after.values())
    assert {one["due_at"] for one in after.values()} != {one["due_at"] for one in before.values()}
    pool = system.services["scheduler"].database.pool
    journal = await pool.fetch("SELECT step_id, due_before, due_after, calendar_version FROM rescheduling")
    assert {row["step_id"] for row in journal} == set(after)
    assert {row["calendar_version"] for row in journal} == {2}
    said = await pool.fetch("SELECT type, count(*) AS number FROM published GROUP BY type")
    numbers = {row["type"]: row["number"] for row in said}
    assert numbers["cn.sikua.step.rescheduled.v1"] == 3
    assert numbers["cn.sikua.calendar.published.v1"] == 1
    again = await client.put("/calendars/2027", json={"year": 2027, "days": days})
    assert again.json()["version"] == 2
    shown = (await client.get("/calendars")).json()
    assert (shown["version"], shown["provisional_from"]) == (2, 2028)
    wrong = await client.put("/calendars/2028", json={"year": 2027, "off": ["2028-01-01"], "work": ["2028-01-03"]})
    assert {error["field"] for error in wrong.json()["errors"]} == {"/year", "/work"}
