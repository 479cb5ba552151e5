"""A small application behind the real door, for tests of who gets in, what is refused, and how a refusal reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Annotated, Any

import asyncpg
import httpx
from fastapi import APIRouter, File, Query, Request, UploadFile
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sikua_chassis.api import Caller, Cursor, allows
from sikua_chassis.application import Application
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.errors import Conflict, EnvironmentFault, FieldError
from sikua_chassis.http import client as outside_client
from sikua_chassis.settings import ServiceSettings
from sikua_chassis.telemetry.metrics import Metrics
from starlette.responses import StreamingResponse

ISSUER = LocalIssuer.fresh()
LIMIT = 2000


class Owner(BaseModel):
    name: str = Field(min_length=2)
    divisions: list[str] = []


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=20)
    amount_wan: Decimal = Field(ge=0)
    owner: Owner
    since: AwareDatetime | None = None
    more: dict[str, Any] = {}


class Full(Conflict):
    slug = "shelf-full"
    title_zh = "货架已满"
    title_en = "The shelf is full"


router = APIRouter()


@router.post("/things", status_code=201, dependencies=[allows("projects:write")])
async def make(body: Thing) -> Thing:
    return body


@router.get("/things", dependencies=[allows("projects:read")])
async def things(cursor: Cursor = None, limit: Annotated[int, Query(ge=1, le=500)] = 10) -> dict[str, int]:
    return {"limit": limit}


@router.get("/me", dependencies=[allows()])
async def me(caller: Caller) -> dict[str, str]:
    return {"sub": caller.sub}


@router.post("/uploads", dependencies=[allows("imports:write")])
async def upload(file: Annotated[UploadFile, File()]) -> dict[str, int]:
    return {"size": len(await file.read())}


@router.get("/open/{name}")
async def anyone(name: str) -> dict[str, str]:
    return {"name": name}


@router.post("/fail/{how}")
async def fail(how: str, request: Request) -> dict[str, str]:
    failures: dict[str, Exception] = {
        "bug": RuntimeError("the password is hunter2"),
        "full": Full("第七格 · shelf seven", errors=[FieldError("/place", "a free place", "7")], shelf=7),
        "database": asyncpg.ConnectionDoesNotExistError("connection was closed"),
        "socket": FileNotFoundError(2, "No such file or directory", "/tmp/place/.s.PGSQL.5432"),
        "stopping": asyncpg.CannotConnectNowError("the database system is shutting down"),
        "closed": asyncpg.InterfaceError("cannot perform operation: connection is closed"),
        "ended": asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        "taken": asyncpg.InterfaceError(
            "cannot call Connection.fetch(): connection has been released back to the pool"
        ),
        "misuse": asyncpg.InterfaceError("the server expects 1 argument for this query, 2 were passed"),
        "file": FileNotFoundError(2, "No such file or directory", "/etc/sikua"),
        "broker": EnvironmentFault("kafka", "no leader"),
        "duplicate": asyncpg.UniqueViolationError("duplicate key value violates unique constraint secret_name"),
        "value": asyncpg.CharacterNotInRepertoireError("invalid byte sequence"),
    }
    raise failures[how]


@router.get("/partner")
async def partner() -> None:
    async with outside_client("http://127.0.0.1:9", timeout_seconds=1) as outside:
        await outside.get("/secret-path")


@router.get("/stream")
async def stream() -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        yield "one\n"

    return StreamingResponse(lines())


def application() -> Application:
    app = Application(title="Things", settings=ServiceSettings(max_body_bytes=LIMIT, max_upload_bytes=4 * LIMIT))
    app.state.verifier = ISSUER.verifier()
    app.state.metrics = Metrics("things")
    app.take(router)
    return app


def bearer(*scopes: str, **claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {ISSUER.issue('wang', scopes=scopes, **claims)}"}


WRITE = bearer("projects:write")
READ = bearer("projects:read")
THING = {"name": "a", "amount_wan": "1", "owner": {"name": "王芳"}}


def problem(response: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["type"] == f"urn:sikua:problem:{slug}"
    assert document["status"] == status
    assert " · " in document["title"]
    return document
