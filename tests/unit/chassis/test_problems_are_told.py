"""What goes wrong is told as a problem: refusals whole, faults of ours not at all, what is lost with the time to wait."""

from __future__ import annotations

import io
import json

import httpx
import pytest
from sikua_chassis.application import Application
from sikua_chassis.errors import Invalid
from sikua_chassis.settings import ServiceSettings
from support.things import problem


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
        ("ended", "database"),
        ("taken", "database"),
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


async def test_a_wrong_secret_is_not_repeated(client: httpx.AsyncClient) -> None:
    app = Application(title="secrets", settings=ServiceSettings())

    @app.post("/contacts")
    async def contact(body: dict[str, dict[str, int]]) -> None: ...

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as other:
        response = await other.post("/contacts", json={"webhook": {"secret": "whsec_abc"}})
    assert problem(response, 422, "invalid")["errors"][0]["field"] == "/webhook/secret"
    assert "whsec_abc" not in response.text


def test_a_problem_never_loses_its_standard_members() -> None:
    document = Invalid("x", **{"type": "evil", "status": 200}).problem()
    assert document["type"] == "urn:sikua:problem:invalid"
    assert document["status"] == 422
