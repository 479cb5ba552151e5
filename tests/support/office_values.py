"""Values that the command office's pure parts reckon with: projects and steps at a moment that the test chooses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sikua_command_office.projects.cards import Lamps, Project, Step
from sikua_contracts.scheduler import StepState
from sikua_contracts.words import STEP_NAMES, Owner, ProjectStatus, StepCode, StepStatus
from sikua_rules.limits import LimitUnit
from sikua_rules.working_days import WorkCalendar

NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
"""A Wednesday, 10:00 in Shanghai."""

CALENDAR = WorkCalendar.official()
LAMPS = Lamps(NOW, CALENDAR)
RESOURCES = Owner(role="natural_resources", division="370200")


def a_project(project_id: str = "p", **more: Any) -> Project:
    """A project on the books."""
    given: dict[str, Any] = {"name": f"项目{project_id}", "status": ProjectStatus.ACTIVE, "divisions": ("370211",)}
    return Project(project_id, **{**given, **more})


def a_step(
    project_id: str = "p",
    code: StepCode = StepCode.QUOTA,
    *,
    days: int | None = 0,
    status: StepStatus = StepStatus.STARTED,
    item: str | None = None,
    waiting_for: Owner | None = None,
    **more: Any,
) -> Step:
    """A step that is due `days` calendar days from NOW; None: without a due moment."""
    name_zh, name_en = STEP_NAMES[code]
    given: dict[str, Any] = {
        "owner": RESOURCES,
        "limit_amount": 20,
        "limit_unit": LimitUnit.WORKING_DAY,
        "armed_at": NOW - timedelta(days=90),
        "due_at": None if days is None else NOW + timedelta(days=days),
    }
    state = StepState(
        step_id=f"{project_id}-{code}-{item}",
        project_id=project_id,
        project_name=project_id,
        code=code,
        item=item,
        name_zh=name_zh,
        name_en=name_en,
        status=status,
        **{**given, **more},
    )
    return Step(state, waiting_for=waiting_for)
