"""Routes of steps: asked for, explained, acted upon. Translation only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel
from sikua_chassis.api import Cursor, Limit, Once, Reading, Repeatable, Writing, allows, decode_cursor, link_next, page
from sikua_chassis.errors import NotFound
from sikua_chassis.session import Session
from sikua_contracts.words import StepCode, StepStatus

from sikua_scheduler import inputs
from sikua_scheduler.calendars.store import calendar_in_force
from sikua_scheduler.course import Course
from sikua_scheduler.courses.store import look
from sikua_scheduler.permission import prefixes, sees
from sikua_scheduler.step import Step
from sikua_scheduler.steps import handlers, store, views

router = APIRouter(tags=["steps"])

StepId = Annotated[inputs.Id, Path()]
_READ = [allows("steps:read")]
_ACT = [allows("steps:act")]


class StepPage(BaseModel):
    """Steps, due soonest first."""

    items: list[views.StepView]
    next: str | None


@router.get("/steps", dependencies=_READ)
async def steps(
    request: Request,
    response: Response,
    session: Reading,
    cursor: Cursor = None,
    limit: Limit = 50,
    project_id: Annotated[inputs.Id | None, Query()] = None,
    status: Annotated[list[StepStatus] | None, Query()] = None,
    role: Annotated[inputs.Role | None, Query(description="owner's role")] = None,
    division: Annotated[inputs.Division | None, Query(description="owner's division")] = None,
    code: Annotated[StepCode | None, Query()] = None,
    overdue: Annotated[bool | None, Query(description="past its due moment, clock running")] = None,
) -> StepPage:
    """Steps due soonest first."""
    seen = prefixes(session.actor)
    statuses = [str(one) for one in status] if status else None
    wanted = store.Wanted(seen, project_id, statuses, role, division, code, overdue)
    found = await store.page(session, wanted, decode_cursor(cursor, store.moment, str), limit + 1)
    calendar = await calendar_in_force(session)
    shown = page(found, limit, store.place_of)
    link_next(request, response, shown["next"])
    items = [views.view(step, session.now, calendar) for step in shown["items"]]
    return StepPage(items=items, next=shown["next"])


@router.get("/steps/{step_id}", dependencies=_READ)
async def one_step(step_id: StepId, session: Reading) -> views.StepDetail:
    """One step: what completes it, what speaks for it, what stopped its clock."""
    course, step = await _seen(session, step_id)
    return views.detail(course, step)


@router.get("/steps/{step_id}/due", dependencies=_READ)
async def due(step_id: StepId, session: Reading) -> views.DueView:
    """When the step is due, explained day by day."""
    course, step = await _seen(session, step_id)
    return views.account(course, step)


@router.post("/steps/{step_id}/start", dependencies=_ACT)
async def start(step_id: StepId, session: Writing, once: Repeatable) -> views.StepView:
    """Take the step up."""
    return _view(session, once, await handlers.start(session, step_id), step_id)


@router.post("/steps/{step_id}/complete", dependencies=_ACT)
async def complete(step_id: StepId, body: inputs.CompleteBody, session: Writing, once: Repeatable) -> views.StepView:
    """Complete the step with a document."""
    return _view(session, once, await handlers.complete(session, step_id, body.document, body.note), step_id)


@router.post("/steps/{step_id}/reopen", dependencies=_ACT)
async def reopen(step_id: StepId, body: inputs.ReasonBody, session: Writing, once: Repeatable) -> views.StepView:
    """Open a complete step again."""
    return _view(session, once, await handlers.reopen(session, step_id, body.reason), step_id)


@router.post("/steps/{step_id}/skip", dependencies=_ACT)
async def skip(step_id: StepId, body: inputs.ReasonBody, session: Writing, once: Repeatable) -> views.StepView:
    """Mark the step as not applicable."""
    return _view(session, once, await handlers.skip(session, step_id, body.reason), step_id)


@router.post("/steps/{step_id}/block", dependencies=_ACT)
async def block(step_id: StepId, body: inputs.BlockBody, session: Writing, once: Repeatable) -> views.StepView:
    """Report what holds the step up (堵点)."""
    waiting_for = body.waiting_for.owner() if body.waiting_for else None
    return _view(session, once, await handlers.block(session, step_id, body.reason, waiting_for), step_id)


@router.post("/steps/{step_id}/unblock", dependencies=_ACT)
async def unblock(step_id: StepId, body: inputs.UnblockBody, session: Writing, once: Repeatable) -> views.StepView:
    """Report that the block is gone."""
    return _view(session, once, await handlers.unblock(session, step_id, body.resolution), step_id)


@router.post("/steps/{step_id}/pause", dependencies=_ACT)
async def pause(step_id: StepId, body: inputs.PauseBody, session: Writing, once: Repeatable) -> views.StepView:
    """Stop the step's clock."""
    return _view(session, once, await handlers.pause(session, step_id, body.reason, body.document), step_id)


@router.post("/steps/{step_id}/resume", dependencies=_ACT)
async def resume(step_id: StepId, body: inputs.ResumeBody, session: Writing, once: Repeatable) -> views.StepView:
    """Let the step's clock run again."""
    return _view(session, once, await handlers.resume(session, step_id, body.document), step_id)


@router.post("/steps/{step_id}/extend", dependencies=_ACT)
async def extend(step_id: StepId, body: inputs.ExtendBody, session: Writing, once: Repeatable) -> views.StepView:
    """Give the step its one extension."""
    return _view(
        session, once, await handlers.extend(session, step_id, body.amount, body.reason, body.approved_by), step_id
    )


@router.post("/steps/{step_id}/reassign", dependencies=_ACT)
async def reassign(step_id: StepId, body: inputs.ReassignBody, session: Writing, once: Repeatable) -> views.StepView:
    """Give the step another owner."""
    return _view(session, once, await handlers.reassign(session, step_id, body.owner.owner(), body.reason), step_id)


def _view(session: Session, once: Once, course: Course, step_id: str) -> views.StepView:
    return once.kept(session, views.view(handlers.step_in(course, step_id), course.now, course.setting.calendar))


async def _seen(session: Session, step_id: str) -> tuple[Course, Step]:
    project_id = await store.project_of(session, step_id)
    course = await look(session, project_id) if project_id else None
    if course is None or not sees(session.actor, course.divisions):
        raise NotFound("没有这个环节 · there is no such step")
    return course, handlers.step_in(course, step_id)
