"""What officers do to a step beside completing it: each act checked against the table, each saying what it caused."""

from __future__ import annotations

from dataclasses import replace
from math import floor

from sikua_contracts.scheduler import (
    StepBlocked,
    StepExtended,
    StepPaused,
    StepReassigned,
    StepResumed,
    StepStarted,
    StepUnblocked,
)
from sikua_contracts.words import Owner, Rung, StepStatus

from sikua_scheduler.course import SCHEDULER, Course, PlanStatus, brought_by_block
from sikua_scheduler.step import Block, Extension, Pause, Step
from sikua_scheduler.transitions import Act, ActRefused, Reason, allow


def require_open_plan(course: Course) -> None:
    """Refuse every act on a project that is suspended or closed. A finished plan answers by its steps' states."""
    if course.plan.status is PlanStatus.CLOSED:
        raise ActRefused(Reason.PLAN_CLOSED)
    if course.plan.status is PlanStatus.SUSPENDED:
        raise ActRefused(Reason.PROJECT_SUSPENDED)


def start(course: Course, step: Step, by: str) -> Step:
    """The owner takes the step up."""
    started = course.put(step, status=allow(step.status, Act.START), started_at=course.now)
    course.say(StepStarted(step=started.state(), by=by))
    return started


def block(course: Course, step: Step, reason: str, waiting_for: Owner | None, by: str) -> Step:
    """Something holds the step up (堵点). The clock runs on."""
    to = allow(step.status, Act.BLOCK)
    held = Block(course.now, reason, waiting_for, step.status)
    blocked = course.put(step, status=to, block=held)
    course.say(StepBlocked(step=blocked.state(), reason=reason, waiting_for=waiting_for, by=by))
    return blocked


def unblock(course: Course, step: Step, resolution: str, by: str) -> Step:
    """What held the step up is gone; coordination that the block alone had called for is put right."""
    allow(step.status, Act.UNBLOCK)
    raised = course.raised(step)
    called = brought_by_block(raised.get(Rung.COORDINATE))
    before = step.block.before if step.block else StepStatus.STARTED
    changes = {"coordination": step.coordination + 1} if called else {}
    freed = course.put(step, status=before, block=None, **changes)
    course.say(StepUnblocked(step=freed.state(), resolution=resolution, by=by))
    if called:
        for rung in (Rung.COORDINATE, Rung.TOP):
            if rung in raised and raised[rung].open:
                course.resolve(raised[rung], f"堵点已解除：{resolution} · the block is gone: {resolution}", by)
    return freed


def pause(course: Course, step: Step, reason: str, document: str, by: str) -> Step:
    """Stop the step's clock, with a reason and a document."""
    to = allow(step.status, Act.PAUSE)
    stop_clock(course, step, reason, document, by, of_project=False)
    return _paused(course, step, to, reason, document, by)


def resume(course: Course, step: Step, document: str, by: str) -> Step:
    """Let the step's clock run again, with a document."""
    allow(step.status, Act.RESUME)
    for one in course.pauses_of(step):
        if one.until is None and not one.of_project:
            course.put_pause(replace(one, until=course.now, resumed_document=document, resumed_by=by))
    return run_again(course, step, document, by)


def extend(course: Course, step: Step, amount: int, reason: str, approved_by: str) -> Step:
    """Give the step its one extension, in the unit of its limit, at most the configured part of it."""
    allow(step.status, Act.EXTEND)
    if step.extension is not None:
        raise ActRefused(Reason.ALREADY_EXTENDED, extended_at=step.extension.at, approved_by=step.extension.approved_by)
    most = max(1, floor(step.limit.amount * course.setting.template.extension_at_most))
    if amount > most:
        raise ActRefused(Reason.EXTENSION_TOO_LONG, at_most=most, unit=step.limit.unit)
    granted = Extension(amount, reason, approved_by, course.now)
    extended = course.put(step, extension=granted)
    course.say(StepExtended(step=extended.state(), extension_amount=amount, reason=reason, approved_by=approved_by))
    return course.move_due(extended, "期限已延长 · the limit was extended", announce=False)


def reassign(course: Course, step: Step, owner: Owner, reason: str, by: str) -> Step:
    """Give the step another owner."""
    allow(step.status, Act.REASSIGN)
    if owner == step.owner:
        raise ActRefused(Reason.SAME_OWNER)
    given = course.put(step, owner=owner)
    course.say(StepReassigned(step=given.state(), owner_before=step.owner, reason=reason, by=by))
    return given


def stop_clock(course: Course, step: Step, reason: str, document: str, by: str, *, of_project: bool) -> None:
    """Note from when the step's clock stands still."""
    course.put_pause(
        Pause(
            pause_id=course.setting.new_id(),
            step_id=step.step_id,
            since=course.now,
            until=None,
            reason=reason,
            document=document,
            of_project=of_project,
            by=by,
        )
    )


def run_again(course: Course, step: Step, document: str, by: str) -> Step:
    """Bring the step back to the state before its pause, unless another pause still holds it."""
    if any(one.until is None for one in course.pauses_of(step)):
        return course.put(step)
    running = course.put(step, status=step.before_pause or StepStatus.ARMED, before_pause=None)
    course.say(StepResumed(step=running.state(), document=document, by=by))
    return course.move_due(running, "计时已恢复 · the clock runs again", announce=False)


def hold_project(course: Course, reason: str, document: str, by: str) -> None:
    """Stop all clocks of the project that run or stand (a suspension stops them all alike)."""
    for step in list(course.steps.values()):
        if step.is_open and not any(one.until is None and one.of_project for one in course.pauses_of(step)):
            stop_clock(course, step, reason, document, by, of_project=True)
            if step.status is not StepStatus.PAUSED:
                _paused(course, step, StepStatus.PAUSED, reason, document, by)


def release_project(course: Course, document: str, by: str) -> None:
    """Let the clocks run again that stood still with the project; a step's own pause goes on."""
    for step in list(course.steps.values()):
        held = [one for one in course.pauses_of(step) if one.until is None and one.of_project]
        for one in held:
            course.put_pause(replace(one, until=course.now, resumed_document=document, resumed_by=by))
        if held:
            run_again(course, step, document, by)


def suspend(course: Course, reason: str, document: str, by: str) -> None:
    """The project is suspended."""
    if course.plan.status is PlanStatus.OPEN:
        course.plan = replace(course.plan, status=PlanStatus.SUSPENDED)
        hold_project(course, reason, document, by)


def close(course: Course, reason: str, document: str, by: str) -> None:
    """The project leaves the books: clocks stop, what was raised on it is over."""
    if course.plan.status is PlanStatus.CLOSED:
        return
    course.plan = replace(course.plan, status=PlanStatus.CLOSED)
    hold_project(course, reason, document, by)
    for step in list(course.steps.values()):
        course.resolve_all(step, f"项目已销号：{reason} · the project is closed: {reason}", SCHEDULER)


def return_to_life(course: Course, document: str, by: str) -> None:
    """A suspended or closed project is live again; rungs raised before it was closed may come again."""
    was_closed = course.plan.status is PlanStatus.CLOSED
    course.plan = replace(course.plan, status=PlanStatus.OPEN)
    if was_closed:
        for step in list(course.steps.values()):
            if step.is_open:
                course.put(step, cycle=step.cycle + 1, coordination=step.coordination + 1)
    release_project(course, document, by)


def _paused(course: Course, step: Step, to: StepStatus | None, reason: str, document: str, by: str) -> Step:
    paused = course.put(step, status=to, before_pause=step.status)
    course.say(StepPaused(step=paused.state(), reason=reason, document=document, by=by))
    return paused
