"""When nobody audits the escalations any more, that itself is said; when somebody does again, it is well again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx
from sikua_chassis.service import Runtime, Service
from sikua_scheduler import app
from sikua_scheduler.escalations.api import router
from sikua_scheduler.flow import FLOW
from support.system import System


def without_auditor(runtime: Runtime) -> Service:
    """A scheduler whose ticks do not run, as when its process is wedged."""
    return Service(
        name="scheduler",
        title="scheduler",
        flow=replace(FLOW, ticks=()),
        router=router,
        migrations=app.HERE / "migrations",
        runtime=runtime,
        tools=app.policies(),
    )


async def auditor(client: httpx.AsyncClient) -> dict[str, Any]:
    """The auditor as people see it."""
    answer = await client.get("/auditor")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_an_auditor_that_stops_beating_is_missed_and_found_again(system: System) -> None:
    service = await system.start(without_auditor)
    client = system.client("scheduler", "operator")
    assert (await auditor(client))["beating"] is False
    await service.stop()

    service = await system.start(app.build)
    client = system.client("scheduler", "operator")
    while not (await auditor(client))["beating"]:
        await asyncio.sleep(0.05)
    await service.stop()

    service = await system.start(without_auditor)
    client = system.client("scheduler", "operator")
    await service.database.pool.execute("UPDATE auditor_beat SET recorded_at = recorded_at - interval '3 minutes'")
    last = await auditor(client)
    assert last["beating"] is False
    assert last["recorded_at"] is not None
    await service.stop()

    await system.start(app.build)
    client = system.client("scheduler", "operator")
    while not (await auditor(client))["beating"]:
        await asyncio.sleep(0.05)
