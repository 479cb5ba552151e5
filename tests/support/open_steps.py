"""Steps whose turn it is, as the command office holds them: one of the quota step, blocked when it waits for somebody."""

from __future__ import annotations

from datetime import datetime

from sikua_command_office.projects.cards import Step
from sikua_contracts.scheduler import StepState
from sikua_contracts.words import STEP_NAMES, Owner, StepCode, StepStatus
from sikua_rules.limits import LimitUnit


def quota_step(
    step_id: str, project: str, owner: Owner, clock: tuple[datetime, datetime], waiting_for: Owner | None
) -> Step:
    """`clock`: when it was armed, and when it is due."""
    armed_at, due_at = clock
    zh, en = STEP_NAMES[StepCode.QUOTA]
    state = StepState(
        step_id=step_id,
        project_id=project,
        project_name=project,
        code=StepCode.QUOTA,
        name_zh=zh,
        name_en=en,
        owner=owner,
        status=StepStatus.BLOCKED if waiting_for else StepStatus.STARTED,
        limit_amount=20,
        limit_unit=LimitUnit.WORKING_DAY,
        armed_at=armed_at,
        due_at=due_at,
    )
    return Step(state, waiting_for=waiting_for)
