"""Bodies, parameters and uploads are checked at the edge, and everything wrong with one is named at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal

import httpx
import pytest
from sikua_chassis.application import Application
from sikua_chassis.parameters import is_many
from sikua_chassis.settings import ServiceSettings
from support.things import ISSUER, LIMIT, READ, THING, WRITE, bearer, problem, router


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


async def test_a_body_of_no_known_type_is_no_upload(client: httpx.AsyncClient) -> None:
    problem(await client.post("/things", content=b"x" * (LIMIT + 1), headers=WRITE), 413, "too-large")
    headers = {**WRITE, "content-type": "application/vnd.api+json"}
    problem(await client.post("/things", content=b"x" * (LIMIT + 1), headers=headers), 413, "too-large")


async def test_a_query_parameter_that_nobody_knows_is_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things", params=[("limt", "5"), ("limit", "5"), ("x", "1"), ("x", "2")], headers=READ)
    errors = problem(answer, 422, "invalid")["errors"]
    assert [error["field"] for error in errors] == ["query.limt", "query.x"]
    assert "limit" in errors[0]["expected"]
    assert (await client.get("/things?limt=5")).status_code == 401


async def test_a_parameter_given_twice_is_refused_by_name_and_never_read_by_its_last_value(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/things?limit=5&limit=x&cursor=&cursor=&limit=7", headers=READ)
    errors = problem(answer, 422, "invalid")["errors"]
    assert [(error["field"], error["got"], error["reason"]) for error in errors] == [
        ("query.limit", "3 times", "given_again"),
        ("query.cursor", "2 times", "given_again"),
    ]
    assert "只能给一次" in errors[0]["expected"]


@pytest.mark.parametrize(
    "annotation",
    [
        list[int],
        Sequence[str],
        set[str] | None,
        Annotated[frozenset[str], "words"],
        Annotated[list[str] | None, 1],
        tuple[int, ...],
    ],
)
def test_a_parameter_of_many_values_may_be_repeated(annotation: Any) -> None:
    assert is_many(annotation)


@pytest.mark.parametrize("annotation", [int, str, bytes, str | None, Annotated[str | None, "word"], Literal["a", "b"]])
def test_a_parameter_of_one_value_may_not(annotation: Any) -> None:
    assert not is_many(annotation)
