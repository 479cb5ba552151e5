"""`/quarantine`: what could not be read. The text itself may be sensitive, so only an operator sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints
from sikua_chassis.api import Caller, Cursor, Limit, Reading, Writing, allows, decode_cursor, page
from sikua_chassis.errors import Conflict, NotFound
from sikua_chassis.session import Session

from sikua_bridge.quarantine import store

router = APIRouter(prefix="/quarantine")


class QuarantineView(BaseModel):
    """One quarantined thing, with the hash of its text."""

    quarantine_id: str
    source: str
    dataset: str
    key: str
    reason: str
    raw_hash: str
    batch_id: str | None
    state: str
    times: int
    first_received_at: datetime
    last_received_at: datetime
    resolution: str | None
    resolved_by: str | None
    resolved_at: datetime | None


class QuarantineDetail(QuarantineView):
    """The same with its text, at most 4000 characters of it."""

    raw: str


class QuarantinePage(BaseModel):
    """A page of quarantined things."""

    items: list[QuarantineView]
    next: str | None


class Resolution(BaseModel):
    """What a person did about it."""

    model_config = ConfigDict(extra="forbid")

    resolution: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


@router.get("", dependencies=[allows("bridge:read")])
async def quarantined(
    session: Reading, state: Literal["open", "resolved"] | None = None, limit: Limit = 50, cursor: Cursor = None
) -> QuarantinePage:
    """Quarantined things by id, without their text."""
    rows = await store.listed(session, state=state, after=decode_cursor(cursor), limit=limit)
    return QuarantinePage.model_validate(page([dict(row) for row in rows], limit, lambda row: [row["quarantine_id"]]))


@router.get("/{quarantine_id}", dependencies=[allows("bridge:operate")])
async def one(quarantine_id: str, session: Reading) -> QuarantineDetail:
    """One of them with its text."""
    row = await store.get(session, quarantine_id)
    if row is None:
        raise _unknown(quarantine_id)
    return QuarantineDetail.model_validate(dict(row))


@router.post("/{quarantine_id}/resolve", dependencies=[allows("bridge:operate")])
async def resolve(quarantine_id: str, body: Resolution, caller: Caller, session: Writing) -> QuarantineView:
    """Close it, saying what was done."""
    return await settle(session, quarantine_id, body.resolution, caller.sub)


async def settle(session: Session, quarantine_id: str, resolution: str, by: str) -> QuarantineView:
    """Close an open one. Raises NotFound, or Conflict when it is closed."""
    row = await store.resolve(session, quarantine_id, resolution, by)
    if row is None:
        if await store.get(session, quarantine_id) is None:
            raise _unknown(quarantine_id)
        raise Conflict("已处理 · it was resolved before")
    return QuarantineView.model_validate(dict(row))


def _unknown(quarantine_id: str) -> NotFound:
    return NotFound(f"隔离区没有该记录 · nothing in quarantine with id {quarantine_id}")
