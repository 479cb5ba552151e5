"""Who gets in at the door, what a stranger learns, and what of it is counted and described."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import Request
from sikua_chassis.application import Application
from sikua_chassis.settings import ServiceSettings
from support.things import ISSUER, LIMIT, READ, THING, WRITE, problem


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


async def test_no_such_route_and_no_such_method_are_problems_too(client: httpx.AsyncClient) -> None:
    problem(await client.get("/nowhere"), 404, "not-found")
    response = await client.delete("/things")
    problem(response, 405, "method-not-allowed")
    assert response.headers["allow"]


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


async def test_whoever_leaves_before_the_request_is_whole_is_no_failure_of_ours() -> None:
    app = Application(title="Raw", settings=ServiceSettings())
    answered: list[Any] = []

    async def read(request: Request) -> None:
        await request.body()

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answered.append(message)

    app.add_api_route("/raw", read, methods=["POST"])
    scope = {"type": "http", "method": "POST", "path": "/raw", "query_string": b"", "headers": []}
    await app(scope, receive, send)
    assert answered == []
