"""Steps as the API shows them: the state events carry, with light, working days left, proof, and what comes next."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel
from sikua_contracts.scheduler import StepState
from sikua_contracts.words import Light, Owner, Rung
from sikua_rules.lights import light, working_days_left
from sikua_rules.working_days import WorkCalendar

from sikua_scheduler.course import Course
from sikua_scheduler.due import account_of, due_of, extension_of
from sikua_scheduler.proof import supports
from sikua_scheduler.step import Step


class StepView(StepState):
    """A step with what can be derived now. `working_days_left` is negative when overdue."""

    light: Light
    working_days_left: int | None
    historic: bool
    consulted: list[Owner]
    blocked_since: AwareDatetime | None
    waiting_for: Owner | None
    extension_amount: int
    proof: dict[str, Any] | None
    next_rung: Rung | None
    next_rung_at: AwareDatetime | None


class ProofWanted(BaseModel):
    """A condition over the record that completes the step by itself."""

    name: str
    zh: str
    en: str
    fields: list[str]


class Evidence(BaseModel):
    """What the record says for the step without completing it; `met` null: nothing known."""

    field: str
    value: Any
    stated_by: str | None
    met: bool | None
    zh: str
    en: str


class PauseView(BaseModel):
    """A time in which the clock stood still."""

    since: AwareDatetime
    until: AwareDatetime | None
    reason: str
    document: str
    of_project: bool
    by: str
    resumed_document: str | None
    resumed_by: str | None


class StepDetail(StepView):
    """One step with what completes it, what speaks for it, and its pauses."""

    evidence_zh: str
    evidence_en: str
    basis: str
    proofs: list[ProofWanted]
    supports: list[Evidence]
    pauses: list[PauseView]


class DayView(BaseModel):
    """One day of the reckoning; `ordinal` numbers the counted ones."""

    date: str
    counted: bool
    ordinal: int | None
    kind: str
    text_zh: str
    text_en: str


class DueView(BaseModel):
    """How the due moment follows, day by day. `due_at` is null while the clock stands still or doesn't run yet."""

    step_id: str
    armed_at: AwareDatetime | None
    limit_amount: int
    limit_unit: str
    extension: dict[str, Any] | None
    pauses: list[PauseView]
    due_at: AwareDatetime | None
    provisional: bool
    calendar_version: int
    basis: str
    plan_version: str
    fast_lane: bool
    days: list[DayView]


def view(step: Step, now: Any, calendar: WorkCalendar) -> StepView:
    """A step seen now."""
    return StepView(**_shown(step, now, calendar))


def detail(course: Course, step: Step) -> StepDetail:
    """A step with what surrounds it."""
    node = course.setting.template.node(step.key)
    return StepDetail(
        **_shown(step, course.now, course.setting.calendar),
        evidence_zh=node.evidence.zh,
        evidence_en=node.evidence.en,
        basis=node.basis,
        proofs=[ProofWanted(name=one.name, zh=one.zh, en=one.en, fields=list(one.fields())) for one in node.proofs],
        supports=[Evidence(**vars(one)) for one in supports(node.supports, course.record, course.now)],
        pauses=_pauses(course, step),
    )


def account(course: Course, step: Step) -> DueView:
    """The day-by-day account of a step's due moment."""
    due = due_of(step, course.pauses, course.setting.calendar)
    extension = step.extension
    return DueView(
        step_id=step.step_id,
        armed_at=step.armed_at,
        limit_amount=step.limit.amount,
        limit_unit=step.limit.unit,
        extension=dict(vars(extension)) if extension else None,
        pauses=_pauses(course, step),
        due_at=due.at,
        provisional=due.provisional,
        calendar_version=course.setting.calendar.version,
        basis=course.setting.template.node(step.key).basis,
        plan_version=course.plan.version,
        fast_lane=course.plan.fast_lane,
        days=[
            DayView(
                date=day.date.isoformat(),
                counted=day.counted,
                ordinal=day.ordinal,
                kind=day.kind,
                text_zh=day.text_zh,
                text_en=day.text_en,
            )
            for day in account_of(step, course.pauses, course.setting.calendar)
        ],
    )


def _shown(step: Step, now: Any, calendar: WorkCalendar) -> dict[str, Any]:
    state = step.state()
    measured = step.is_running and step.due_at is not None
    return {
        **{name: getattr(state, name) for name in StepState.model_fields},
        "light": Light(light(step.status, step.due_at, now, calendar)),
        "working_days_left": working_days_left(step.due_at, now, calendar) if measured and step.due_at else None,
        "historic": step.historic,
        "consulted": list(step.consulted),
        "blocked_since": step.block.since if step.block else None,
        "waiting_for": step.block.waiting_for if step.block else None,
        "extension_amount": extension_of(step),
        "proof": step.proof,
        "next_rung": step.next_rung,
        "next_rung_at": step.next_rung_at,
    }


def _pauses(course: Course, step: Step) -> list[PauseView]:
    names = PauseView.model_fields
    return [PauseView(**{name: getattr(one, name) for name in names}) for one in course.pauses_of(step)]
