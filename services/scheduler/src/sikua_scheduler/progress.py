"""How a plan moves: steps are armed when their time has come, completed by proof or document, and reopened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sikua_contracts.scheduler import (
    Proof,
    StepArmed,
    StepCompleted,
    StepReopened,
    StepRescheduled,
    StepSkipped,
)
from sikua_contracts.words import StepCode, StepStatus

from sikua_scheduler.course import SCHEDULER, Course, PlanStatus
from sikua_scheduler.plan import ready
from sikua_scheduler.proof import proven
from sikua_scheduler.scheduling import close_track
from sikua_scheduler.step import Step
from sikua_scheduler.transitions import DONE, Act, ActRefused, Reason, allow

_CLEARED: dict[str, Any] = {"block": None, "before_pause": None}


def advance(course: Course, historic: bool = False) -> None:
    """Arm what is ready and complete what is proven, until nothing follows. A held project does not move."""
    moved = True
    while moved and course.plan.status is PlanStatus.OPEN:
        armed = [_arm(course, course.steps[key], historic) for key in ready(course.setting.template, course.steps)]
        moved = prove(course) or bool(armed)


def prove(course: Course) -> bool:
    """Complete the open steps that the record proves. True when there was any."""
    found = False
    for key in list(course.steps):
        step = course.steps[key]
        if not step.is_open:
            continue
        shown = proven(course.setting.template.node(key).proofs, course.record, course.now)
        if shown is None or (shown.proof.fact_id or shown.proof.document) in step.refuted:
            continue
        complete(course, step, shown.proof, name=shown.name)
        found = True
    return found


def complete(course: Course, step: Step, proof: Proof, name: str = "document") -> Step:
    """Complete an open step; its items' last completion completes the step above. Raises ActRefused."""
    to = allow(step.status, Act.COMPLETE)
    if any(item.status not in DONE for item in course.items(step)):
        raise ActRefused(Reason.ITEMS_OPEN, items=[one.key for one in course.items(step) if one.status not in DONE])
    overdue = course.overdue(step)
    _end_pauses(course, step)
    stored = {**proof.model_dump(), "name": name}
    done = course.put(step, status=to, completed_at=course.now, proof=stored, **_CLEARED)
    course.say(StepCompleted(step=done.state(), proof=proof, overdue_working_days=overdue))
    course.resolve_all(done, "环节已办结 · the step is complete")
    _finish_parent(course, done)
    if done.code is StepCode.START:
        _finish_plan(course)
    return done


def skip(course: Course, step: Step, reason: str, by: str) -> Step:
    """Mark a step as not applicable, its open items with it. Raises ActRefused."""
    to = allow(step.status, Act.SKIP)
    for item in course.items(step):
        if item.status not in DONE:
            _skip_one(course, item, to, reason, by)
    skipped = _skip_one(course, step, to, reason, by)
    _finish_parent(course, skipped)
    if skipped.code is StepCode.START:
        _finish_plan(course)
    return skipped


def reopen(course: Course, step: Step, reason: str, by: str) -> Step:
    """Open a complete step again under a new clock; steps armed because of it wait again. Raises ActRefused."""
    allow(step.status, Act.REOPEN)
    if course.items(step):
        raise ActRefused(Reason.REOPEN_AN_ITEM, items=[one.key for one in course.items(step)])
    before = course.setting.template.ancestors(step.key)
    open_before = sorted(key for key in before if course.steps[key].status not in DONE)
    if open_before:
        raise ActRefused(Reason.PREDECESSOR_OPEN, predecessors=open_before)
    parent = course.parent(step)
    if course.plan.status is PlanStatus.FINISHED:
        _unfinish_plan(course)
    if parent is not None and parent.status in DONE:
        _reopen_one(course, parent, reason, by)
    opened = _reopen_one(course, step, reason, by)
    for key in list(course.steps):
        if step.key in course.setting.template.ancestors(key) or (
            parent is not None and parent.key in course.setting.template.ancestors(key)
        ):
            _disarm(course, course.steps[key], opened)
    return opened


def _arm(course: Course, step: Step, historic: bool) -> Step:
    node = course.setting.template.node(step.key)
    armed = course.put(
        step,
        status=allow(step.status, Act.ARM),
        armed_at=course.now,
        limit=node.limit.of(course.plan.fast_lane),
        cycle=step.cycle + 1,
        coordination=step.coordination + 1,
        policy=course.setting.ladder.frozen_for(node.rungs),
        historic=historic,
        tracked=course.tracked,
        started_at=None,
        completed_at=None,
        proof=None,
    )
    course.say(StepArmed(step=armed.state(), historic=historic))
    return armed


def _reopen_one(course: Course, step: Step, reason: str, by: str) -> Step:
    proof = step.proof or {}
    linked = proof.get("fact_id") or (proof.get("document") if proof.get("name") != "document" else None)
    node = course.setting.template.node(step.key)
    opened = course.put(
        step,
        status=StepStatus.ARMED,
        armed_at=course.now,
        started_at=None,
        completed_at=None,
        cycle=step.cycle + 1,
        coordination=step.coordination + 1,
        policy=course.setting.ladder.frozen_for(node.rungs),
        historic=False,
        tracked=course.tracked,
        proof=None,
        refuted=(*step.refuted, linked) if linked and linked not in step.refuted else step.refuted,
    )
    course.say(StepReopened(step=opened.state(), reason=reason, by=by))
    return opened


def _disarm(course: Course, step: Step, because: Step) -> None:
    if not step.is_open:
        return
    _end_pauses(course, step)
    due_before = step.due_at
    waiting = course.put(
        step,
        status=allow(step.status, Act.DISARM),
        armed_at=None,
        started_at=None,
        due_at=None,
        due_provisional=False,
        **_CLEARED,
    )
    reason = f"前置环节“{because.name_zh}”已重开，本环节停止计时 · waits again: {because.name_en} was reopened"
    course.say(StepRescheduled(step=waiting.state(), due_before=due_before, reason=reason))
    course.resolve_all(waiting, reason)


def _skip_one(course: Course, step: Step, to: StepStatus | None, reason: str, by: str) -> Step:
    _end_pauses(course, step)
    skipped = course.put(step, status=to, completed_at=course.now, **_CLEARED)
    course.say(StepSkipped(step=skipped.state(), reason=reason, by=by))
    course.resolve_all(skipped, "环节不适用 · the step does not apply", by)
    return skipped


def _finish_parent(course: Course, item: Step) -> None:
    parent = course.parent(item)
    if parent is None or not parent.is_open:
        return
    items = course.items(parent)
    if all(one.status in DONE for one in items):
        names = "、".join(one.name_zh for one in items)
        document = f"全部分项已办结：{names} · all items done: {', '.join(one.name_en for one in items)}"
        complete(course, parent, Proof(document=document, stated_by=SCHEDULER), name="items")


def _end_pauses(course: Course, step: Step) -> None:
    for pause in course.pauses_of(step):
        if pause.until is None:
            course.put_pause(replace(pause, until=course.now, resumed_by=SCHEDULER))


def _finish_plan(course: Course) -> None:
    course.plan = replace(course.plan, status=PlanStatus.FINISHED)
    if course.track is not None and course.track.open:
        close_track(course, "项目已开工 · construction has started", SCHEDULER)


def _unfinish_plan(course: Course) -> None:
    course.plan = replace(course.plan, status=PlanStatus.OPEN)
