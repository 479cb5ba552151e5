"""`/enquiries`: what the department was asked, what it answered, when it is asked again, how fresh that is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from sikua_chassis.api import Caller, Cursor, Limit, Reading, Writing, allows, decode_cursor, link_next, page
from sikua_chassis.session import Session

from sikua_bridge.datasets import KeyKind
from sikua_bridge.enquiries import handlers, store
from sikua_bridge.enquiries.schedule import is_stale
from sikua_bridge.enquiries.store import EnquiryState
from sikua_bridge.tools import BridgeTools

router = APIRouter(prefix="/enquiries")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class NewEnquiry(BaseModel):
    """Ask for this dataset by this key, now. `key` of kind name is `division|name`."""

    model_config = ConfigDict(extra="forbid")

    dataset: Text
    key_kind: Literal["uscc", "project_code", "name"]
    key: Text


class EnquiryView(BaseModel):
    """One enquiry. `ask_at` is when it is (next) due in business time, null while no project wants it; `stale` says that
    the last answer has aged; `fault` is what went wrong on the way since."""

    enquiry_id: str
    dataset: str
    key_kind: str
    key: str
    state: str
    reason: str | None
    fault: str | None
    ask_at: datetime | None
    retry_at: datetime | None
    attempts: int
    asked_at: datetime | None
    answered_at: datetime | None
    asked_by: str | None
    created_at: datetime
    stale: bool


class EnquiryPage(BaseModel):
    """A page of enquiries."""

    items: list[EnquiryView]
    next: str | None


@router.post("", status_code=202, dependencies=[allows("bridge:operate")])
async def order(body: NewEnquiry, caller: Caller, session: Writing) -> EnquiryView:
    """Order an enquiry; one that is there is asked again at once."""
    return _view(session, await handlers.order(session, body.dataset, KeyKind(body.key_kind), body.key, caller.sub))


@router.get("", dependencies=[allows("bridge:read")])
async def enquiries(
    request: Request,
    response: Response,
    session: Reading,
    dataset: str | None = None,
    state: EnquiryState | None = None,
    key: str | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EnquiryPage:
    """Enquiries by id."""
    rows = await store.listed(
        session, dataset=dataset, state=state, key=key, after=decode_cursor(cursor, str), limit=limit
    )
    views = [_view(session, row) for row in rows]
    found = page(views, limit, lambda view: [view.enquiry_id])
    link_next(request, response, found["next"])
    return EnquiryPage.model_validate(found)


def _view(session: Session, row: Any) -> EnquiryView:
    tools: BridgeTools = session.tools
    dataset = tools.by_slug.get(row["dataset"])
    stale = dataset is None or is_stale(dataset, row["answered_at"], session.now)
    return EnquiryView.model_validate({**dict(row), "stale": stale})
