"""A city in which something of everything has happened, by the public routes alone; it is lived in once for many tests."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from support import kafka, postgres
from support.processes import Sikua
from support.seven import Seven
from support.up_city import UpCity, running_up

HOSTILE = "<img src=x onerror=\"document.title='broken in'\">\u202egnp.exe"
LATE = "黄岛新材料产业园"
UNBLOCKED = "即墨医药港"
DISPUTED = "崂山生物医药园"
LONG = "很长的名字" * 20
ACROSS = ("370211", "370215")
BLOCK = {"reason": "用地规模不足", "waiting_for": {"role": "natural_resources", "division": "370200"}}
DAYS = timedelta(days=40)

Form = Callable[[Path, Mapping[str, str]], Sikua]
FORMS: dict[str, Form] = {"embedded": Sikua, "on Kafka": Seven}


@dataclass
class LivedCity:
    """The running system; projects by name: blocked ones, one that is only late, and one of whose facts two accounts differ."""

    city: UpCity[Sikua]
    projects: dict[str, str]

    async def project(self, name: str, *divisions: str) -> str:
        """A new project whose first step runs, and which the command office knows of."""
        made = await registered(self.city, name, divisions or ACROSS[:1])
        await self.city.quiet()
        return made

    async def step(self, project: str) -> str:
        """The project's first open step."""
        answer = await self.city.client("scheduler", "command_office").get(f"/plans/{project}")
        return next(str(one["step_id"]) for one in answer.json()["steps"] if one["status"] == "ARMED")

    async def said(self, project: str) -> list[str]:
        """What was said about the project, in the feed's order: "step.blocked"."""
        await self.city.quiet()
        office = self.city.client("command-office", "command_office")
        items = (await office.get("/feed", params={"project_id": project, "limit": 500})).json()["items"]
        return [item["type"].removeprefix("cn.sikua.").removesuffix(".v1") for item in items]

    async def code(self, role: str, **claims: str) -> str:
        """A one-time code that stands for a new token of this role."""
        answer = await self.city.client("command-office", role, **claims).post("/sign-in-codes")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["code"])


async def registered(city: UpCity[Any], name: str, divisions: tuple[str, ...]) -> str:
    """Bring a project into the registry; its id."""
    registry = city.client("registry", "command_office")
    body = {"name": name, "divisions": list(divisions), "total_investment_wan": "300000"}
    answer = await registry.post("/projects", json=body, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["project_id"])


@asynccontextmanager
async def lived_city(form: str) -> AsyncIterator[LivedCity]:
    """The system in this form on the run's PostgreSQL and Kafka, after forty days of business time."""
    folder = Path(tempfile.mkdtemp(prefix="sikua-page-", dir=postgres.fast_folder()))
    try:
        async with postgres.fresh() as url, _bus(form) as bus, running_up(_of(form, folder, url, bus), {}) as city:
            yield LivedCity(city, await _live(city))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _of(form: str, folder: Path, url: str, bus: Mapping[str, str]) -> Callable[[Mapping[str, str]], Sikua]:
    return lambda variables: FORMS[form](folder / "place", {**variables, **bus, "SIKUA_DATABASE_URL": url})


@asynccontextmanager
async def _bus(form: str) -> AsyncIterator[dict[str, str]]:
    if FORMS[form] is Sikua:
        yield {}
        return
    bootstrap = (await asyncio.to_thread(kafka.started)).bootstrap
    prefix = await kafka.fresh_topics(bootstrap)
    yield {"SIKUA_KAFKA_BOOTSTRAP": bootstrap, "SIKUA_KAFKA_PREFIX": prefix}
    await kafka.drop_topics(bootstrap, prefix)


async def _live(city: UpCity[Sikua]) -> dict[str, str]:
    blocked = {name: await registered(city, name, ACROSS) for name in (LATE, HOSTILE, LONG)}
    other = {UNBLOCKED: await registered(city, UNBLOCKED, ("370215",))}
    disputed = {DISPUTED: await registered(city, DISPUTED, ("370212",))}
    await city.quiet()
    scheduler = city.client("scheduler", "command_office")
    for project in blocked.values():
        steps = (await scheduler.get("/steps", params={"project_id": project, "status": "ARMED"})).json()["items"]
        answer = await scheduler.post(f"/steps/{steps[0]['step_id']}/block", json=BLOCK)
        assert answer.status_code == 200, answer.text
    await _state(city, *disputed.values())
    await city.quiet()
    await city.turn(city.now() + DAYS)
    await city.quiet()
    return blocked | other | disputed


async def _state(city: UpCity[Sikua], project: str) -> None:
    """A department states another investment than the ledger's."""
    fact = {
        "dataset": "reform.project",
        "subject": {"project_id": project},
        "values": {"total_investment_wan": "280000"},
        "as_of": city.now().isoformat(),
        "basis": "正式函告",
    }
    bridge = city.client("reform-bridge", "department_system", unit="reform")
    answer = await bridge.post("/facts", json={"batch_id": "lived", "facts": [fact]})
    assert [one["verdict"] for one in answer.json()["verdicts"]] == ["accepted"], answer.text
