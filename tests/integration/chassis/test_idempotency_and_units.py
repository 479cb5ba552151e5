"""POSTs that are sent twice act once, units of work commit before the answer leaves: on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import APIRouter, UploadFile
from pydantic import BaseModel
from sikua_chassis.api import Idempotent, Reading, Writing, allows, etag_of
from sikua_chassis.application import Application
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.clock import real_now
from sikua_chassis.database import Database
from sikua_chassis.errors import Conflict
from sikua_chassis.settings import ServiceSettings
from starlette.responses import Response
from support.ended_connections import end_connections

ISSUER = LocalIssuer.fresh()
CREATE = "CREATE TABLE thing (name text PRIMARY KEY, at timestamptz NOT NULL)"


class Thing(BaseModel):
    name: str
    fail: bool = False


class Shown(BaseModel):
    name: str
    at: datetime


router = APIRouter()


@router.post("/things", status_code=201, response_model=Shown, dependencies=[allows("projects:write")])
async def gathered(body: Thing, session: Writing, once: Idempotent) -> Response:
    session.gather("INSERT INTO thing (name, at) VALUES ($1, $2)", body.name, session.now)
    view = Shown(name=body.name, at=session.now)
    return await once.answer(session, 201, view, headers={"ETag": etag_of(1), "Location": f"/things/{body.name}"})


@router.post("/checked", status_code=201, dependencies=[allows("projects:write")])
async def checked(body: Thing, session: Writing, once: Idempotent) -> Response:
    if await session.fetchval("SELECT true FROM thing WHERE name = $1", body.name):
        raise Conflict("已存在 · it is there")
    await session.execute("INSERT INTO thing (name, at) VALUES ($1, $2)", body.name, session.now)
    if body.fail:
        raise Conflict("最后失败 · failed at the end")
    return await once.answer(session, 201, {"name": body.name})


@router.post("/uploads", status_code=201, dependencies=[allows("projects:write")])
async def upload(file: UploadFile, session: Writing, once: Idempotent) -> Response:
    content = await file.read()
    return await once.answer(session, 201, {"size": len(content)})


@router.post("/plain", status_code=201, dependencies=[allows("projects:write")])
async def plain(body: Thing, session: Writing) -> dict[str, str]:
    session.gather("INSERT INTO thing (name, at) VALUES ($1, $2)", body.name, session.now)
    return {"name": body.name, "actor": session.actor.sub if session.actor else "", "traced": session.traceparent or ""}


@router.get("/things", dependencies=[allows("projects:read")])
async def things(session: Reading) -> list[str]:
    return [row["name"] for row in await session.fetch("SELECT name FROM thing ORDER BY name")]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, "registry", service="registry", source="urn:test", business_now=real_now)
    await made.open()
    await made.pool.execute(CREATE)
    yield made
    await made.close()


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = Application(title="Things", settings=ServiceSettings())
    app.state.database = database
    app.state.verifier = ISSUER.verifier()
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as made:
        made.headers["Authorization"] = token("wang")
        yield made


def token(sub: str) -> str:
    return f"Bearer {ISSUER.issue(sub, scopes=['projects:read', 'projects:write'])}"


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def names(database: Database) -> list[str]:
    return [row["name"] for row in await database.pool.fetch("SELECT name FROM thing ORDER BY name")]


async def test_the_second_answer_is_the_first_one_again(client: httpx.AsyncClient, database: Database) -> None:
    first = await client.post("/things", json={"name": "a"}, headers=keyed("k1"))
    second = await client.post("/things", json={"name": "a"}, headers=keyed("k1"))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert [response.headers.get("idempotent-replayed") for response in (first, second)] == [None, "true"]
    assert second.headers["etag"] == '"v1"'
    assert second.headers["location"] == "/things/a"
    assert await names(database) == ["a"]


async def test_the_happy_path_costs_no_statement_more(client: httpx.AsyncClient, database: Database) -> None:
    before = database.statements
    await client.post("/things", json={"name": "a"}, headers=keyed("k1"))
    assert database.statements - before == 1


async def test_a_repetition_that_meets_its_own_traces_is_answered_as_the_first_time(client: httpx.AsyncClient) -> None:
    first = await client.post("/checked", json={"name": "a"}, headers=keyed("k1"))
    second = await client.post("/checked", json={"name": "a"}, headers=keyed("k1"))
    assert second.status_code == 201
    assert second.json() == first.json()
    assert (await client.post("/checked", json={"name": "a"}, headers=keyed("k2"))).status_code == 409


async def test_the_same_key_with_another_payload_is_refused(client: httpx.AsyncClient, database: Database) -> None:
    await client.post("/things", json={"name": "a"}, headers=keyed("k1"))
    response = await client.post("/things", json={"name": "b"}, headers=keyed("k1"))
    assert response.status_code == 422
    assert response.json()["type"] == "urn:sikua:problem:idempotency-key-reused"
    assert await names(database) == ["a"]


async def test_callers_do_not_meet_each_others_keys(client: httpx.AsyncClient, database: Database) -> None:
    await client.post("/things", json={"name": "a"}, headers=keyed("k1"))
    headers = {**keyed("k1"), "Authorization": token("zhang")}
    response = await client.post("/things", json={"name": "b"}, headers=headers)
    assert response.status_code == 201
    assert await names(database) == ["a", "b"]


async def test_many_at_once_act_once(client: httpx.AsyncClient, database: Database) -> None:
    answers = await asyncio.gather(*(client.post("/things", json={"name": "a"}, headers=keyed("k1")) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 7
    assert await names(database) == ["a"]


async def test_a_refused_request_may_be_sent_again(client: httpx.AsyncClient, database: Database) -> None:
    refused = await client.post("/checked", json={"name": "a", "fail": True}, headers=keyed("k1"))
    assert refused.status_code == 409
    assert await names(database) == []
    again = await client.post("/checked", json={"name": "a"}, headers=keyed("k1"))
    assert again.status_code == 201


@pytest.mark.parametrize("key", [None, "", "   ", "k" * 256])
async def test_a_request_without_a_proper_key_is_refused(client: httpx.AsyncClient, key: str | None) -> None:
    response = await client.post("/things", json={"name": "a"}, headers={} if key is None else keyed(key))
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "header.Idempotency-Key"


async def test_a_missing_key_is_named_beside_everything_else_that_is_wrong(client: httpx.AsyncClient) -> None:
    response = await client.post("/things", json={"nmae": "a"})
    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} >= {"header.Idempotency-Key", "/name"}


async def test_an_upload_is_known_by_its_content(client: httpx.AsyncClient) -> None:
    first = await client.post("/uploads", files={"file": b"one"}, headers=keyed("k1"))
    again = await client.post("/uploads", files={"file": b"one"}, headers=keyed("k1"))
    other = await client.post("/uploads", files={"file": b"two"}, headers=keyed("k1"))
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == again.json() == {"size": 3}
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_duplicate_that_is_no_repetition_is_a_conflict(client: httpx.AsyncClient, database: Database) -> None:
    await client.post("/things", json={"name": "a"}, headers=keyed("k1"))
    response = await client.post("/things", json={"name": "a"}, headers=keyed("k2"))
    assert response.status_code == 409
    assert response.json()["type"] == "urn:sikua:problem:duplicate"
    assert await names(database) == ["a"]


async def test_what_was_answered_is_committed(client: httpx.AsyncClient, database: Database) -> None:
    response = await client.post("/plain", json={"name": "a"})
    assert response.json()["actor"] == "wang"
    assert await names(database) == ["a"]
    assert (await client.get("/things")).json() == ["a"]


async def test_what_cannot_be_committed_is_not_answered_with_success(client: httpx.AsyncClient) -> None:
    await client.post("/plain", json={"name": "a"})
    assert (await client.post("/plain", json={"name": "a"})).status_code == 409


async def test_a_wrong_body_opens_no_transaction(client: httpx.AsyncClient, database: Database) -> None:
    before = database.statements
    assert (await client.post("/plain", json={"name": 3})).status_code == 422
    assert database.statements == before


async def test_a_lost_database_is_named_and_found_again(client: httpx.AsyncClient, database: Database) -> None:
    await client.get("/things")
    await end_connections(database.url)
    statuses = [(await client.get("/things")).status_code for _ in range(3)]
    assert statuses[-1] == 200
    assert set(statuses) <= {200, 503}


async def test_the_moment_of_a_unit_is_one(client: httpx.AsyncClient) -> None:
    before = datetime.now(UTC)
    shown = await client.post("/things", json={"name": "a"}, headers=keyed("k1"))
    assert before <= datetime.fromisoformat(shown.json()["at"]) <= datetime.now(UTC)
