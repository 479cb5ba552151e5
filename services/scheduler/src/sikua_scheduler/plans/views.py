"""Plans as the API shows them."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel
from sikua_contracts.words import TrackReason

from sikua_scheduler.course import Course, PlanStatus
from sikua_scheduler.following import PLANLESS
from sikua_scheduler.steps.views import StepView
from sikua_scheduler.steps.views import view as step_view


class Reason(BaseModel):
    """Why a project has no plan, in words."""

    code: str
    zh: str
    en: str


class PlanLine(BaseModel):
    """One project in the list of plans; `planless` says why it has none."""

    project_id: str
    name: str
    divisions: list[str]
    version: str | None
    status: PlanStatus | None
    fast_lane: bool | None
    quiet: bool | None
    created_at: AwareDatetime | None
    track_reasons: list[TrackReason]
    planless: Reason | None


class PlanSummary(BaseModel):
    """Counts over all that the reader may see. `steps`: by step and state, items left out."""

    plans: int
    planless: int
    fast_lane: int
    quiet: int
    by_status: dict[str, int]
    by_reason: dict[str, int]
    steps: dict[str, dict[str, int]]


class PlanPage(BaseModel):
    """A page of plans, and the counts over all of them."""

    items: list[PlanLine]
    next: str | None
    summary: PlanSummary


class PlanView(BaseModel):
    """One project's plan with its steps in order; `depends_on` names steps and items that must be done before."""

    project_id: str
    name: str
    version: str
    status: PlanStatus
    fast_lane: bool
    fast_lane_reason: str | None
    quiet: bool
    created_at: AwareDatetime
    tracked: bool
    track_reasons: list[TrackReason]
    steps: list[StepView]
    depends_on: dict[str, list[str]]


def planless(code: str | None) -> Reason | None:
    """The reason in words."""
    return Reason(code=code, zh=PLANLESS[code][0], en=PLANLESS[code][1]) if code else None


def line(row: Any) -> PlanLine:
    """A line of the list."""
    return PlanLine(
        project_id=row["project_id"],
        name=row["name"],
        divisions=row["divisions"],
        version=row["version"],
        status=row["status"],
        fast_lane=row["fast_lane"],
        quiet=row["quiet"],
        created_at=row["created_at"],
        track_reasons=row["track_reasons"] or [],
        planless=planless(row["planless_reason"]),
    )


def view(course: Course) -> PlanView:
    """A plan seen now."""
    plan, track, template = course.plan, course.track, course.setting.template
    return PlanView(
        project_id=plan.project_id,
        name=course.record.name,
        version=plan.version,
        status=plan.status,
        fast_lane=plan.fast_lane,
        fast_lane_reason=plan.fast_lane_reason,
        quiet=plan.quiet,
        created_at=plan.created_at,
        tracked=course.tracked,
        track_reasons=list(track.reasons) if track and track.open else [],
        steps=[step_view(step, course.now, course.setting.calendar) for step in course.steps.values()],
        depends_on={key: list(node.depends_on) for key, node in template.nodes.items()},
    )
