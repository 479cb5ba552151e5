"""`/links`: which key belongs to which project, and the questions about it that wait for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from sikua_chassis.api import Caller, Cursor, Limit, Reading, Writing, allows, decode_cursor, link_next, page
from sikua_chassis.auth import Principal
from sikua_rules.divisions import prefix_of

from sikua_bridge.datasets import KeyKind
from sikua_bridge.links import handlers, store
from sikua_bridge.links.store import LinkState

router = APIRouter(prefix="/links")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class LinkView(BaseModel):
    """One link. `similarity` is there when names were compared; `stated_name` is the department's name of it."""

    link_id: str
    project_id: str
    key_kind: str
    key: str
    state: str
    reason: str
    similarity: float | None
    stated_name: str | None
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None


class LinkPage(BaseModel):
    """A page of links."""

    items: list[LinkView]
    next: str | None


class NewLink(BaseModel):
    """A link made by hand."""

    model_config = ConfigDict(extra="forbid")

    project_id: Text
    key_kind: Literal["project_code", "uscc", "name"]
    key: Text


@router.get("", dependencies=[allows("bridge:read")])
async def links(
    request: Request,
    response: Response,
    session: Reading,
    caller: Caller,
    state: LinkState | None = None,
    project_id: str | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> LinkPage:
    """Links of the projects that the caller may see."""
    rows = await store.listed(
        session,
        state=state,
        project_id=project_id,
        places=_places(caller),
        after=decode_cursor(cursor, str),
        limit=limit,
    )
    found = page([_view(row) for row in rows], limit, lambda view: [view.link_id])
    link_next(request, response, found["next"])
    return LinkPage.model_validate(found)


@router.post("", status_code=201, dependencies=[allows("bridge:operate")], responses={404: {}})
async def link_by_hand(body: NewLink, caller: Caller, session: Writing) -> LinkView:
    """Link a key to a project by hand; what was held under it is stated at once."""
    return _view(await handlers.link_by_hand(session, body.project_id, KeyKind(body.key_kind), body.key, caller.sub))


@router.post("/{link_id}/confirm", dependencies=[allows("bridge:operate")])
async def confirm(link_id: str, caller: Caller, session: Writing) -> LinkView:
    """The uncertain link holds."""
    return _view(await handlers.confirm(session, link_id, caller.sub))


@router.post("/{link_id}/reject", dependencies=[allows("bridge:operate")])
async def reject(link_id: str, caller: Caller, session: Writing) -> LinkView:
    """The uncertain link does not hold."""
    return _view(await handlers.reject(session, link_id, caller.sub))


def _view(row: Any) -> LinkView:
    return LinkView.model_validate(dict(row))


def _places(caller: Principal) -> list[str] | None:
    """LIKE patterns of the divisions a caller sees; None for all of them."""
    if caller.sees_all:
        return None
    return [f"{prefix}%" for seen in sorted(caller.divisions_seen) if (prefix := prefix_of(seen))]
