"""`POST /facts` (our words, bearer token), `POST /receive` (their words, signed), withdrawal, and what is held unlinked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from sikua_chassis.api import Caller, Cursor, Limit, Reading, Writing, allows, decode_cursor, link_next, page
from sikua_chassis.denials import denied
from sikua_chassis.errors import FieldError, Invalid, Unauthorized
from sikua_chassis.wrong_fields import body_errors

from sikua_bridge.documents import read_document
from sikua_bridge.facts import handlers, store
from sikua_bridge.facts.items import MOST_ITEMS, StatedItem, Text, Verdicts
from sikua_bridge.tools import BridgeTools

router = APIRouter()


class _Described:
    """An object that is described as a model but read as it comes, so that a wrong one does not refuse the others."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(self._model.__pydantic_core_schema__)


class Stated(BaseModel):
    """A bulk of facts; each item is judged by itself, so a wrong one does not keep the others back."""

    model_config = ConfigDict(extra="forbid")

    batch_id: Text
    facts: list[Annotated[dict[str, Any], _Described(StatedItem)]] = Field(min_length=1, max_length=MOST_ITEMS)


class Pushed(BaseModel):
    """Rows of one dataset in the department's own words. `simulated` must be true for made-up ones."""

    model_config = ConfigDict(extra="forbid")

    dataset: Text
    batch_id: Text
    rows: list[dict[str, Any]] = Field(min_length=1, max_length=MOST_ITEMS)
    simulated: bool = False


class Withdrawal(BaseModel):
    """Why a fact is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Text


class HeldView(BaseModel):
    """A row that waits for a project; its values stay behind."""

    fact_id: str
    dataset: str
    key_kind: str
    key: str
    batch_id: str | None
    stated_at: datetime


class HeldPage(BaseModel):
    """A page of held rows."""

    items: list[HeldView]
    next: str | None


@router.post("/facts", dependencies=[allows("facts:write")])
async def state_facts(body: Stated, caller: Caller, session: Writing) -> Verdicts:
    """State facts. The caller's unit must be the department whose dataset it is."""
    return Verdicts(
        batch_id=body.batch_id,
        verdicts=await handlers.state_facts(session, body.batch_id, body.facts, caller.unit),
    )


@router.get("/facts/held", dependencies=[allows("bridge:read")])
async def held(
    request: Request, response: Response, session: Reading, limit: Limit = 50, cursor: Cursor = None
) -> HeldPage:
    """Rows held because no project is linked to their key."""
    rows = await store.held(session, decode_cursor(cursor, str), limit)
    found = page([dict(row) for row in rows], limit, lambda row: [row["fact_id"]])
    link_next(request, response, found["next"])
    return HeldPage.model_validate(found)


@router.post("/facts/{fact_id}/withdraw", status_code=204, dependencies=[allows("facts:write")])
async def withdraw(fact_id: str, body: Withdrawal, caller: Caller, session: Writing) -> Response:
    """Take back a fact that the caller's department stated."""
    await handlers.withdraw(session, fact_id, body.reason, caller.unit)
    return Response(status_code=204)


@router.post(
    "/receive",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": Pushed.model_json_schema()}},
        }
    },
)
async def receive(request: Request, session: Writing) -> Verdicts:
    """The door for pushed rows. It opens to the department's signature instead of a token."""
    tools: BridgeTools = session.tools
    content = await request.body()
    flaw = tools.pushed.flaw(request.headers, content, session.recorded_at)
    if flaw is not None:
        denied(request, f"signature {flaw}")
        raise Unauthorized(f"签名无效 · the signature was not accepted: {flaw}")
    pushed = _pushed(content)
    dataset = tools.by_slug.get(pushed.dataset)
    if dataset is None:
        known = ", ".join(sorted(tools.by_slug))
        raise Invalid(errors=[FieldError("/dataset", f"其中之一 · one of {known}", pushed.dataset)])
    verdicts = await handlers.receive_rows(session, dataset, pushed.batch_id, pushed.rows, pushed.simulated)
    return Verdicts(batch_id=pushed.batch_id, verdicts=verdicts)


def _pushed(content: bytes) -> Pushed:
    try:
        return Pushed.model_validate(read_document(content))
    except ValidationError as problem:
        raise Invalid("推送内容有误 · the push is not in the agreed form", errors=body_errors(problem)) from problem
    except (ValueError, RecursionError) as problem:
        raise Invalid(
            "推送内容不是 JSON · the push is no JSON", errors=[FieldError("", "JSON 对象 · a JSON object", "")]
        ) from problem
