"""What happens on the ladder: rungs are reached, accepted, pushed higher by order, put right."""

from __future__ import annotations

from dataclasses import replace

from sikua_contracts.scheduler import EscalationAcknowledged, EscalationRaised
from sikua_contracts.words import Rung, TrackReason

from sikua_scheduler.course import Course, PlanStatus, cycle_of
from sikua_scheduler.ladder import BY_ORDER, ORDER, Reached, RungTemplate, recipients, waits_until, words
from sikua_scheduler.refusals import RuleError
from sikua_scheduler.scheduling import open_track
from sikua_scheduler.step import Escalation, Step

WORDS: dict[str, tuple[str, str]] = {
    "already-resolved": ("督办已办结", "the escalation is resolved already"),
    "already-acknowledged": ("督办已签收", "the escalation is acknowledged already"),
    "top-already": ("已是顶格推进", "this is the top of the ladder already"),
    "rung-not-higher": ("只能提升到更高一级", "it can only be raised to a higher rung"),
    "rung-already-raised": ("该级督办已发出", "that rung has been raised already"),
    "step-not-open": ("环节不在办理中，不能再提升", "the step is not open, so nothing can be raised on it"),
}


class ClimbRefused(RuleError):
    """An act on an escalation was refused."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, *WORDS[reason])


def climb(course: Course, step: Step) -> list[Escalation]:
    """Raise every rung whose moment has come, lowest first, missed ones too, each once; set the next moment."""
    found = []
    coming = course.reached(step)
    while coming is not None and coming.at <= course.now:
        found.append(_raise(course, step, coming))
        step = course.put(step)
        coming = course.reached(step)
    if not found:
        course.put(step)
    return found


def acknowledge(course: Course, escalation: Escalation, by: str) -> Escalation:
    """Somebody accepts the escalation: higher rungs wait, until a moment that is computed once."""
    if not escalation.open:
        raise ClimbRefused("already-resolved")
    if escalation.acknowledged_at is not None:
        raise ClimbRefused("already-acknowledged")
    step = _step(course, escalation)
    policy = course.policy_of(step) or course.setting.ladder
    until = waits_until(policy, course.now, course.setting.calendar)
    accepted = replace(escalation, acknowledged_at=course.now, acknowledged_by=by, waits_until=until)
    course.put_escalation(accepted)
    step = course.put(step)
    course.say(
        EscalationAcknowledged(
            escalation_id=escalation.escalation_id, rung=escalation.rung, step=step.state(), by=by, waits_until=until
        )
    )
    return accepted


def push(course: Course, escalation: Escalation, to: Rung | None, reason: str, by: str) -> Escalation:
    """Raise to the next rung, or a named higher one, by order; above red the order also opens a track."""
    if not escalation.open:
        raise ClimbRefused("already-resolved")
    step = _step(course, escalation)
    if not step.is_open or course.plan.status is not PlanStatus.OPEN:
        raise ClimbRefused("step-not-open")
    target = to or _next_above(escalation.rung)
    if target is None:
        raise ClimbRefused("top-already")
    if ORDER.index(target) <= ORDER.index(escalation.rung):
        raise ClimbRefused("rung-not-higher")
    if target in course.raised(step):
        raise ClimbRefused("rung-already-raised")
    template = course.setting.ladder.template(target) or RungTemplate(rung=target, overdue=1, recipients=("owner",))
    if template.tracked_only and not course.tracked:
        open_track(course, [TrackReason.ORDER], by, reason)
        step = _step(course, escalation)
    pushed = _raise(course, step, Reached(target, course.now, BY_ORDER), template, reason)
    course.put(step)
    return pushed


def resolve(course: Course, escalation: Escalation, resolution: str, by: str) -> Escalation:
    """Put the escalation right; rungs that would have followed from it no longer come."""
    if not escalation.open:
        raise ClimbRefused("already-resolved")
    resolved = course.resolve(escalation, resolution, by)
    course.put(_step(course, escalation))
    return resolved


def _raise(
    course: Course, step: Step, reached: Reached, template: RungTemplate | None = None, reason: str | None = None
) -> Escalation:
    policy = course.policy_of(step) or course.setting.ladder
    found = template or policy.template(reached.rung)
    if found is None:
        raise LookupError(f"{reached.rung} is not on the ladder of {step.key}")
    overdue = course.overdue(step)
    hears = recipients(found, step, course.crosses_district, course.setting.template.city)
    raised = Escalation(
        escalation_id=course.setting.new_id(),
        step_id=step.step_id,
        project_id=step.project_id,
        rung=reached.rung,
        cycle=cycle_of(step, reached.rung),
        raised_at=course.now,
        reason=reason or words(reached, found, step, overdue),
        recipients=hears,
        overdue_working_days=overdue,
        quiet=course.plan.quiet,
        forced=reached.forced,
    )
    course.put_escalation(raised)
    course.say(
        EscalationRaised(
            escalation_id=raised.escalation_id,
            rung=raised.rung,
            step=step.state(),
            recipients=list(hears),
            reason=raised.reason,
            overdue_working_days=overdue,
            quiet=raised.quiet,
        )
    )
    return raised


def _step(course: Course, escalation: Escalation) -> Step:
    return next(one for one in course.steps.values() if one.step_id == escalation.step_id)


def _next_above(rung: Rung) -> Rung | None:
    place = ORDER.index(rung) + 1
    return ORDER[place] if place < len(ORDER) else None
