"""Tokens that count and all the ways in which a token does not."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from sikua_chassis.auth.issuer import LOCAL_ISSUER, LocalIssuer
from sikua_chassis.auth.roles import ALL_SCOPES, SCOPES, Role, scopes_of
from sikua_chassis.auth.tokens import GivenKeys, TokenRefused, TokenVerifier
from sikua_chassis.errors import SikuaError

ISSUER = LocalIssuer.fresh()


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": LOCAL_ISSUER, "aud": "sikua", "sub": "a", "exp": now + 60, "iat": now, **changed}


def signed(key: Any, algorithm: str, **changed: Any) -> str:
    header = {"alg": algorithm, "kid": key.kid or "k", "typ": "at+jwt"}
    return jwt.encode(header, claims(**changed), key, algorithms=[algorithm])


async def refusal_of(token: str, verifier: TokenVerifier | None = None) -> str:
    with pytest.raises(TokenRefused) as refused:
        await (verifier or ISSUER.verifier()).verify(token)
    assert token not in str(refused.value)
    return refused.value.reason


async def test_a_token_of_the_local_issuer_names_its_bearer() -> None:
    token = ISSUER.issue("li", roles=[Role.DISTRICT_OWNER], name="李", unit="商务局", division="370203")
    principal = await ISSUER.verifier().verify(token)
    assert (principal.sub, principal.name, principal.unit, principal.division) == ("li", "李", "商务局", "370203")
    assert principal.scopes == SCOPES[Role.DISTRICT_OWNER]
    assert not principal.sees_all


async def test_an_expired_token_is_refused_after_the_leeway_only() -> None:
    now = time.time()
    within = ISSUER.issue("a", lifetime_seconds=100, now=now - 120)
    assert (await ISSUER.verifier().verify(within)).sub == "a"
    assert await refusal_of(ISSUER.issue("a", lifetime_seconds=100, now=now - 140)) == "expired"


async def test_a_remembered_token_expires_too() -> None:
    moment = time.time()
    verifier = TokenVerifier(GivenKeys(ISSUER.jwks()), issuer=LOCAL_ISSUER, clock=lambda: moment)
    token = ISSUER.issue("a", lifetime_seconds=100, now=moment)
    await verifier.verify(token)
    assert verifier.remembered(token) is not None
    moment += 131
    assert verifier.remembered(token) is None
    assert await refusal_of(token, verifier) == "expired"


async def test_a_token_from_the_future_is_refused() -> None:
    assert await refusal_of(ISSUER.issue("a", now=time.time() + 300)) == "not_yet_valid"


async def test_a_foreign_issuer_is_refused_even_under_our_key() -> None:
    assert await refusal_of(ISSUER.issue("a", iss="https://elsewhere.example")) == "foreign_issuer"


async def test_a_token_signed_by_another_key_is_refused() -> None:
    assert await refusal_of(LocalIssuer.fresh().issue("a")) == "unknown_key"


async def test_a_token_signed_by_another_key_under_our_key_id_is_refused() -> None:
    known = ISSUER.jwks()["keys"][0]["kid"]
    forger = OKPKey.generate_key("Ed25519", {"kid": known})
    assert await refusal_of(signed(forger, "Ed25519")) == "bad_signature"


@pytest.mark.parametrize("audience", ["tax-office", ["tax-office", "reform"], [], None])
async def test_a_token_for_another_audience_is_refused(audience: Any) -> None:
    assert await refusal_of(ISSUER.issue("a", aud=audience)) == "wrong_audience"


async def test_a_token_may_have_several_audiences() -> None:
    assert (await ISSUER.verifier().verify(ISSUER.issue("a", aud=["tax-office", "sikua"]))).sub == "a"


async def test_a_token_without_an_end_is_refused() -> None:
    assert await refusal_of(ISSUER.issue("a", exp=None)) == "no_expiry"


async def test_an_unsigned_token_is_refused() -> None:
    known = ISSUER.jwks()["keys"][0]["kid"]
    header, body = ({"alg": "none", "kid": known, "typ": "at+jwt"}, claims())
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, body)]
    assert await refusal_of(".".join([*parts, ""])) == "wrong_algorithm"


async def test_a_public_key_does_not_count_as_a_shared_secret() -> None:
    public = ISSUER.jwks()["keys"][0]
    secret = OctKey.import_key(public["x"] + "0" * 32, {"kid": public["kid"]})
    assert await refusal_of(signed(secret, "HS256")) == "wrong_algorithm"


async def test_an_id_token_is_not_an_access_token() -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": "k"})
    token = jwt.encode({"alg": "Ed25519", "kid": "k", "typ": "JWT"}, claims(), key, algorithms=["Ed25519"])
    verifier = TokenVerifier(GivenKeys({"keys": [key.as_dict(private=False)]}), issuer=LOCAL_ISSUER)
    assert await refusal_of(token, verifier) == "wrong_type"


async def test_a_tampered_token_is_refused() -> None:
    header, _, signature = ISSUER.issue("a", roles=[Role.DISTRICT_OWNER]).split(".")
    raised = base64.urlsafe_b64encode(json.dumps(claims(roles=["command_office"])).encode()).rstrip(b"=").decode()
    assert await refusal_of(f"{header}.{raised}.{signature}") == "bad_signature"


@pytest.mark.parametrize("text", ["x", "a.b.c", "....", "ey.ey.ey", "令牌", "é.é.é", "e30.e30.", "bnVsbA.e30.x"])
async def test_text_that_is_no_token_is_refused(text: str) -> None:
    assert await refusal_of(text) in {"unreadable", "wrong_type"}


async def test_an_endless_token_is_not_read() -> None:
    assert await refusal_of("a" * 10_000) == "too_long"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (OKPKey.generate_key("Ed25519", {"kid": "k"}), "Ed25519"),
        (ECKey.generate_key("P-256", {"kid": "k"}), "ES256"),
        (RSAKey.generate_key(2048, {"kid": "k"}), "RS256"),
    ],
)
async def test_each_kind_of_key_counts_with_its_own_algorithm(key: Any, algorithm: str) -> None:
    verifier = TokenVerifier(GivenKeys({"keys": [key.as_dict(private=False)]}), issuer=LOCAL_ISSUER)
    assert (await verifier.verify(signed(key, algorithm))).sub == "a"


async def test_a_key_meant_for_one_algorithm_counts_for_no_other() -> None:
    key = RSAKey.generate_key(2048, {"kid": "k"})
    verifier = TokenVerifier(GivenKeys({"keys": [{**key.as_dict(private=False), "alg": "PS256"}]}), issuer=LOCAL_ISSUER)
    assert await refusal_of(signed(key, "RS256"), verifier) == "wrong_algorithm"


async def test_the_memory_of_tokens_is_bounded() -> None:
    verifier = TokenVerifier(GivenKeys(ISSUER.jwks()), issuer=LOCAL_ISSUER, remember=3)
    tokens = [ISSUER.issue(f"person {number}") for number in range(5)]
    for token in tokens:
        await verifier.verify(token)
    assert [verifier.remembered(token) is not None for token in tokens] == [False, False, True, True, True]


def test_the_local_key_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "issuer.jwk"
    issuer = LocalIssuer.at(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert LocalIssuer.at(path).jwks() == issuer.jwks()
    assert [found.name for found in path.parent.iterdir()] == ["issuer.jwk"]
    path.chmod(0o644)
    with pytest.raises(SikuaError, match="0600"):
        LocalIssuer.at(path)


def test_the_published_keys_tell_no_secret() -> None:
    assert "d" not in ISSUER.jwks()["keys"][0]


async def test_a_token_may_carry_fewer_scopes_than_its_role() -> None:
    principal = await ISSUER.verifier().verify(ISSUER.issue("a", roles=["command_office"], scopes=["feed:read"]))
    assert principal.scopes == {"feed:read"}


def test_unknown_roles_bring_nothing() -> None:
    assert scopes_of(["mayor"]) == frozenset()
    assert scopes_of(["mayor", "service"]) == {"events:read"}


def test_only_the_department_system_may_state_facts_and_only_the_operator_moves_lanes() -> None:
    assert [role for role, scopes in SCOPES.items() if "facts:write" in scopes] == [Role.DEPARTMENT_SYSTEM]
    assert [role for role, scopes in SCOPES.items() if "lanes:operate" in scopes] == [Role.OPERATOR]
    assert all(not scope.endswith((":write", ":act", ":operate")) for scope in SCOPES[Role.AUDITOR])
    assert len(ALL_SCOPES) == 19
