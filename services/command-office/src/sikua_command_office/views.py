"""Shapes that several pages share: an owner, a step as it stands, with names in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sikua_contracts.scheduler import Proof
from sikua_contracts.words import STEP_NAMES, Light, Owner, Rung, StepCode, StepStatus
from sikua_rules.limits import LimitUnit

from sikua_command_office.names import PASSED, STEP_STATUSES, owner_name
from sikua_command_office.projects.cards import Lit
from sikua_command_office.projects.pauses import Interruptions


class OwnerView(BaseModel):
    """Whose turn it is."""

    role: str
    division: str
    name_zh: str
    name_en: str


class StepView(BaseModel):
    """A step with its light. `working_days_left` is negative when overdue; null when no clock runs."""

    step_id: str | None
    code: StepCode
    item: str | None
    name_zh: str
    name_en: str
    status: StepStatus
    status_zh: str
    status_en: str
    light: Light
    owner: OwnerView | None
    consulted: list[OwnerView]
    waiting_for: OwnerView | None
    blocked_reason: str | None
    reason: str | None
    limit_amount: int | None
    limit_unit: LimitUnit | None
    armed_at: AwareDatetime | None
    started_at: AwareDatetime | None
    due_at: AwareDatetime | None
    due_provisional: bool
    completed_at: AwareDatetime | None
    working_days_left: int | None
    overdue_working_days: int
    late_working_days: int
    historic: bool
    tracked: bool
    rung: Rung | None
    accepted: bool
    proof: Proof | None
    pauses: list[Any]
    extensions: list[Any]


def owner_view(owner: Owner) -> OwnerView:
    """An owner with names."""
    zh, en = owner_name(owner)
    return OwnerView(role=owner.role, division=owner.division, name_zh=zh, name_en=en)


def step_view(lit: Lit, interrupted: Mapping[str, Interruptions] | None = None) -> StepView:
    """A step as it stands."""
    step, state = lit.step, lit.step.state
    status_zh, status_en = STEP_STATUSES[state.status]
    between = (interrupted or {}).get(state.step_id, Interruptions())
    resting = state.status in (StepStatus.PAUSED, StepStatus.SKIPPED)
    complete = state.status is StepStatus.COMPLETED
    return StepView(
        step_id=state.step_id,
        code=state.code,
        item=state.item,
        name_zh=state.name_zh,
        name_en=state.name_en,
        status=state.status,
        status_zh=status_zh,
        status_en=status_en,
        light=lit.light,
        owner=owner_view(state.owner),
        consulted=[owner_view(one) for one in state.consulted],
        waiting_for=owner_view(step.waiting_for) if step.waiting_for else None,
        blocked_reason=state.blocked_reason if state.status is StepStatus.BLOCKED else None,
        reason=step.reason if resting else None,
        limit_amount=state.limit_amount,
        limit_unit=state.limit_unit,
        armed_at=state.armed_at,
        started_at=state.started_at,
        due_at=state.due_at,
        due_provisional=state.due_provisional,
        completed_at=state.completed_at if complete else None,
        working_days_left=lit.left,
        overdue_working_days=lit.overdue,
        late_working_days=step.late_working_days if complete else 0,
        historic=step.historic,
        tracked=state.tracked,
        rung=step.rung,
        accepted=step.accepted,
        proof=step.proof if complete else None,
        pauses=between.pauses,
        extensions=between.extensions,
    )


def step_unspoken(code: StepCode, *, passed: bool = False) -> StepView:
    """One of the nine steps that nobody has spoken of: not begun, or `passed` before the project's record began."""
    name_zh, name_en = STEP_NAMES[code]
    status_zh, status_en = PASSED if passed else STEP_STATUSES[StepStatus.NOT_STARTED]
    nothing = dict.fromkeys(
        (
            *("step_id", "item", "owner", "waiting_for", "blocked_reason", "reason", "limit_amount", "limit_unit"),
            *("armed_at", "started_at", "due_at", "completed_at", "working_days_left", "rung", "proof"),
        )
    )
    return StepView(
        **nothing,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        status=StepStatus.NOT_STARTED,
        status_zh=status_zh,
        status_en=status_en,
        light=Light.GREY,
        due_provisional=False,
        overdue_working_days=0,
        late_working_days=0,
        historic=False,
        tracked=False,
        accepted=False,
        consulted=[],
        pauses=[],
        extensions=[],
    )
