"""One problem names every wrong field of a body at once, with what was expected; taken route by route from OpenAPI."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import jsonschema_rs
import pytest
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.auth.roles import ALL_SCOPES
from sikua_chassis.description import METHODS
from sikua_contracts.topics import SERVICES
from support.applications import built

OURS = LocalIssuer.fresh()
JSON = "application/json"
SIGNED = {"/receive"}
"""Asks for a department's signature first; its own test is among the integration tests of bridges."""

LET_PASS = {"/calendars/{year}"}
"""Takes files of holiday-cn as they are: what they carry beside is let pass."""

UNKNOWN = "surprise"
CANDIDATES: tuple[Any, ...] = ({"no": "thing"}, [{"no": "thing"}], "\u0001", -1.5, None)


@dataclass(frozen=True)
class Route:
    """An operation that takes a JSON body; `body` is its schema with all references within reach."""

    service: str
    method: str
    path: str
    body: dict[str, Any]
    parameters: list[dict[str, Any]]

    @property
    def properties(self) -> dict[str, Any]:
        """Schemas of the body's members."""
        found: dict[str, Any] = self.body["properties"]
        return found

    @property
    def strict_paths(self) -> list[str]:
        """Path parameters that do not take just any text."""
        paths = [parameter for parameter in self.parameters if parameter["in"] == "path"]
        return [path["name"] for path in paths if not jsonschema_rs.is_valid(path["schema"], "~")]

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"


@cache
def application(service: str) -> Any:
    return built(service, OURS)


def routes() -> Iterator[Route]:
    for service in SERVICES:
        document = application(service).openapi()
        components = document["components"]
        for path, item in document["paths"].items():
            for method in METHODS:
                content = item.get(method, {}).get("requestBody", {}).get("content", {})
                if JSON in content and path not in SIGNED:
                    schema = content[JSON]["schema"]
                    name = schema["$ref"].rsplit("/", 1)[1]
                    body = {**components["schemas"][name], "components": components}
                    yield Route(service, method.upper(), path, body, item[method].get("parameters", []))


ROUTES = list(routes())


def wrong_value(route: Route, member: str) -> Any:
    """A value that the member's own schema refuses."""
    schema = {**route.properties[member], "components": route.body["components"]}
    judge = jsonschema_rs.validator_for(schema)
    return next(value for value in CANDIDATES if not judge.is_valid(value))


async def ask(route: Route, content: bytes, in_path: str = "1") -> httpx.Response:
    """What somebody who may do everything is answered by a service that was never started."""
    token = OURS.issue("somebody", scopes=sorted(ALL_SCOPES), unit="reform")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "1", "If-Match": '"v1"', "Content-Type": JSON}
    transport = httpx.ASGITransport(app=application(route.service), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        return await client.request(route.method, re.sub(r"\{[^}]+\}", in_path, route.path), content=content)


def named(answer: httpx.Response) -> dict[str, dict[str, str]]:
    """The wrong fields of a problem; each says what was expected, in both languages, and what came."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    errors: list[dict[str, str]] = answer.json()["errors"]
    for error in errors:
        assert error["expected"], error
        assert "·" in error["expected"], error
        assert "got" in error
    return {error["field"]: error for error in errors}


def test_every_service_has_routes_that_take_a_body() -> None:
    assert {route.service for route in ROUTES} == set(SERVICES)
    assert len(ROUTES) > 40


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_every_wrong_member_and_every_unknown_one_is_named_in_one_problem(route: Route) -> None:
    wrong = {**{member: wrong_value(route, member) for member in route.properties}, UNKNOWN: 1}
    fields = named(await ask(route, json.dumps(wrong).encode()))
    expected = set(wrong) - ({UNKNOWN} if route.path in LET_PASS else set())
    assert {field.split("/")[1] for field in fields if field.startswith("/")} == expected


@pytest.mark.parametrize("route", [route for route in ROUTES if route.strict_paths], ids=str)
async def test_a_wrong_path_is_named_beside_a_wrong_body(route: Route) -> None:
    fields = named(await ask(route, b"[]", in_path="~"))
    assert set(fields) == {"", *(f"path.{name}" for name in route.strict_paths)}


@pytest.mark.parametrize("route", [route for route in ROUTES if route.body.get("required")], ids=str)
async def test_everything_that_is_missing_is_named_in_one_problem(route: Route) -> None:
    fields = named(await ask(route, b"{}"))
    missing = {field for field, error in fields.items() if error["reason"] == "missing"}
    assert missing == {f"/{member}" for member in route.body["required"]}


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b""])
@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_what_is_no_object_is_said_to_be_none(route: Route, body: bytes) -> None:
    assert "" in named(await ask(route, body))
