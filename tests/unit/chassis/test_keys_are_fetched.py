"""The issuer's keys over HTTP: kept, asked again for an unknown key, and still counted while the issuer is away."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.auth.jwks import FetchedKeys, key_source
from sikua_chassis.auth.tokens import TokenRefused, TokenVerifier
from sikua_chassis.auth.trust import verifier_of
from sikua_chassis.errors import EnvironmentFault, SikuaError
from sikua_chassis.http import in_process
from sikua_chassis.settings import ServiceSettings
from starlette.responses import Response


class Issuer:
    """A real issuer's HTTP side, with its keys and its troubles."""

    def __init__(self) -> None:
        self.key = LocalIssuer.fresh()
        self.asked = 0
        self.answer: Response | None = None
        self.now = 0.0
        self.app = FastAPI()
        self.app.get("/jwks")(self.jwks)
        self.keys = FetchedKeys("http://issuer/jwks", transport=in_process(self.app), clock=lambda: self.now)

    async def jwks(self) -> Any:
        self.asked += 1
        return self.answer or self.key.jwks()

    def verifier(self) -> TokenVerifier:
        return TokenVerifier(self.keys, issuer=self.key.issuer)


async def test_keys_are_fetched_once_for_many_tokens() -> None:
    issuer = Issuer()
    verifier = issuer.verifier()
    tokens = [issuer.key.issue(f"person {number}") for number in range(20)]
    principals = await asyncio.gather(*(verifier.verify(token) for token in tokens))
    assert len({principal.sub for principal in principals}) == 20
    assert issuer.asked == 1


async def test_a_rotated_key_is_found() -> None:
    issuer = Issuer()
    verifier = issuer.verifier()
    await verifier.verify(issuer.key.issue("a"))
    issuer.key = LocalIssuer.fresh()
    issuer.now += 11
    assert (await verifier.verify(issuer.key.issue("b"))).sub == "b"


async def test_made_up_keys_do_not_turn_into_requests() -> None:
    issuer = Issuer()
    verifier = issuer.verifier()
    await verifier.verify(issuer.key.issue("a"))
    for _ in range(20):
        with pytest.raises(TokenRefused, match="unknown_key"):
            await verifier.verify(LocalIssuer.fresh().issue("a"))
    assert issuer.asked == 1


async def test_known_keys_count_while_the_issuer_is_away() -> None:
    issuer = Issuer()
    verifier = issuer.verifier()
    await verifier.verify(issuer.key.issue("a"))
    issuer.answer = Response(status_code=500)
    issuer.now += 3600
    assert (await verifier.verify(issuer.key.issue("b"))).sub == "b"
    assert issuer.asked == 2


@pytest.mark.parametrize(
    "answer",
    [
        Response("down", status_code=503),
        Response("<html>"),
        JSONResponse([]),
        JSONResponse({"keys": [{"kty": "OKP", "kid": "x"}]}),
    ],
)
async def test_without_any_key_the_fault_is_the_issuers_not_the_tokens(answer: Response) -> None:
    issuer = Issuer()
    issuer.answer = answer
    with pytest.raises(EnvironmentFault) as fault:
        await issuer.verifier().verify(issuer.key.issue("a"))
    assert fault.value.hop == "jwks"


async def test_an_issuer_that_cannot_be_reached_is_a_fault_of_the_environment() -> None:
    keys = FetchedKeys("http://127.0.0.1:9/jwks")
    with pytest.raises(EnvironmentFault):
        await keys.key("any")


async def test_keys_may_lie_in_a_file(tmp_path: Path) -> None:
    issuer = LocalIssuer.fresh()
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(issuer.jwks()))
    verifier = TokenVerifier(key_source(str(path)), issuer=issuer.issuer)
    assert (await verifier.verify(issuer.issue("a"))).sub == "a"


async def test_settings_say_whom_to_trust(tmp_path: Path) -> None:
    local = ServiceSettings(local_issuer_key=str(tmp_path / "issuer.jwk"))
    token = LocalIssuer.at(tmp_path / "issuer.jwk").issue("a")
    assert (await verifier_of(local).verify(token)).sub == "a"
    other = LocalIssuer.fresh(issuer="https://id.example.cn")
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(other.jwks()))
    trusting = ServiceSettings(oidc_issuer="https://id.example.cn", jwks=str(path))
    assert (await verifier_of(trusting).verify(other.issue("b"))).sub == "b"
    with pytest.raises(TokenRefused):
        await verifier_of(trusting).verify(token)
    with pytest.raises(SikuaError, match="SIKUA_JWKS"):
        verifier_of(ServiceSettings(oidc_issuer="https://id.example.cn"))
