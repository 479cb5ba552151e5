"""A command office with the registry and the scheduler it hands acts on to, and a project whose steps run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from sikua_chassis.service import Runtime, Service
from sikua_command_office.app import build as build_office
from sikua_registry.app import build as build_registry
from sikua_scheduler.app import build as build_scheduler
from support.system import System

OWNERS: dict[str, Callable[[Runtime], Service]] = {"registry": build_registry, "scheduler": build_scheduler}


@dataclass
class Acting:
    """The services, and the projects that were registered in them."""

    system: System

    async def project(self, name: str = "黄岛新材料产业园", division: str = "370211") -> str:
        """A new project whose first step runs."""
        form = {"name": name, "divisions": [division]}
        client = self.system.client("registry")
        answer = await client.post("/projects", json=form, headers={"Idempotency-Key": uuid4().hex})
        assert answer.status_code == 201, answer.text
        await self.system.quiet()
        return str(answer.json()["project_id"])

    async def step(self, project: str) -> dict[str, Any]:
        """The project's first open step, as the scheduler tells it; its first one when none is open."""
        answer = await self.system.client("scheduler").get(f"/plans/{project}")
        steps: list[dict[str, Any]] = answer.json()["steps"]
        opened = [one for one in steps if one["status"] in {"ARMED", "STARTED", "BLOCKED", "PAUSED"}]
        return (opened or steps)[0]

    async def escalations(self, project: str) -> list[dict[str, Any]]:
        """The project's escalations, oldest first."""
        answer = await self.system.client("scheduler").get("/escalations", params={"project_id": project})
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def said(self, project: str) -> list[str]:
        """What was said about the project, in the feed's order: "step.blocked"."""
        await self.system.quiet()
        client: httpx.AsyncClient = self.system.client("command-office")
        items = (await client.get("/feed", params={"project_id": project, "limit": 500})).json()["items"]
        return [item["type"].removeprefix("cn.sikua.").removesuffix(".v1") for item in items]


async def acting(system: System, *, office: bool = True) -> Acting:
    """Start the owners on addresses of their own, and the command office before them."""
    for name, build in OWNERS.items():
        await system.start(build)
        system.runtime.settings.services[name] = await system.serve(name)
    if office:
        await system.start(build_office)
    return Acting(system)


def after_the_act(service: Service, then: Callable[[], None]) -> None:
    """Do something once, right after an act under a key was committed and before its answer leaves."""
    commit = service.database.commit

    async def commit_and_then(*arguments: Any) -> None:
        await commit(*arguments)
        if await service.database.pool.fetchval("SELECT count(*) FROM idempotency"):
            vars(service.database)["commit"] = commit
            then()

    vars(service.database)["commit"] = commit_and_then
