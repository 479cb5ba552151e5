"""A small application behind the real door: who gets in, what is refused, and how a refusal reads."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
import structlog
from fastapi import APIRouter, File, Query, Request, UploadFile
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sikua_chassis.api import Caller, Cursor, allows
from sikua_chassis.application import Application
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.errors import Conflict, EnvironmentFault, FieldError, Invalid
from sikua_chassis.http import client as outside_client
from sikua_chassis.settings import ServiceSettings
from sikua_chassis.telemetry.logs import configure
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
    app.include_router(router)
    return app


@pytest.fixture(autouse=True)
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure("WARNING", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def app() -> Application:
    return application()


@pytest.fixture
async def client(app: Application) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as made:
        yield made


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


async def test_a_good_request_passes(client: httpx.AsyncClient) -> None:
    response = await client.post("/things", json=THING, headers=WRITE)
    assert response.status_code == 201


async def test_a_stranger_is_told_how_to_come_in(client: httpx.AsyncClient) -> None:
    response = await client.get("/things")
    problem(response, 401, "unauthorized")
    assert response.headers["www-authenticate"] == 'Bearer realm="sikua"'


@pytest.mark.parametrize("header", ["Basic d2FuZzp4", "Bearer", "Bearer  ", "x", "bearer not-a-token"])
async def test_something_else_than_a_token_is_no_token(client: httpx.AsyncClient, header: str) -> None:
    response = await client.get("/things", headers={"Authorization": header})
    problem(response, 401, "unauthorized")


async def test_a_bad_token_is_named_as_such_and_not_repeated(client: httpx.AsyncClient) -> None:
    token = ISSUER.issue("wang", scopes=["projects:read"], lifetime_seconds=-100)
    response = await client.get("/things", headers={"Authorization": f"Bearer {token}"})
    assert "expired" in problem(response, 401, "unauthorized")["detail"]
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert token not in response.text


async def test_a_missing_scope_is_named(client: httpx.AsyncClient) -> None:
    response = await client.get("/things", headers=WRITE)
    assert "projects:read" in problem(response, 403, "forbidden")["detail"]
    assert 'scope="projects:read"' in response.headers["www-authenticate"]


async def test_a_route_without_scopes_of_its_own_still_asks_who_comes(client: httpx.AsyncClient) -> None:
    assert (await client.get("/me", headers=READ)).json() == {"sub": "wang"}
    problem(await client.get("/me"), 401, "unauthorized")


@pytest.mark.parametrize("body", [b"{", b'{"name": 3}', b"", b"x" * (LIMIT + 1), b'{"name": "\\u0000"}'])
async def test_a_stranger_learns_nothing_from_a_bad_body(client: httpx.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    problem(await client.post("/things", content=body, headers=headers), 401, "unauthorized")


async def test_a_stranger_cannot_make_us_read(app: Application) -> None:
    read = 0
    answered: list[Any] = []

    async def receive() -> Any:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/things",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"1000")],
    }
    await app(scope, receive, send)
    assert answered[0]["status"] == 401
    assert read == 0


async def test_all_wrong_fields_are_listed_at_once(client: httpx.AsyncClient) -> None:
    body = {
        "name": "n" * 21,
        "amount_wan": "-1",
        "owner": {"name": "x", "divisions": [1]},
        "since": "2026-11-24T08:00:00",
        "extra": 1,
    }
    errors = problem(await client.post("/things", json=body, headers=WRITE), 422, "invalid")["errors"]
    wrong = {error["field"]: error for error in errors}
    assert set(wrong) == {"/name", "/amount_wan", "/owner/name", "/owner/divisions/0", "/since", "/extra"}
    assert wrong["/amount_wan"] == {
        "field": "/amount_wan",
        "expected": "不小于 0 · at least 0",
        "got": "-1",
        "reason": "greater_than_equal",
    }


async def test_a_missing_field_was_expected_and_nothing_came(client: httpx.AsyncClient) -> None:
    document = problem(await client.post("/things", json={}, headers=WRITE), 422, "invalid")
    assert [(error["field"], error["got"]) for error in document["errors"]] == [
        ("/name", "nothing"),
        ("/amount_wan", "nothing"),
        ("/owner", "nothing"),
    ]


async def test_a_wrong_parameter_is_named_by_its_place(client: httpx.AsyncClient) -> None:
    document = problem(await client.get("/things?limit=501", headers=READ), 422, "invalid")
    assert document["errors"][0]["field"] == "query.limit"


async def test_a_strange_cursor_is_a_bad_request(client: httpx.AsyncClient) -> None:
    problem(await client.get("/things?cursor=!!", headers=READ), 400, "bad-request")


async def test_broken_json_is_a_bad_request_with_its_place(client: httpx.AsyncClient) -> None:
    headers = {**WRITE, "content-type": "application/json"}
    document = problem(await client.post("/things", content=b'{"name": }', headers=headers), 400, "bad-request")
    assert "9" in document["detail"]


async def test_bytes_that_are_not_utf_8_are_a_bad_request(client: httpx.AsyncClient) -> None:
    headers = {**WRITE, "content-type": "application/json"}
    problem(
        await client.post("/things", content='{"name": "王"}'.encode("gb18030"), headers=headers), 400, "bad-request"
    )


async def test_json_nested_without_end_is_a_bad_request(client: httpx.AsyncClient) -> None:
    app = Application(title="deep", settings=ServiceSettings())
    app.state.verifier = ISSUER.verifier()
    app.include_router(router)
    headers = {**WRITE, "content-type": "application/json"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as deep:
        response = await deep.post("/things", content=b"[" * 100_000 + b'"\\u0000"', headers=headers)
    problem(response, 400, "bad-request")


@pytest.mark.parametrize("character", ["\\u0000", "\\ud800", "\\uDFFF"])
async def test_text_that_the_database_cannot_hold_is_named(client: httpx.AsyncClient, character: str) -> None:
    text = '{"name": "a", "amount_wan": 1, "owner": {"name": "bb"}, "more": {"a/b": ["x", "y%s"], "k%s": 1}}'
    headers = {**WRITE, "content-type": "application/json"}
    body = (text % (character, character)).encode()
    errors = problem(await client.post("/things", content=body, headers=headers), 422, "invalid")["errors"]
    assert [error["field"] for error in errors] == ["/more/a~1b/1", "/more/k�"]


async def test_the_name_of_such_a_character_and_whole_pairs_are_fine(client: httpx.AsyncClient) -> None:
    body = b'{"name": "\\\\u0000 \\ud83d\\ude00", "amount_wan": 1, "owner": {"name": "bb"}}'
    response = await client.post("/things", content=body, headers={**WRITE, "content-type": "application/json"})
    assert response.status_code == 201
    assert response.json()["name"] == "\\u0000 😀"


@pytest.mark.parametrize("path", ["/open/a%00b", "/things?cursor=%00", "/open/x?any=a%00"])
async def test_nul_in_an_address_is_refused(client: httpx.AsyncClient, path: str) -> None:
    problem(await client.get(path, headers=READ), 422, "invalid")


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient) -> None:
    body = {**THING, "more": {"text": "x" * LIMIT}}
    problem(await client.post("/things", json=body, headers=WRITE), 413, "too-large")


async def test_a_body_of_unknown_length_is_counted_as_it_comes(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 500

    headers = {**WRITE, "content-type": "application/json"}
    problem(await client.post("/things", content=chunks(), headers=headers), 413, "too-large")


async def test_an_upload_has_a_limit_of_its_own(client: httpx.AsyncClient) -> None:
    headers = bearer("imports:write")
    good = await client.post("/uploads", files={"file": b"x" * 2 * LIMIT}, headers=headers)
    assert good.json() == {"size": 2 * LIMIT}
    problem(await client.post("/uploads", files={"file": b"x" * 5 * LIMIT}, headers=headers), 413, "too-large")


async def test_a_refusal_of_a_service_keeps_its_name_and_its_own_members(client: httpx.AsyncClient) -> None:
    document = problem(await client.post("/fail/full"), 409, "shelf-full")
    assert document["shelf"] == 7
    assert document["title"] == "货架已满 · The shelf is full"
    assert document["instance"] == "/fail/full"
    assert document["errors"] == [{"field": "/place", "expected": "a free place", "got": "7"}]


@pytest.mark.parametrize("how", ["bug", "misuse", "file"])
async def test_a_fault_of_ours_tells_nothing(client: httpx.AsyncClient, how: str) -> None:
    response = await client.post(f"/fail/{how}")
    problem(response, 500, "internal")
    assert not any(word in response.text for word in ("hunter2", "RuntimeError", "argument", "/etc"))


async def test_a_fault_of_ours_is_logged_whole(client: httpx.AsyncClient, lines: io.StringIO) -> None:
    await client.post("/fail/misuse")
    line = json.loads(lines.getvalue().splitlines()[-1])
    assert line["action"] == "request_failed"
    assert "the server expects 1 argument" in line["exception"]


@pytest.mark.parametrize(
    ("how", "hop"),
    [
        ("database", "database"),
        ("socket", "database"),
        ("stopping", "database"),
        ("closed", "database"),
        ("broker", "kafka"),
    ],
)
async def test_what_is_lost_is_named_with_the_time_to_wait(client: httpx.AsyncClient, how: str, hop: str) -> None:
    response = await client.post(f"/fail/{how}")
    assert problem(response, 503, "unavailable")["hop"] == hop
    assert int(response.headers["retry-after"]) > 0


async def test_a_partner_that_does_not_answer_is_named_by_host_only(client: httpx.AsyncClient) -> None:
    response = await client.get("/partner")
    assert problem(response, 503, "unavailable")["hop"] == "127.0.0.1:9"
    assert "secret-path" not in response.text


async def test_a_duplicate_is_a_conflict_without_the_name_of_the_constraint(client: httpx.AsyncClient) -> None:
    response = await client.post("/fail/duplicate")
    problem(response, 409, "duplicate")
    assert "secret_name" not in response.text


async def test_a_value_the_database_refuses_is_invalid(client: httpx.AsyncClient) -> None:
    problem(await client.post("/fail/value"), 422, "invalid")


async def test_no_such_route_and_no_such_method_are_problems_too(client: httpx.AsyncClient) -> None:
    problem(await client.get("/nowhere"), 404, "not-found")
    response = await client.delete("/things")
    problem(response, 405, "method-not-allowed")
    assert response.headers["allow"]


async def test_a_wrong_secret_is_not_repeated(client: httpx.AsyncClient) -> None:
    app = Application(title="secrets", settings=ServiceSettings())

    @app.post("/contacts")
    async def contact(body: dict[str, dict[str, int]]) -> None: ...

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as other:
        response = await other.post("/contacts", json={"webhook": {"secret": "whsec_abc"}})
    assert problem(response, 422, "invalid")["errors"][0]["field"] == "/webhook/secret"
    assert "whsec_abc" not in response.text


async def test_a_body_of_no_known_type_is_no_upload(client: httpx.AsyncClient) -> None:
    problem(await client.post("/things", content=b"x" * (LIMIT + 1), headers=WRITE), 413, "too-large")
    headers = {**WRITE, "content-type": "application/vnd.api+json"}
    problem(await client.post("/things", content=b"x" * (LIMIT + 1), headers=headers), 413, "too-large")


async def test_made_up_methods_do_not_grow_the_figures(app: Application, client: httpx.AsyncClient) -> None:
    for number in range(5):
        await client.request(f"MAKEUP{number}", "/things")
    text = app.state.metrics.render().decode()
    assert "MAKEUP" not in text
    assert 'method="other"' in text


async def test_answers_and_denials_are_counted(app: Application, client: httpx.AsyncClient) -> None:
    await client.get("/open/one")
    await client.get("/open/two")
    await client.get("/things")
    await client.get("/nowhere/at/all")
    text = app.state.metrics.render().decode()
    assert 'sikua_http_requests_total{method="GET",route="/open/{name}",status="200"} 2.0' in text
    assert 'sikua_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert 'sikua_denials_total{reason="no_token"} 1.0' in text


async def test_the_description_tells_who_may_and_what_can_go_wrong(app: Application) -> None:
    document = app.openapi()
    make_thing = document["paths"]["/things"]["post"]
    assert make_thing["security"] == [{"bearer": ["projects:write"]}]
    assert {"201", "400", "401", "403", "413", "422", "503"} <= set(make_thing["responses"])
    shown = make_thing["responses"]["422"]["content"]
    assert shown == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert "security" not in document["paths"]["/open/{name}"]["get"]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "HTTPValidationError" not in document["components"]["schemas"]


async def test_nothing_is_loaded_from_elsewhere(client: httpx.AsyncClient) -> None:
    assert (await client.get("/docs")).status_code == 404
    assert (await client.get("/openapi.json")).status_code == 200


async def test_many_at_once_keep_their_own_callers(client: httpx.AsyncClient) -> None:
    tokens = [ISSUER.issue(f"person {number}") for number in range(30)]
    answers = await asyncio.gather(*(client.get("/me", headers={"Authorization": f"Bearer {t}"}) for t in tokens))
    assert [answer.json()["sub"] for answer in answers] == [f"person {number}" for number in range(30)]


def test_a_problem_never_loses_its_standard_members() -> None:
    document = Invalid("x", **{"type": "evil", "status": 200}).problem()
    assert document["type"] == "urn:sikua:problem:invalid"
    assert document["status"] == 422
