"""Webhook endpoints over HTTP. A secret is shown when it is made, and never again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sikua_chassis.api import Cursor, Limit, Reading, Writing, allows, decode_cursor, link_next, page

from sikua_notifier.destinations import parsed
from sikua_notifier.webhooks import handlers, store

router = APIRouter(tags=["webhooks"])
EndpointId = Annotated[str, Path(min_length=1, max_length=80)]


def _destination(url: str) -> str:
    parsed(url)
    return url


class EndpointIn(BaseModel):
    """An endpoint: contacts name it by `name`. The URL is https and public, unless the operator allows it."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    url: Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_destination)]


class EndpointView(BaseModel):
    """An endpoint without its secret. `paused_until` is real time, as the endpoint asked; so is the old secret's end."""

    id: str
    name: str
    url: str
    state: str
    disabled_reason: str | None
    paused_until: datetime | None
    secret_before_until: datetime | None
    created_by: str
    created_at: datetime


class EndpointWithSecret(EndpointView):
    """An endpoint with its fresh secret (`whsec_…`, Standard Webhooks)."""

    secret: str


class EndpointPage(BaseModel):
    """Endpoints in order of name, and the cursor of the next page."""

    items: list[EndpointView]
    next: str | None


@router.get("/webhooks", response_model=EndpointPage, dependencies=[allows("contacts:write")])
async def list_endpoints(
    request: Request, response: Response, session: Reading, limit: Limit = 50, cursor: Cursor = None
) -> dict[str, Any]:
    """Endpoints."""
    rows = await store.listed(session, (decode_cursor(cursor, str) or [""])[0], limit + 1)
    found = page(rows, limit, lambda row: [row["name"]])
    link_next(request, response, found["next"])
    return {"items": [dict(row) for row in found["items"]], "next": found["next"]}


@router.post("/webhooks", status_code=201, response_model=EndpointWithSecret, dependencies=[allows("contacts:write")])
async def register_endpoint(body: EndpointIn, session: Writing) -> dict[str, Any]:
    """Register an endpoint; keep the secret, it is not shown again."""
    row, secret = await handlers.register_endpoint(session, body.name, body.url)
    return {**dict(row), "secret": secret}


@router.post(
    "/webhooks/{endpoint_id}/rotate", response_model=EndpointWithSecret, dependencies=[allows("contacts:write")]
)
async def rotate_secret(endpoint_id: EndpointId, session: Writing) -> dict[str, Any]:
    """Make a new secret; the one before signs beside it for a day."""
    row, secret = await handlers.rotate_secret(session, endpoint_id)
    return {**dict(row), "secret": secret}


@router.post("/webhooks/{endpoint_id}/enable", response_model=EndpointView, dependencies=[allows("contacts:write")])
async def enable_endpoint(endpoint_id: EndpointId, session: Writing) -> dict[str, Any]:
    """Send to a disabled endpoint again."""
    return dict(await handlers.enable_endpoint(session, endpoint_id))


@router.delete("/webhooks/{endpoint_id}", status_code=204, dependencies=[allows("contacts:write")])
async def remove_endpoint(endpoint_id: EndpointId, session: Writing) -> None:
    """Forget an endpoint."""
    await handlers.remove_endpoint(session, endpoint_id)
