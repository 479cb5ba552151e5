"""A department took back what proved a step: the step opens again, unless the record proves it all the same.

What was taken back is set aside on the step (`refuted`), so a step that cannot be opened yet, because the project is
suspended or an earlier step is open, is opened when it can be.
"""

from __future__ import annotations

from collections.abc import Collection

from sikua_contracts.registry import Record
from sikua_contracts.words import StepCode

from sikua_scheduler.course import SCHEDULER, Course, PlanStatus
from sikua_scheduler.progress import reopen
from sikua_scheduler.proof import proven
from sikua_scheduler.step import Step
from sikua_scheduler.transitions import DONE, ActRefused

_WHY = ("作为办结依据的事实已被撤回", "the fact that proved it was taken back")


def set_aside(course: Course, fact_ids: Collection[str], before: Record) -> None:
    """Mark the steps that these facts, now taken back, had proven; `before` is the record with them."""
    for step in list(course.steps.values()):
        linked = _link(course, step)
        if linked is None or linked in step.refuted:
            continue
        if linked in fact_ids or (_proves(course, step, before) and not _proves(course, step, course.record)):
            course.put(step, refuted=(*step.refuted, linked))


def open_again(course: Course, reason: str | None = None) -> None:
    """Reopen every complete step whose proof was set aside and that nothing else in the record proves.

    A project whose construction has started keeps its earlier steps; only the proof of the start itself counts then.
    """
    if course.plan.status not in (PlanStatus.OPEN, PlanStatus.FINISHED):
        return
    why = (f"{_WHY[0]}：{reason} · {_WHY[1]}: {reason}") if reason else f"{_WHY[0]} · {_WHY[1]}"
    for key in list(course.steps):
        step = course.steps[key]
        finished = course.plan.status is PlanStatus.FINISHED and step.code is not StepCode.START
        if finished or _link(course, step) not in step.refuted or _proves(course, step, course.record):
            continue
        try:
            reopen(course, step, why, SCHEDULER)
        except ActRefused:
            # An earlier step is open, or items are: it stays marked, and is looked at again.
            continue


def _link(course: Course, step: Step) -> str | None:
    """The fact by which the record completed the step; None for one that is open, or was completed otherwise."""
    proof = step.proof or {}
    names = {proving.name for proving in course.setting.template.node(step.key).proofs}
    if step.status not in DONE or proof.get("name") not in names:
        return None
    linked = proof.get("fact_id")
    return str(linked) if linked is not None else None


def _proves(course: Course, step: Step, record: Record) -> bool:
    """Whether this record proves the step by something that was not set aside."""
    shown = proven(course.setting.template.node(step.key).proofs, record, course.now)
    return shown is not None and (shown.proof.fact_id or shown.proof.document) not in step.refuted
