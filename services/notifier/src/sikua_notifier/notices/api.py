"""Notices over HTTP: list, read, acknowledge."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from sikua_chassis.api import Cursor, Limit, Reading, Writing, allows, decode_cursor, link_next, page
from sikua_chassis.auth.principal import Principal
from sikua_contracts.words import Owner
from sikua_rules.divisions import prefix_of

from sikua_notifier.characters import masked_name
from sikua_notifier.kinds import NoticeKind, NoticeState
from sikua_notifier.notices import handlers, store
from sikua_notifier.wording import Content

router = APIRouter(tags=["notices"])
_NEWEST = 2**62
NoticeId = Annotated[str, Path(min_length=1, max_length=80)]
Text = Annotated[str | None, Query(min_length=1, max_length=120)]


class LineView(BaseModel):
    """One labelled line in both languages."""

    label_zh: str
    label_en: str
    value: str


class NoticeView(BaseModel):
    """A notice. Moments are business time; `digest_id` names the mail it left in, `held_by` the silence that holds it."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: NoticeKind
    state: NoticeState
    urgent: bool
    project_id: str
    project_name: str
    step_id: str | None
    escalation_id: str | None
    owner: Owner
    recipient: str
    recipient_name: str = ""
    deputy_of: str | None
    channel: str
    title_zh: str
    title_en: str
    lines: list[LineView]
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    reason: str | None
    held_by: str | None
    digest_id: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class NoticePage(BaseModel):
    """Notices, newest first, and the cursor of the next page."""

    items: list[NoticeView]
    next: str | None


@router.get("/notices", response_model=NoticePage, dependencies=[allows("notices:read")])
async def list_notices(
    request: Request,
    response: Response,
    session: Reading,
    state: NoticeState | None = None,
    recipient: Text = None,
    project_id: Text = None,
    channel: Text = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Notices the caller may see: all for the command office, else the own ones and those of the own division."""
    actor = _actor(session.actor)
    wanted = (state.value if state else None, recipient, project_id, channel)
    only_for, divisions = (None, []) if actor.sees_all else (actor.sub, [_pattern(d) for d in actor.divisions_seen])
    rows = await store.listed(
        session, (decode_cursor(cursor, int) or [_NEWEST])[0], wanted, only_for, divisions, limit + 1
    )
    found = page(rows, limit, lambda row: [row["position"]])
    link_next(request, response, found["next"])
    may_act = actor.may("notices:act")
    return {"items": [_view(row, row["recipient_name"], may_act) for row in found["items"]], "next": found["next"]}


@router.get("/notices/{notice_id}", response_model=NoticeView, dependencies=[allows("notices:read")])
async def read_notice(notice_id: NoticeId, session: Reading) -> NoticeView:
    """One notice."""
    return _view(await handlers.visible_notice(session, notice_id))


@router.post("/notices/{notice_id}/acknowledge", response_model=NoticeView, dependencies=[allows("notices:act")])
async def acknowledge_notice(notice_id: NoticeId, session: Writing) -> NoticeView:
    """Say that the notice was seen; saying it again gives the same answer."""
    return _view(await handlers.acknowledge(session, notice_id))


def _view(row: Any, name: str | None = None, plain: bool = False) -> NoticeView:
    content = Content.from_json(row["content"])
    return NoticeView(
        id=row["id"],
        kind=content.kind,
        state=row["state"],
        urgent=row["urgent"],
        project_id=row["project_id"],
        project_name=row["project_name"],
        step_id=row["step_id"],
        escalation_id=row["escalation_id"],
        owner=Owner(role=row["owner_role"], division=row["owner_division"]),
        recipient=row["recipient"],
        recipient_name=(name or "") if plain else masked_name(name or ""),
        deputy_of=row["deputy_of"],
        channel=row["channel"],
        title_zh=content.title_zh,
        title_en=content.title_en,
        lines=[LineView(label_zh=line.label_zh, label_en=line.label_en, value=line.value) for line in content.lines],
        created_at=row["created_at"],
        due_at=row["due_at"],
        sent_at=row["sent_at"],
        reason=row["reason"],
        held_by=row["held_by"],
        digest_id=row["parcel_id"],
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=row["acknowledged_by"],
    )


def _actor(actor: Principal | None) -> Principal:
    return actor if actor is not None else Principal(sub="")


def _pattern(division: str) -> str:
    prefix = prefix_of(division)
    return (prefix if prefix.isdigit() else "none") + "%"
