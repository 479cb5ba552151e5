"""The feed over HTTP: a cursor to page by, and a stream to follow. Both carry the same entries under the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from sikua_chassis.api import Caller, Limit, Reading, allows
from sikua_chassis.auth.principal import Principal
from sikua_chassis.errors import NotFound
from sikua_chassis.session import Session
from starlette.responses import StreamingResponse

from sikua_command_office.feed import store
from sikua_command_office.feed.delivery import UNSETTLED_SECONDS, Listener, LiveFeed
from sikua_command_office.feed.entry import EntryPage, entry_of_row
from sikua_command_office.projects.store import project
from sikua_command_office.visibility import visible_to

router = APIRouter(tags=["feed"])

GREATEST = 2**62
Number = Annotated[int, Query(ge=0, le=GREATEST)]
ProjectId = Annotated[str, Query(pattern=r"^[0-9A-Za-z-]{1,64}$")]
Types = Annotated[Sequence[Annotated[str, Query(pattern=r"^[a-z0-9.]{1,80}$")]], Query(alias="type", max_length=40)]
LastEventId = Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=GREATEST)]


def visible(caller: Principal | None) -> list[str] | None:
    """What a caller sees, as patterns of division codes; None sees all. Without a caller: nothing."""
    return [] if caller is None else visible_to(caller.sees_all, caller.divisions_seen)


@router.get("/feed", dependencies=[allows("feed:read")], responses={404: {}})
async def read_feed(
    session: Reading,
    after: Number | None = None,
    before: Number | None = None,
    limit: Limit = 100,
    project_id: ProjectId | None = None,
    types: Types = (),
) -> EntryPage:
    """Entries after a number, oldest first; with `before` and no `after`, those before it, newest first."""
    seen = visible(session.actor)
    await _require_visible(session, project_id, seen)
    falling = before is not None and after is None
    until = None
    if seen is not None and not falling:
        since = session.recorded_at - timedelta(seconds=UNSETTLED_SECONDS)
        until = await store.settled_until(session, after or 0, since)
    rows = await store.entries(
        session,
        after=None if falling else after or 0,
        before=before,
        until=until,
        limit=limit,
        project_id=project_id,
        types=types,
        visible=seen,
        newest_first=falling,
    )
    return EntryPage(items=[entry_of_row(row) for row in rows], next=rows[-1]["number"] if rows else None)


@router.get(
    "/feed/stream",
    dependencies=[allows("feed:read")],
    response_class=StreamingResponse,
    responses={200: {"description": "server-sent events", "content": {"text/event-stream": {}}}, 404: {}},
)
async def follow_feed(
    request: Request,
    caller: Caller,
    after: Number | None = None,
    last_event_id: LastEventId = None,
    project_id: ProjectId | None = None,
    types: Types = (),
) -> StreamingResponse:
    """Follow the feed: `id` is the entry's number, `event` its type, `data` the entry as JSON.

    Resumes after `Last-Event-ID`, else after `after`, else from now on.
    """
    seen = visible(caller)
    if project_id is not None:
        async with request.app.state.database.unit_of_work(read_only=True) as session:
            await _require_visible(session, project_id, seen)
    live: LiveFeed = request.app.state.database.tools.live
    listener = Listener(seen, project_id, frozenset(types))
    lines = await live.join(listener, after if last_event_id is None else last_event_id)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)


async def _require_visible(session: Session, project_id: str | None, seen: list[str] | None) -> None:
    if project_id is not None and seen is not None and await project(session, project_id, seen) is None:
        raise NotFound("没有这个项目 · no such project")
