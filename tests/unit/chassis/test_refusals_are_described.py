"""What an operation asks for decides which refusals its description tells of; a body of another kind gets 415."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sikua_chassis.application import Application
from sikua_chassis.description import MEANINGS, operations, refusals, with_problems
from support.things import READ, THING, WRITE, problem

BODY = {"requestBody": {"content": {"application/json": {}}}}
TOKEN = {"security": [{"bearer": []}]}


def parameter(place: str, name: str) -> dict[str, Any]:
    return {"parameters": [{"in": place, "name": name}]}


@pytest.mark.parametrize(
    ("method", "operation", "expected"),
    [
        ("get", {}, ""),
        ("get", TOKEN, "401 403 503"),
        ("get", parameter("path", "project_id"), "404 422"),
        ("get", parameter("query", "cursor"), "400 422"),
        ("get", parameter("query", "limit"), "422"),
        ("delete", {}, "409"),
        ("post", BODY, "400 409 413 415 422 503"),
        ("post", parameter("header", "Idempotency-Key"), "400 409 422"),
        ("patch", parameter("header", "If-Match"), "409 412 422 428"),
    ],
)
def test_refusals_follow_from_what_is_asked_for(method: str, operation: dict[str, Any], expected: str) -> None:
    assert refusals(method, operation) == set(expected.split())


def test_every_refusal_described_is_a_problem(app: Application) -> None:
    document = app.openapi()
    described = {
        status: response
        for _, operation in operations(document)
        for status, response in operation["responses"].items()
        if status >= "400"
    }
    assert {"400", "401", "403", "404", "409", "413", "415", "422", "503"} <= set(described)
    for status, response in described.items():
        assert response["description"] == MEANINGS[status]
        assert response["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert described["401"]["headers"]["WWW-Authenticate"]["required"] is True


def test_what_a_route_states_by_hand_is_kept_as_a_problem() -> None:
    stated = {"responses": {"200": {"description": "ok"}, "410": {}, "503": {"content": {"text/plain": {}}}}}
    with_problems({"paths": {"/events": {"get": stated}}})
    assert list(stated["responses"]["410"]["content"]) == ["application/problem+json"]
    assert list(stated["responses"]["503"]["content"]) == ["text/plain"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", ""])
async def test_a_body_of_another_kind_is_refused_with_what_is_taken(client: httpx.AsyncClient, kind: str) -> None:
    headers = {**WRITE, "Content-Type": kind} if kind else WRITE
    answer = await client.post("/things", content=b'{"name": "a"}', headers=headers)
    document = problem(answer, 415, "unsupported-media-type")
    assert answer.headers["Accept"] == "application/json"
    assert document["errors"][0]["field"] == "header.Content-Type"
    assert document["errors"][0]["got"] == (kind or "nothing")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"]
)
async def test_json_by_any_of_its_names_is_taken(client: httpx.AsyncClient, kind: str) -> None:
    body = httpx.Request("POST", "http://test", json=THING).content
    answer = await client.post("/things", content=body, headers={**WRITE, "Content-Type": kind})
    assert answer.status_code == 201, answer.text


async def test_a_stranger_is_not_told_which_kinds_are_taken(client: httpx.AsyncClient) -> None:
    problem(await client.post("/things", content=b"x", headers={"Content-Type": "text/plain"}), 401, "unauthorized")


async def test_a_body_where_none_is_taken_is_let_be(client: httpx.AsyncClient) -> None:
    answer = await client.request("GET", "/things", content=b"x", headers={**READ, "Content-Type": "text/plain"})
    assert answer.status_code == 200
