"""Without a valid token that holds the scope, no route does anything; taken route by route from the OpenAPI documents."""

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_contracts.topics import SERVICES
from support.applications import built

OPEN = {"/livez", "/readyz", "/metrics", "/openapi.json", "/asyncapi"}
SIGNED = {"/receive"}
"""Doors that open to a department's signature; a token opens none of them."""

METHODS = ("get", "post", "put", "patch", "delete")
OURS = LocalIssuer.fresh()
ALL = ["command_office", "operator", "department_system", "service", "auditor"]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item and path not in OPEN:
                yield method.upper(), re.sub(r"\{[^}]+\}", "1", path)


def tokens() -> dict[str, str | None]:
    now = time.time()
    good = OURS.issue("somebody", roles=ALL)
    return {
        "missing": None,
        "not a token": "Bearer nonsense",
        "another scheme": "Basic c29tZWJvZHk6c2VjcmV0",
        "tampered": f"Bearer {good[:-8]}AAAAAAAA",
        "expired": f"Bearer {OURS.issue('somebody', roles=ALL, now=now - 7200, lifetime_seconds=60)}",
        "not valid yet": f"Bearer {OURS.issue('somebody', roles=ALL, now=now + 3600)}",
        "foreign issuer": f"Bearer {LocalIssuer.fresh().issue('somebody', roles=ALL)}",
        "foreign audience": f"Bearer {OURS.issue('somebody', roles=ALL, aud='another system')}",
    }


@pytest.mark.parametrize("service", SERVICES)
async def test_a_missing_wrong_expired_or_foreign_token_gets_401_on_every_route(service: str) -> None:
    app = built(service, OURS)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    found = list(operations(app.openapi()))
    assert len(found) >= 4
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for method, path in found:
            for name, header in tokens().items():
                headers = {"Authorization": header} if header else {}
                answer = await client.request(method, path, headers=headers, json={"surely": "wrong"})
                assert answer.status_code == 401, f"{method} {path} with a token {name}: {answer.status_code}"
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_token_without_the_scope_gets_403_on_every_route(service: str) -> None:
    app = built(service, OURS)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {OURS.issue('somebody', roles=[], scopes=['nothing:at-all'])}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        for method, path in operations(app.openapi()):
            if path in SIGNED:
                continue
            answer = await client.request(method, path, json={"surely": "wrong"})
            assert answer.status_code == 403, f"{method} {path}: {answer.status_code}"
            assert "insufficient_scope" in answer.headers["www-authenticate"]
