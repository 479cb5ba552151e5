"""One function per act on a step: load the course under its lock, ask the rules, save what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sikua_chassis.errors import Conflict, Forbidden, NotFound
from sikua_chassis.session import Session
from sikua_contracts.scheduler import Proof
from sikua_contracts.words import Owner

from sikua_scheduler import acts, following, progress
from sikua_scheduler.course import Course
from sikua_scheduler.courses.store import LOCK_BY_STEP, load_by, save
from sikua_scheduler.permission import Answer, may_act
from sikua_scheduler.refusals import RuleError
from sikua_scheduler.step import Step
from sikua_scheduler.transitions import Act


class StepRefused(Conflict):
    """409: the step's state, or a rule, doesn't allow the act; `reason` is from a closed list."""

    slug = "refused-by-rule"
    title_zh = "规则不允许此操作"
    title_en = "A rule does not allow this"


Change = Callable[[Course, Step], Any]


async def start(session: Session, step_id: str) -> Course:
    """The owner takes the step up."""
    return await _act(session, step_id, Act.START, lambda course, step: acts.start(course, step, by(session)))


async def complete(session: Session, step_id: str, document: str, note: str | None) -> Course:
    """An officer completes the step with a document; what follows is armed."""

    def change(course: Course, step: Step) -> None:
        told = document if note is None else f"{document} ({note})"
        progress.complete(course, step, Proof(document=told, stated_by=by(session)))
        following.move_on(course)

    return await _act(session, step_id, Act.COMPLETE, change)


async def reopen(session: Session, step_id: str, reason: str) -> Course:
    """A complete step opens again; what was armed because of it waits."""

    def change(course: Course, step: Step) -> None:
        progress.reopen(course, step, reason, by(session))
        following.move_on(course)

    return await _act(session, step_id, Act.REOPEN, change)


async def skip(session: Session, step_id: str, reason: str) -> Course:
    """The step does not apply to this project."""

    def change(course: Course, step: Step) -> None:
        progress.skip(course, step, reason, by(session))
        following.move_on(course)

    return await _act(session, step_id, Act.SKIP, change)


async def block(session: Session, step_id: str, reason: str, waiting_for: Owner | None) -> Course:
    """Something holds the step up."""
    return await _act(
        session, step_id, Act.BLOCK, lambda course, step: acts.block(course, step, reason, waiting_for, by(session))
    )


async def unblock(session: Session, step_id: str, resolution: str) -> Course:
    """What held the step up is gone."""
    return await _act(
        session, step_id, Act.UNBLOCK, lambda course, step: acts.unblock(course, step, resolution, by(session))
    )


async def pause(session: Session, step_id: str, reason: str, document: str) -> Course:
    """The clock stops, with a reason and a document."""
    return await _act(
        session, step_id, Act.PAUSE, lambda course, step: acts.pause(course, step, reason, document, by(session))
    )


async def resume(session: Session, step_id: str, document: str) -> Course:
    """The clock runs again; what was proven meanwhile is complete."""

    def change(course: Course, step: Step) -> None:
        acts.resume(course, step, document, by(session))
        following.move_on(course)

    return await _act(session, step_id, Act.RESUME, change)


async def extend(session: Session, step_id: str, amount: int, reason: str, approved_by: str) -> Course:
    """The one extension."""
    return await _act(
        session, step_id, Act.EXTEND, lambda course, step: acts.extend(course, step, amount, reason, approved_by)
    )


async def reassign(session: Session, step_id: str, owner: Owner, reason: str) -> Course:
    """The step gets another owner."""
    return await _act(
        session, step_id, Act.REASSIGN, lambda course, step: acts.reassign(course, step, owner, reason, by(session))
    )


def by(session: Session) -> str:
    """Who acts, as events name them."""
    return session.actor.sub if session.actor is not None else "scheduler"


def refusal(error: RuleError) -> StepRefused:
    """A rule's no as a problem, in words."""
    return StepRefused(f"{error.zh} · {error.en}", reason=error.reason, **error.more)


def step_in(course: Course | None, step_id: str) -> Step:
    """The step among its project's. NotFound when there is none."""
    found = next((step for step in course.steps.values() if step.step_id == step_id), None) if course else None
    if found is None:
        raise NotFound("没有这个环节 · there is no such step")
    return found


async def _act(session: Session, step_id: str, act: Act, change: Change) -> Course:
    course = await load_by(session, LOCK_BY_STEP, step_id)
    step = step_in(course, step_id)
    if course is None:
        raise NotFound("没有这个环节 · there is no such step")
    answer = may_act(session.actor, act, step, course.divisions)
    if answer is Answer.HIDDEN:
        raise NotFound("没有这个环节 · there is no such step")
    if answer is Answer.NOT_THE_OWNER:
        raise Forbidden(
            f"只有责任单位可以办理 · only the step's owner may do this: {step.owner.role} {step.owner.division}",
            reason=answer,
        )
    try:
        acts.require_open_plan(course)
        change(course, step)
    except RuleError as error:
        raise refusal(error) from error
    save(session, course)
    return course
