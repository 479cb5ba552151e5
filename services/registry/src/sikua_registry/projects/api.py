"""HTTP for projects: translation only. A project one may not see answers 404."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, StringConstraints
from sikua_chassis.api import (
    Caller,
    Cursor,
    Idempotent,
    IfMatch,
    Limit,
    Once,
    Reading,
    Repeatable,
    Writing,
    allows,
    decode_cursor,
    etag,
    etag_of,
    if_match,
    link_next,
    page,
)
from sikua_chassis.errors import NotFound
from sikua_chassis.session import Session
from sikua_contracts.words import ProjectStatus
from sikua_rules import project_code as project_codes
from sikua_rules import uscc as usccs

from sikua_registry.facts import store as facts_store
from sikua_registry.life import Act
from sikua_registry.projects import handlers, store, views
from sikua_registry.projects.forms import Amendment, ClockOrder, CrossingOrder, MergeOrder, NewProject, Order
from sikua_registry.projects.store import Stored, Version, Wanted
from sikua_registry.record import Project, record_of
from sikua_registry.visibility import prefixes, visible

SENSITIVE = "facts:sensitive"
"""Scope that shows L3 values of facts; no role carries it by itself, it must be granted in a token."""

_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

ProjectId = Annotated[str, Path(pattern=_UUID, description="UUIDv7 of the project")]
Uscc = Annotated[str, Query(max_length=40), AfterValidator(usccs.parse)]
ProjectCode = Annotated[str, Query(max_length=40), AfterValidator(lambda text: project_codes.parse(text).text)]
NameText = Annotated[
    str, StringConstraints(min_length=1, max_length=200), Query(description="the name or a part of it")
]
DivisionCode = Annotated[str, Query(pattern=r"^[0-9]{6}$")]

router = APIRouter(tags=["projects"])


@router.post("/projects", status_code=201, response_model=views.ProjectView, dependencies=[allows("projects:write")])
async def register(body: NewProject, session: Writing, once: Idempotent) -> Response:
    """Register a project. Needs an Idempotency-Key; the same key and body give the same answer again."""
    project, record = await handlers.register(session, body)
    headers = {"Location": f"/projects/{project.id}", "ETag": etag_of(project.version)}
    return await once.answer(session, 201, views.view(project, record), headers)


@router.get("/projects", dependencies=[allows("projects:read")])
async def projects(
    request: Request,
    response: Response,
    session: Reading,
    caller: Caller,
    uscc: Uscc | None = None,
    project_code: ProjectCode | None = None,
    name: NameText | None = None,
    status: ProjectStatus | None = None,
    division: DivisionCode | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> views.ProjectPage:
    """Projects one may see, by USCC, project code, name, status or division."""
    wanted = Wanted(uscc, project_code, name, status, division, prefixes(caller))
    rows = await store.listed(session, wanted, (decode_cursor(cursor, str) or [""])[0], limit + 1)
    found = page(rows, limit, lambda version: [version.project.id])
    link_next(request, response, found["next"])
    return views.ProjectPage(items=[views.view(row.project) for row in found["items"]], next=found["next"])


@router.get("/projects/{project_id}", dependencies=[allows("projects:read")])
async def project(
    project_id: ProjectId,
    response: Response,
    session: Reading,
    caller: Caller,
    as_of: Annotated[AwareDatetime | None, Query(description="how it stood at this moment of business time")] = None,
) -> views.ProjectDetail:
    """One project with who declared what, as it stands or as it stood."""
    stored = await _seen(session, caller, project_id)
    version = stored.version if as_of is None else await store.as_of(session, project_id, as_of)
    if version is None:
        raise NotFound("那时尚未登记 · the project was not registered then")
    etag(response, version.project.version)
    return views.detail(version.project, version.valid_from)


@router.patch("/projects/{project_id}", dependencies=[allows("projects:write")])
async def amend(
    project_id: ProjectId,
    body: Amendment,
    response: Response,
    session: Writing,
    once: Repeatable,
    seen: IfMatch = None,
) -> views.ProjectView:
    """Change declared fields (JSON merge patch). Needs If-Match with the ETag that was read."""
    return _answered(response, session, once, await handlers.amend(session, project_id, if_match(seen), body))


@router.post("/projects/{project_id}/suspend", dependencies=[allows("projects:write")])
async def suspend(
    project_id: ProjectId, body: ClockOrder, response: Response, session: Writing, once: Repeatable
) -> views.ProjectView:
    """Stop all clocks of the project, with a reason and a document."""
    return _answered(response, session, once, await handlers.order(session, project_id, Act.SUSPEND, body))


@router.post("/projects/{project_id}/resume", dependencies=[allows("projects:write")])
async def resume(
    project_id: ProjectId, body: ClockOrder, response: Response, session: Writing, once: Repeatable
) -> views.ProjectView:
    """Let a suspended project run again, with a reason and a document."""
    return _answered(response, session, once, await handlers.order(session, project_id, Act.RESUME, body))


@router.post("/projects/{project_id}/close", dependencies=[allows("projects:write")])
async def close(
    project_id: ProjectId, body: Order, response: Response, session: Writing, once: Repeatable
) -> views.ProjectView:
    """Close the project (销号), finished or given up."""
    return _answered(response, session, once, await handlers.order(session, project_id, Act.CLOSE, body))


@router.post("/projects/{project_id}/reopen", dependencies=[allows("projects:write")])
async def reopen(
    project_id: ProjectId, body: Order, response: Response, session: Writing, once: Repeatable
) -> views.ProjectView:
    """Make a closed project live again."""
    return _answered(response, session, once, await handlers.order(session, project_id, Act.REOPEN, body))


@router.post("/projects/{project_id}/merge", dependencies=[allows("projects:write")])
async def merge(
    project_id: ProjectId, body: MergeOrder, response: Response, session: Writing, once: Repeatable
) -> views.ProjectView:
    """Say that this entry and another are one project: this one ends, the other takes its facts and keys."""
    return _answered(response, session, once, await handlers.merge(session, project_id, body))


@router.post("/projects/{project_id}/crossing", dependencies=[allows("projects:write")])
async def cross(
    project_id: ProjectId, body: CrossingOrder, response: Response, session: Writing, once: Repeatable
) -> views.ProjectView:
    """Declare a crossing (四跨) with its reason, or withdraw one that was declared."""
    return _answered(response, session, once, await handlers.cross(session, project_id, body))


@router.get("/projects/{project_id}/history", dependencies=[allows("projects:read")])
async def history(
    project_id: ProjectId,
    request: Request,
    response: Response,
    session: Reading,
    caller: Caller,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> views.HistoryPage:
    """Every version of the project, oldest first, with who made it and why."""
    await _seen(session, caller, project_id)
    rows = await store.history(session, project_id, (decode_cursor(cursor, int) or [0])[0], limit + 1)
    found = page(rows, limit, lambda version: [version.project.version])
    link_next(request, response, found["next"])
    return views.HistoryPage(items=[_line(version) for version in found["items"]], next=found["next"])


@router.get("/projects/{project_id}/facts", dependencies=[allows("projects:read")])
async def facts(project_id: ProjectId, session: Reading, caller: Caller) -> views.FactsView:
    """What departments say, field by field with disagreements side by side, and fact by fact."""
    stored = await _seen(session, caller, project_id)
    sensitive = caller.may(SENSITIVE)
    return views.FactsView(
        project_id=project_id,
        fields=views.statements(stored.project, stored.facts),
        facts=[views.fact_view(fact, sensitive=sensitive) for fact in stored.facts],
        unavailable=[views.UnavailableView(**row) for row in await facts_store.unavailable_of(session, project_id)],
    )


async def _seen(session: Reading, caller: Caller, project_id: str) -> Stored:
    stored = await store.find(session, project_id)
    if stored is None or not visible(stored.project.divisions, caller):
        raise NotFound("没有这个项目 · no such project")
    return stored


def _answered(response: Response, session: Session, once: Once, shown: Project) -> views.ProjectView:
    etag(response, shown.version)
    return once.kept(session, views.view(shown), headers={"ETag": etag_of(shown.version)})


def _line(version: Version) -> views.HistoryLine:
    return views.HistoryLine(
        version=version.project.version,
        said=version.said,
        by=version.said_by,
        reason=version.reason,
        changed=version.changed,
        at=version.valid_from,
        recorded_at=version.recorded_at,
        record=record_of(version.project),
    )
