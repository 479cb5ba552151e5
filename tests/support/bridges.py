"""Real bridges before real simulated departments, without a registry: the test says what the registry would say."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sikua_bridge.settings import BridgeSettings
from sikua_chassis.service import Runtime, Service
from sikua_contracts.registry import ProjectEnriched, ProjectRegistered, Record
from sikua_contracts.words import ProjectStatus
from sikua_simulators.departments import Departments
from sikua_simulators.departments.approvals import Approval
from sikua_simulators.departments.companies import Company
from sikua_simulators.departments.seeds import ProjectSeed
from support.system import System

_MOST_TRIED = 400

QUICK: dict[str, Any] = {"retry_first_seconds": 0.01, "timeout_seconds": 3.0, "breaker_rest_seconds": 0.01}
"""Settings under which a fault on the way is over within a test's patience."""


def build_of_bridge(name: str, url: str, **settings: Any) -> Callable[[Runtime], Service]:
    """The `build` of a department's bridge that asks at this address."""
    build = importlib.import_module(f"sikua_{name}_bridge.app").build
    given = BridgeSettings(**{**QUICK, **settings, "department_url": url})

    def built(runtime: Runtime) -> Service:
        made: Service = build(runtime, given)
        return made

    return built


@dataclass
class Bridges:
    """The departments, and those of their bridges that were started."""

    system: System
    departments: Departments
    _records: dict[str, Record] = field(default_factory=dict)

    async def start(self, *names: str, **settings: Any) -> None:
        """Start the bridges of these departments (`tax`, `reform`, `finance`)."""
        for name in names:
            await self.system.start(build_of_bridge(name, self.departments.urls[name], **settings))

    def seek(self, fits: Callable[[Approval], bool], *, established: bool = False, **seed: Any) -> Approval:
        """Enter projects into the departments' books until one fits; it. `established`: of a company long there."""
        for number in range(_MOST_TRIED):
            investor = f"第{number}号集团有限公司" if established else ""
            words = {"name": f"第{number}号产业园项目", "division": "370211", "investor": investor, **seed}
            entered = self.departments.books.add(ProjectSeed(**words))
            if fits(entered):
                return entered
        raise AssertionError("no made-up project fits")

    def rewrite(self, company: Company, **timelines: Any) -> Company:
        """Write other timelines into the books for a company."""
        written = replace(company, **timelines)
        self.departments.books.companies[company.uscc] = written
        return written

    async def register(self, project_id: str, name: str = "某某产业园项目", **more: Any) -> None:
        """The registry says that a project is there; done when everything it leads to is done."""
        await self.announce(project_id, name, **more)
        await self.system.quiet()

    async def announce(self, project_id: str, name: str = "某某产业园项目", **more: Any) -> None:
        """Say it, without waiting."""
        fields = {"project_id": project_id, "version": 1, "status": ProjectStatus.ACTIVE, "name": name, **more}
        self._records[project_id] = Record(**{"divisions": ["370211"], **fields})
        await self.system.say("registry", ProjectRegistered(record=self._records[project_id], registered_by="test"))

    async def show(self, project_id: str, **changed: Any) -> None:
        """The registry says that the record has changed; done when everything it leads to is done."""
        before = self._records[project_id]
        self._records[project_id] = before.model_copy(update={"version": before.version + 1, **changed})
        said = ProjectEnriched(record=self._records[project_id], changed=sorted(changed), fact_ids=[])
        await self.system.say("registry", said)
        await self.system.quiet()

    def record(self, project_id: str) -> Record:
        """The record as it was last said."""
        return self._records[project_id]

    async def days(self, days: float) -> None:
        """Turn business time by so many days, and wait until everything is quiet."""
        await self.system.turn_to(self.system.runtime.clock.now() + timedelta(days=days))

    async def said(self, name: str, project_id: str | None = None) -> list[dict[str, Any]]:
        """What a bridge said, in order: the data of each event with its last word of type as `said`."""
        rows = await self.rows(
            name,
            "SELECT type, payload FROM published WHERE $1::text IS NULL OR aggregateid = $1 ORDER BY position",
            project_id,
        )
        return [{**row["payload"], "said": row["type"].split(".")[3]} for row in rows]

    async def rows(self, name: str, sql: str, *arguments: Any) -> Sequence[Any]:
        """Rows of a bridge's own schema."""
        found: list[Any] = await self.system.services[f"{name}-bridge"].database.pool.fetch(sql, *arguments)
        return found

    async def page(self, name: str, path: str, **query: Any) -> list[dict[str, Any]]:
        """The items of a page that an operator reads."""
        answer = await self.system.client(f"{name}-bridge", "operator").get(path, params=query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def enquiry(self, name: str, dataset: str) -> dict[str, Any]:
        """The only enquiry of a dataset."""
        (found,) = await self.page(name, "/enquiries", dataset=dataset)
        return found

    def calls(self, name: str) -> int:
        """How often a department was called."""
        return self.departments.calls[name].total


def values_of(fact: dict[str, Any]) -> dict[str, Any]:
    """The values of a reported fact by field."""
    return {value["field"]: value["value"] for value in fact["values"]}
