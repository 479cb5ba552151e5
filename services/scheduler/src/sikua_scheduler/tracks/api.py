"""Routes of tracks. Translation only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel
from sikua_chassis.api import Cursor, Limit, Reading, Repeatable, Writing, allows, decode_cursor, link_next, page
from sikua_contracts.words import TrackReason

from sikua_scheduler import inputs
from sikua_scheduler.permission import prefixes
from sikua_scheduler.tracks import handlers, store

router = APIRouter(tags=["tracks"])


class TrackView(BaseModel):
    """A project under the command office's scheduling, and why."""

    track_id: str
    project_id: str
    project_name: str
    reasons: list[TrackReason]
    opened_at: AwareDatetime
    opened_by: str
    order_reason: str | None
    document: str | None
    closed_at: AwareDatetime | None
    closed_by: str | None
    close_reason: str | None


class TrackPage(BaseModel):
    """Tracks in order of opening."""

    items: list[TrackView]
    next: str | None


@router.get("/tracks", dependencies=[allows("steps:read")])
async def tracks(
    request: Request,
    response: Response,
    session: Reading,
    cursor: Cursor = None,
    limit: Limit = 50,
    project_id: Annotated[inputs.Id | None, Query()] = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    reason: Annotated[TrackReason | None, Query()] = None,
) -> TrackPage:
    """Tracks, open and closed."""
    seen = prefixes(session.actor)
    found = await store.page(
        session, seen, (decode_cursor(cursor, str) or [None])[0], project_id, is_open, reason, limit + 1
    )
    shown = page(found, limit, lambda row: [row["track_id"]])
    link_next(request, response, shown["next"])
    return TrackPage(items=[_view(dict(row)) for row in shown["items"]], next=shown["next"])


@router.post("/tracks", status_code=201, dependencies=[allows("tracks:write")], responses={404: {}})
async def open_track(body: inputs.TrackBody, session: Writing, once: Repeatable) -> TrackView:
    """Put a project under the command office's scheduling by order."""
    opened = await handlers.open_by_order(session, body.project_id, body.reason, body.document)
    return once.kept(session, _view(vars(opened)), 201)


@router.post("/tracks/{track_id}/close", dependencies=[allows("tracks:write")])
async def close_track(
    track_id: Annotated[inputs.Id, Path()], body: inputs.CloseTrackBody, session: Writing, once: Repeatable
) -> TrackView:
    """Take a project off the command office's scheduling."""
    return once.kept(session, _view(vars(await handlers.close(session, track_id, body.reason))))


def _view(track: dict[str, Any]) -> TrackView:
    return TrackView(**{name: track[name] for name in TrackView.model_fields})
