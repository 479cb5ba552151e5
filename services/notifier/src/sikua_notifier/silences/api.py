"""Silences over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sikua_chassis.api import Cursor, Limit, Reading, Writing, allows, decode_cursor, link_next, page

from sikua_notifier.silences import handlers, store
from sikua_notifier.silencing import Field as Matched
from sikua_notifier.silencing import Matcher

router = APIRouter(tags=["silences"])
_NEWEST = "~"
SilenceId = Annotated[str, Path(min_length=1, max_length=80)]


class MatcherIn(BaseModel):
    """A field of a notice and the values that match; all matchers of a silence must match."""

    model_config = ConfigDict(extra="forbid")

    field: Matched
    values: list[Annotated[str, Field(min_length=1, max_length=120)]] = Field(min_length=1, max_length=100)


class SilenceIn(BaseModel):
    """Which notices to hold back, until when (business time), and why. Without `starts_at` it begins now."""

    model_config = ConfigDict(extra="forbid")

    matchers: list[MatcherIn] = Field(min_length=1, max_length=10)
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime
    comment: str = Field(min_length=1, max_length=500)


class SilenceView(BaseModel):
    """A silence; `ended_by` when somebody ended it before its time."""

    id: str
    matchers: list[MatcherIn]
    starts_at: datetime
    ends_at: datetime
    comment: str
    created_by: str
    created_at: datetime
    ended_by: str | None = None


class SilencePage(BaseModel):
    """Silences, newest first, and the cursor of the next page."""

    items: list[SilenceView]
    next: str | None


@router.get("/silences", response_model=SilencePage, dependencies=[allows("notices:read")])
async def list_silences(
    request: Request,
    response: Response,
    session: Reading,
    open_only: bool = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Silences; `open_only` leaves out those that have ended."""
    rows = await store.listed(session, (decode_cursor(cursor, str) or [_NEWEST])[0], open_only, limit + 1)
    found = page(rows, limit, lambda row: [row["id"]])
    link_next(request, response, found["next"])
    return {"items": [dict(row) for row in found["items"]], "next": found["next"]}


@router.post("/silences", status_code=201, response_model=SilenceView, dependencies=[allows("contacts:write")])
async def begin_silence(body: SilenceIn, session: Writing) -> SilenceView:
    """Hold matching notices back; none is dropped."""
    matchers = [Matcher(given.field, frozenset(given.values)) for given in body.matchers]
    silence = await handlers.begin_silence(session, matchers, body.starts_at, body.ends_at, body.comment)
    return SilenceView(
        id=silence.silence_id,
        matchers=body.matchers,
        starts_at=silence.starts_at,
        ends_at=silence.ends_at,
        comment=body.comment,
        created_by=session.actor.sub if session.actor is not None else "",
        created_at=session.now,
    )


@router.delete("/silences/{silence_id}", status_code=204, dependencies=[allows("contacts:write")])
async def end_silence(silence_id: SilenceId, session: Writing) -> None:
    """End a silence now; what it held leaves at once."""
    await handlers.end_silence(session, silence_id)
