"""The door hands on what it gets, byte for byte and piece by piece, and keeps what belongs to one connection to itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from sikua_chassis.http import client, in_process
from sikua_cli.launcher.front import Behind, Forwarded
from sikua_cli.launcher.index import one_port
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def told(request: Request) -> Response:
    """What the service sees of a request."""
    body = await request.body()
    seen = {
        "method": request.method,
        "url": str(request.url),
        "raw": request.scope["raw_path"].decode(),
        "headers": dict(request.headers),
        "length": len(body),
    }
    response = JSONResponse(seen, 207)
    for cookie in ("a=1", "b=2"):
        response.headers.append("set-cookie", cookie)
    return response


SERVICE = Behind(Starlette(routes=[Route("/{rest:path}", told, methods=["GET", "POST", "PUT", "DELETE"])]), "registry")


@pytest.fixture
async def door() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a door before one service that answers and one that nobody serves."""
    async with client(transport=in_process(SERVICE)) as inside, client() as nobody:
        away = Forwarded("scheduler", "http://127.0.0.1:1", nobody)
        app = one_port(
            {"registry": Forwarded("registry", "http://registry.test", inside), "scheduler": away}, lambda: ("", "")
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://door.test") as outside:
            yield outside


async def test_a_request_arrives_as_it_was_sent_and_the_answer_comes_back_as_it_was_given(
    door: httpx.AsyncClient,
) -> None:
    answer = await door.put(
        "/registry/projects/%E5%9B%9B%2F%E8%B7%A8?name=%E9%A1%B9%E7%9B%AE&name=b",
        content=b"x" * 100_000,
        headers={"Authorization": "Bearer t", "If-Match": '"3"', "Connection": "close"},
    )
    seen = answer.json()
    assert answer.status_code == 207
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert (seen["method"], seen["length"]) == ("PUT", 100_000)
    assert seen["raw"] == "/projects/%E5%9B%9B%2F%E8%B7%A8"
    assert seen["url"].endswith("?name=%E9%A1%B9%E7%9B%AE&name=b")
    assert (seen["headers"]["authorization"], seen["headers"]["if-match"]) == ("Bearer t", '"3"')


async def test_the_service_knows_by_which_door_a_request_came(door: httpx.AsyncClient) -> None:
    through = (await door.get("/registry/projects")).json()
    assert through["url"] == "http://door.test/registry/projects"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=SERVICE), base_url="http://own.test") as direct:
        assert (await direct.get("/projects")).json()["url"] == "http://own.test/projects"
        forged = {"X-Forwarded-Prefix": "/elsewhere"}
        assert (await direct.get("/projects", headers=forged)).json()["url"] == "http://own.test/projects"


async def test_nothing_is_compressed_that_was_not_asked_for(door: httpx.AsyncClient) -> None:
    request = door.build_request("GET", "/registry/projects")
    del request.headers["accept-encoding"]
    assert (await door.send(request)).json()["headers"]["accept-encoding"] == "identity"


async def test_a_service_that_is_away_is_named_with_the_time_to_wait(door: httpx.AsyncClient) -> None:
    answer = await door.get("/scheduler/plans")
    assert (answer.status_code, answer.json()["hop"]) == (503, "scheduler")
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
