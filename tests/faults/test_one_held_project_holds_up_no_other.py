"""From registration over HTTP to plan, notices and feed: a project one service cannot handle holds up no other project."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import sikua_scheduler.app as scheduler_app
from fastapi import APIRouter
from sikua_chassis.service import Runtime, Service
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from sikua_contracts.registry import ProjectRegistered
from sikua_contracts.topics import SERVICES
from sikua_scheduler.flow import FLOW
from support.applications import build_of
from support.history import faults_in, faults_that_stay
from support.system import System, new_system

PROJECTS = 8
POISON = "毒项目"

pytestmark = pytest.mark.timeout(240)


def deployed_badly(runtime: Runtime) -> Service:
    """The scheduler with a fault: it fails on one project's registration, and then on nothing else."""

    async def fails_on_poison(session: Session, event: Event[ProjectRegistered]) -> None:
        await FLOW.by_type[ProjectRegistered.type].handle(session, event)
        if event.data.record.name == POISON:
            raise ZeroDivisionError("a bad deployment")

    hears = tuple(
        replace(heard, handle=fails_on_poison) if heard.said is ProjectRegistered else heard for heard in FLOW.hears
    )
    return Service(
        name="scheduler",
        title="scheduler",
        flow=replace(FLOW, hears=hears),
        router=APIRouter(),
        migrations=scheduler_app.HERE / "migrations",
        runtime=runtime,
        tools=scheduler_app.policies(),
    )


@pytest.fixture
async def city(database_url: str, tmp_path: Path) -> AsyncIterator[System]:
    """All seven services, the scheduler deployed badly."""
    made = await new_system(database_url, tmp_path)
    for service in SERVICES:
        await made.start(deployed_badly if service == "scheduler" else build_of(service))
    yield made
    await made.stop()


async def register(system: System, name: str) -> str:
    """Register a project and stop its clocks at once: two events of its stream."""
    client = system.client("registry")
    form = {"name": name, "divisions": ["370211"], "origins": ["MAJOR_EVENT"]}
    answer = await client.post("/projects", json=form, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 201, answer.text
    project: str = answer.json()["project_id"]
    order = {"reason": "等待规划调整", "document": "函〔2026〕1号"}
    stopped = await client.post(f"/projects/{project}/suspend", json=order)
    assert stopped.status_code == 200, stopped.text
    return project


async def test_the_other_projects_reach_the_feed_and_the_held_one_follows_in_order(city: System) -> None:
    healthy = [await register(city, f"项目 {number}") for number in range(PROJECTS // 2)]
    poisoned = await register(city, POISON)
    healthy += [await register(city, f"项目 {number}") for number in range(PROJECTS // 2, PROJECTS)]

    await until_only(city, poisoned)
    lanes = (await city.client("scheduler", "operator").get("/lanes")).json()["items"]
    assert [(lane["subject"], lane["sequence"], lane["held"], lane["cause"]) for lane in lanes] == [
        (poisoned, 0, 2, "handler_failed")
    ]
    assert "a bad deployment" in lanes[0]["detail"]
    assert await told_of(city, poisoned) == ["project.registered", "project.suspended"]
    for project in healthy:
        assert {"track.opened", "step.armed", "step.paused"} <= set(await told_of(city, project))

    await city.services.pop("scheduler").stop()
    await city.start(scheduler_app.build)
    again = await city.client("scheduler", "operator").post(f"/lanes/{lanes[0]['id']}/redrive")
    assert again.status_code == 202
    assert await faults_that_stay(city.url) == []
    assert await told_of(city, poisoned) == await told_of(city, healthy[0])
    assert (await city.client("scheduler", "operator").get("/lanes")).json()["items"] == []


async def until_only(system: System, project: str) -> None:
    """Wait until everything has arrived everywhere, but for what is held of one project in one service."""
    async with asyncio.timeout(90):
        while not (faults := await faults_in(system.url)) or not all(
            fault.startswith("scheduler: ") and project in fault for fault in faults
        ):
            await asyncio.sleep(0.1)


async def told_of(system: System, project: str) -> list[str]:
    """What registry and scheduler say of a project in the feed, sorted: streams are not ordered among each other."""
    office = system.client("command-office")
    page = (await office.get("/feed", params={"project_id": project, "limit": 200})).json()
    kinds = (entry["type"].removeprefix("cn.sikua.").removesuffix(".v1") for entry in page["items"])
    return sorted(kind for kind in kinds if kind.split(".")[0] in ("project", "track", "step"))
