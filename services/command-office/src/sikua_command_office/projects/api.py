"""Projects over HTTP: a list by name, and everything about one. Translation only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sikua_chassis.api import Cursor, Limit, Reading, allows, decode_cursor, link_next, page
from sikua_chassis.errors import NotFound
from sikua_chassis.session import Session

from sikua_command_office.board.api import rungs_by_step
from sikua_command_office.delivery import Office
from sikua_command_office.feed.api import visible
from sikua_command_office.feed.entry import EntryPage, entry_of_row
from sikua_command_office.feed.store import entries
from sikua_command_office.freshness import freshness
from sikua_command_office.projects import store
from sikua_command_office.projects.assembly import Rows, project_view
from sikua_command_office.projects.calendar import calendar_with
from sikua_command_office.projects.cards import Lamps, project_of_row, step_of_row
from sikua_command_office.projects.pauses import TYPES
from sikua_command_office.projects.views import ProjectPage, ProjectView, line_view

router = APIRouter(tags=["projects"])

ProjectId = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,64}$")]
Name = Annotated[str, Query(min_length=1, max_length=120, pattern=r"^[^\x00]+$", description="a part of the name")]
_LATEST = 50


@router.get("/projects", dependencies=[allows("projects:read")])
async def list_projects(
    request: Request,
    response: Response,
    session: Reading,
    name: Name | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ProjectPage:
    """Projects by name, those that the caller may see."""
    rows = await store.projects(
        session, after=decode_cursor(cursor, str, str), limit=limit + 1, name=name, visible=visible(session.actor)
    )
    found = page(rows, limit, lambda row: (row["name"], row["project_id"]))
    link_next(request, response, found["next"])
    return ProjectPage(items=[line_view(project_of_row(row)) for row in found["items"]], next=found["next"])


@router.get("/projects/{project_id}", dependencies=[allows("projects:read")])
async def read_project(project_id: ProjectId, session: Reading) -> ProjectView:
    """Facts with provenance, the plan, what holds it up, why it shows its light, what was sent, and what happened."""
    return await told(session, project_id)


async def told(session: Session, project_id: str) -> ProjectView:
    """The same for whoever asks in this session. Raises NotFound for a project that the caller may not see."""
    office: Office = session.tools
    card = await store.project(session, project_id, visible(session.actor))
    if card is None:
        raise NotFound("没有这个项目 · no such project")
    years = await store.calendar_years(session)
    rows = await _rows(session, card)
    rungs = rungs_by_step([row for row in rows.escalations if row["resolved_at"] is None])
    steps = [
        step_of_row(row, *rungs.get(row["step_id"], (None, False)))
        for row in await store.of_project(session, "step_card", project_id, "code, step_id")
    ]
    tracked = any(row["open"] for row in rows.tracks)
    return project_view(
        project_of_row(card, tracked),
        steps,
        rows,
        await _timeline(session, project_id),
        Lamps(session.now, calendar := calendar_with(years)),
        calendar,
        freshness(session.now, session.recorded_at, await office.behind()),
    )


async def _rows(session: Session, card: Any) -> Rows:
    project_id = card["project_id"]
    return Rows(
        card=card,
        facts=await store.of_project(session, "fact_card", project_id, "dataset, stated_at, fact_id"),
        silences=await store.of_project(session, "silence_card", project_id, "dataset, department"),
        tracks=await store.of_project(session, "track_card", project_id, "opened_at, track_id"),
        escalations=await store.of_project(session, "escalation_card", project_id, "raised_at, escalation_id"),
        notices=await store.of_project(session, "notice_card", project_id, "at, notice_id"),
        reckoning=await entries(session, limit=1000, project_id=project_id, types=TYPES),
    )


async def _timeline(session: Session, project_id: str) -> EntryPage:
    rows = await entries(session, limit=_LATEST + 1, project_id=project_id, newest_first=True)
    items = [entry_of_row(row) for row in rows[:_LATEST]]
    return EntryPage(items=items, next=items[-1].number if len(rows) > _LATEST else None)
