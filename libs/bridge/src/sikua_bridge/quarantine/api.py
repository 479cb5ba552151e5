"""`/quarantine`: what could not be read. The text itself may be sensitive, so only an operator sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from sikua_chassis.api import Caller, Cursor, Limit, Reading, Writing, allows, decode_cursor, link_next, page
from sikua_chassis.errors import NotFound

from sikua_bridge.facts.items import Verdict
from sikua_bridge.quarantine import handlers, store
from sikua_bridge.quarantine.store import Form, QuarantineState

router = APIRouter(prefix="/quarantine")


class QuarantineView(BaseModel):
    """One quarantined thing, with the hash of its text."""

    quarantine_id: str
    source: str
    form: Form
    dataset: str
    key_kind: str | None
    key: str
    simulated: bool
    reason: str
    raw_hash: str
    batch_id: str | None
    state: QuarantineState
    times: int
    first_received_at: datetime
    last_received_at: datetime
    resolution: str | None
    resolved_by: str | None
    resolved_at: datetime | None


class QuarantineDetail(QuarantineView):
    """The same with its text."""

    raw: str


class QuarantinePage(BaseModel):
    """A page of quarantined things."""

    items: list[QuarantineView]
    next: str | None


class Released(BaseModel):
    """What became of a released row; `verdict` is null when the department is asked again instead."""

    quarantined: QuarantineView
    verdict: Verdict | None


class Resolution(BaseModel):
    """What a person did about it."""

    model_config = ConfigDict(extra="forbid")

    resolution: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


@router.get("", dependencies=[allows("bridge:read")])
async def quarantined(
    request: Request,
    response: Response,
    session: Reading,
    state: QuarantineState | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> QuarantinePage:
    """Quarantined things by id, without their text."""
    rows = await store.listed(session, state=state, after=decode_cursor(cursor, str), limit=limit)
    found = page([dict(row) for row in rows], limit, lambda row: [row["quarantine_id"]])
    link_next(request, response, found["next"])
    return QuarantinePage.model_validate(found)


@router.get("/{quarantine_id}", dependencies=[allows("bridge:operate")])
async def one(quarantine_id: str, session: Reading) -> QuarantineDetail:
    """One of them with its text."""
    row = await store.get(session, quarantine_id)
    if row is None:
        raise NotFound(f"隔离区没有该记录 · nothing in quarantine with id {quarantine_id}")
    return QuarantineDetail.model_validate(dict(row))


@router.post("/{quarantine_id}/resolve", dependencies=[allows("bridge:operate")])
async def resolve(quarantine_id: str, body: Resolution, caller: Caller, session: Writing) -> QuarantineView:
    """Close it, saying what was done."""
    row = await handlers.resolve(session, quarantine_id, body.resolution, caller.sub)
    return QuarantineView.model_validate(dict(row))


@router.post("/{quarantine_id}/release", dependencies=[allows("bridge:operate")])
async def release(quarantine_id: str, caller: Caller, session: Writing) -> Released:
    """Read it again, as it can be read now: a row is stated, an unreadable answer is asked for again."""
    row, verdict = await handlers.release(session, quarantine_id, caller.sub)
    return Released(quarantined=QuarantineView.model_validate(dict(row)), verdict=verdict)
