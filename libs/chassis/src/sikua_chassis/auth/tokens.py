"""A bearer token is checked against the issuer's keys, then remembered by its hash until it expires.

RFC 9068 access tokens only (`typ: at+jwt`), from one issuer, for one audience, signed by an asymmetric key whose type
decides which algorithms count. Times are real time with 30 s leeway. A second look at a token costs microseconds.
"""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from sikua_chassis.auth.principal import Principal
from sikua_chassis.auth.roles import scopes_of
from sikua_chassis.errors import SikuaError

AUDIENCE: Final = "sikua"
LEEWAY_SECONDS: Final = 30
TOKEN_TYPES: Final = frozenset({"at+jwt", "application/at+jwt"})
_LONGEST_TOKEN = 8192

Key = OKPKey | ECKey | RSAKey


class TokenRefused(SikuaError):
    """The token is not valid here. `reason` is one of a closed list and never repeats the token."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeySource(Protocol):
    """Where the issuer's public keys come from."""

    async def key(self, kid: str) -> Key | None:
        """The key of this id, or None. Raises EnvironmentFault when the keys can't be had."""
        ...


class GivenKeys:
    """Keys of a JWKS document that is already here."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        self._keys = keys_of(jwks)

    async def key(self, kid: str) -> Key | None:
        """The key of this id, or None."""
        return self._keys.get(kid)


class TokenVerifier:
    """Checks tokens of one issuer. `verify` returns the principal or raises TokenRefused."""

    def __init__(
        self,
        keys: KeySource,
        *,
        issuer: str,
        audience: str = AUDIENCE,
        leeway_seconds: int = LEEWAY_SECONDS,
        clock: Callable[[], float] = time.time,
        remember: int = 4096,
    ) -> None:
        self.issuer = issuer
        self.audience = audience
        self._keys = keys
        self._leeway = leeway_seconds
        self._clock = clock
        self._remember_most = remember
        self._remembered: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    def remembered(self, token: str) -> Principal | None:
        """The principal of a token verified before and still valid; None says nothing about its validity."""
        return self._recall(hashlib.sha256(token.encode()).digest())

    async def verify(self, token: str) -> Principal:
        """The principal behind this token. Raises TokenRefused; EnvironmentFault when the keys can't be had."""
        fingerprint = hashlib.sha256(token.encode()).digest()
        known = self._recall(fingerprint)
        if known is not None:
            return known
        if len(token) > _LONGEST_TOKEN:
            raise TokenRefused("too_long")
        header = header_of(token)
        key = await self._keys.key(str(header.get("kid", "")))
        if key is None:
            raise TokenRefused("unknown_key")
        claims = verified_claims(token, header, key)
        expires = self._check(claims)
        principal = principal_of(claims)
        self._remember(fingerprint, expires, principal)
        return principal

    def _recall(self, fingerprint: bytes) -> Principal | None:
        entry = self._remembered.get(fingerprint)
        if entry is None:
            return None
        if self._clock() >= entry[0]:
            del self._remembered[fingerprint]
            return None
        return entry[1]

    def _remember(self, fingerprint: bytes, expires: float, principal: Principal) -> None:
        self._remembered[fingerprint] = (expires, principal)
        while len(self._remembered) > self._remember_most:
            self._remembered.popitem(last=False)

    def _check(self, claims: Mapping[str, Any]) -> float:
        now = self._clock()
        if claims.get("iss") != self.issuer:
            raise TokenRefused("foreign_issuer")
        audience = claims.get("aud")
        if self.audience not in ([audience] if isinstance(audience, str) else audience or []):
            raise TokenRefused("wrong_audience")
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise TokenRefused("no_subject")
        expires = _moment(claims, "exp")
        if expires is None:
            raise TokenRefused("no_expiry")
        if now >= expires + self._leeway:
            raise TokenRefused("expired")
        not_before = _moment(claims, "nbf")
        if not_before is not None and now < not_before - self._leeway:
            raise TokenRefused("not_yet_valid")
        return expires + self._leeway


def keys_of(jwks: Mapping[str, Any]) -> dict[str, Key]:
    """Signing keys of a JWKS by their id; symmetric keys and keys without an id don't count."""
    listed = [entry for entry in jwks.get("keys", []) if entry.get("kty") in {"OKP", "EC", "RSA"} and entry.get("kid")]
    if not listed:
        return {}
    keys = KeySet.import_key_set({"keys": listed}).keys
    return {str(key.kid): key for key in keys if isinstance(key, OKPKey | ECKey | RSAKey)}


def algorithms_of(key: Key) -> list[str]:
    """Algorithms this key may have signed with: what the key itself names, else what its type allows."""
    if isinstance(key, OKPKey):
        allowed = ["Ed25519", "EdDSA"] if key.curve_name == "Ed25519" else []
    elif isinstance(key, ECKey):
        allowed = ["ES256"] if key.curve_name == "P-256" else []
    else:
        allowed = ["RS256"]
    named = key.as_dict(private=False).get("alg")
    return [name for name in allowed if named in (None, name)]


def header_of(token: str) -> dict[str, Any]:
    """The unverified header, for its `kid`, `alg` and `typ`. Raises TokenRefused."""
    try:
        header = json.loads(urlsafe_b64decode(token.split(".", 1)[0].encode()))
    except (ValueError, TypeError) as error:
        raise TokenRefused("unreadable") from error
    if not isinstance(header, dict):
        raise TokenRefused("unreadable")
    if str(header.get("typ", "")).lower() not in TOKEN_TYPES:
        raise TokenRefused("wrong_type")
    return header


def verified_claims(token: str, header: Mapping[str, Any], key: Key) -> dict[str, Any]:
    """Claims whose signature holds under this key and an algorithm it may use. Raises TokenRefused."""
    allowed = algorithms_of(key)
    if header.get("alg") not in allowed:
        raise TokenRefused("wrong_algorithm")
    try:
        with warnings.catch_warnings():
            # `EdDSA` is the older name of `Ed25519` (RFC 9864); issuers still write it.
            warnings.simplefilter("ignore")
            return dict(jwt.decode(token, key, algorithms=allowed).claims)
    except JoseError as error:
        raise TokenRefused("bad_signature") from error
    except (ValueError, TypeError) as error:
        raise TokenRefused("unreadable") from error


def principal_of(claims: Mapping[str, Any]) -> Principal:
    """The principal these claims describe. `scope`, where given, counts instead of the scopes of the roles."""
    listed = claims.get("roles", ())
    roles = frozenset(str(role) for role in listed) if isinstance(listed, list | tuple) else frozenset()
    scope = claims.get("scope")
    scopes = frozenset(scope.split()) if isinstance(scope, str) else scopes_of(roles)
    return Principal(
        sub=str(claims["sub"]),
        name=str(claims.get("name", "")),
        unit=str(claims.get("unit", "")),
        division=str(claims.get("division", "")),
        roles=roles,
        scopes=scopes,
    )


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
