"""The scheduler: what it needs and how it is wired."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from sikua_chassis.application import together
from sikua_chassis.service import Runtime, Service

from sikua_scheduler import ladder, plan
from sikua_scheduler.calendars.api import router as calendars
from sikua_scheduler.escalations.api import router as escalations
from sikua_scheduler.flow import FLOW
from sikua_scheduler.plans.api import router as plans
from sikua_scheduler.policies import Policies
from sikua_scheduler.steps.api import router as steps
from sikua_scheduler.tracks.api import router as tracks

HERE = Path(__file__).parent
PLAN_IN_FORCE = "default.v1"
LADDER_IN_FORCE = "default.v1"


def build(runtime: Runtime) -> Service:
    """The service, ready to be started alone or mounted."""
    router = together(steps, plans, tracks, escalations, calendars)
    return Service(
        name="scheduler",
        title="sikua scheduler 调度",
        flow=FLOW,
        router=router,
        migrations=HERE / "migrations",
        runtime=runtime,
        tools=policies(),
    )


def policies() -> Policies:
    """Every version of the plan that was shipped, the one in force, and the ladder. Raises ValueError for a bad file."""
    plans_shipped = [plan.parse(document) for document in _documents("plans")]
    ladders = {one.version: one for one in map(ladder.parse, _documents("ladders"))}
    by_version = {one.version: one for one in plans_shipped}
    return Policies(by_version, by_version[PLAN_IN_FORCE], ladders[LADDER_IN_FORCE])


def _documents(folder: str) -> list[Any]:
    # The parser in C where PyYAML has it: a tenth of the time, and a start reads every version that was shipped.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [yaml.load(path.read_bytes(), loader) for path in sorted((HERE / folder).glob("*.yaml"))]
