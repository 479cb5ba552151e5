"""Routes of plans. Translation only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel
from sikua_chassis.api import Cursor, Limit, Reading, Writing, allows, decode_cursor, link_next, page
from sikua_chassis.errors import NotFound

from sikua_scheduler import inputs
from sikua_scheduler.course import PlanStatus
from sikua_scheduler.courses.store import look
from sikua_scheduler.permission import prefixes, sees
from sikua_scheduler.plans import handlers, store, views
from sikua_scheduler.steps.handlers import by

router = APIRouter(tags=["plans"])

ProjectId = Annotated[inputs.Id, Path()]


class Released(BaseModel):
    """How many plans were quiet and speak now."""

    released: int


@router.get("/plans", dependencies=[allows("steps:read")])
async def plans(
    request: Request,
    response: Response,
    session: Reading,
    cursor: Cursor = None,
    limit: Limit = 50,
    status: Annotated[PlanStatus | None, Query()] = None,
    planless: Annotated[bool | None, Query(description="only projects without a plan, or only those with one")] = None,
) -> views.PlanPage:
    """Projects with their plan, or the reason why there is none, and the counts over all."""
    seen = prefixes(session.actor)
    found = await store.page(session, seen, (decode_cursor(cursor, str) or [None])[0], status, planless, limit + 1)
    shown = page(found, limit, lambda row: [row["project_id"]])
    link_next(request, response, shown["next"])
    counts = views.PlanSummary(**await store.summary(session, seen))
    return views.PlanPage(items=[views.line(row) for row in shown["items"]], next=shown["next"], summary=counts)


@router.get("/plans/{project_id}", dependencies=[allows("steps:read")])
async def plan(project_id: ProjectId, session: Reading) -> views.PlanView:
    """One project's plan. 404 with the reason when the project has none."""
    course = await look(session, project_id)
    if course is not None and sees(session.actor, course.divisions):
        return views.view(course)
    known = await store.project(session, project_id)
    reason = views.planless(known["planless_reason"]) if known and sees(session.actor, known["divisions"]) else None
    if reason is not None:
        raise NotFound(f"{reason.zh} · {reason.en}", reason=reason.code)
    raise NotFound("没有这个项目的计划 · there is no plan of such a project")


@router.post("/plans/release", dependencies=[allows("tracks:write")])
async def release(body: inputs.ReleaseBody, session: Writing) -> Released:
    """Let imported projects speak: what is raised from now on reaches people."""
    return Released(released=await handlers.release(session, body.project_ids, by(session)))


@router.post("/plans/{project_id}/fast-lane", dependencies=[allows("tracks:write")])
async def fast_lane(project_id: ProjectId, body: inputs.ReasonBody, session: Writing) -> views.PlanView:
    """Put a project on the fast lane by order."""
    return views.view(await handlers.fast_lane(session, project_id, body.reason, by(session)))
