"""The local issuer: signs tokens for demos, tests and one-machine installations; its name says that it is no authority.

The key is made once and kept in a file that only its owner can read. Production points `SIKUA_OIDC_ISSUER` at the
city's own issuer.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import OKPKey

from sikua_chassis.auth.roles import Role, scopes_of
from sikua_chassis.auth.tokens import AUDIENCE, GivenKeys, TokenVerifier
from sikua_chassis.errors import SikuaError

LOCAL_ISSUER: Final = "urn:sikua:local-issuer"
_ALGORITHM = "Ed25519"


class LocalIssuer:
    """Signs RFC 9068 access tokens with an Ed25519 key."""

    def __init__(self, key: OKPKey, *, issuer: str = LOCAL_ISSUER, audience: str = AUDIENCE) -> None:
        self.issuer = issuer
        self.audience = audience
        self._key = key

    @classmethod
    def fresh(cls, *, issuer: str = LOCAL_ISSUER) -> LocalIssuer:
        """An issuer whose key lives in memory only."""
        return cls(OKPKey.generate_key("Ed25519", {"use": "sig", "alg": _ALGORITHM}, auto_kid=True), issuer=issuer)

    @classmethod
    def at(cls, path: Path) -> LocalIssuer:
        """The issuer whose key is kept at this path; the key is made when it is missing. Mode 0600 is enforced.

        Raises SikuaError when it cannot be made or read, or when others can read it.
        """
        try:
            if not path.exists():
                _write_key(path, OKPKey.generate_key("Ed25519", {"use": "sig", "alg": _ALGORITHM}, auto_kid=True))
            mode, text = path.stat().st_mode, path.read_text()
        except OSError as error:
            raise SikuaError(f"the local issuer's key {path} cannot be used: {error.strerror}") from error
        if mode & 0o077:
            raise SikuaError(f"{path} can be read by others; its mode must be 0600")
        return cls(OKPKey.import_key(json.loads(text)))

    def issue(
        self,
        sub: str,
        *,
        roles: Iterable[Role | str] = (),
        name: str = "",
        unit: str = "",
        division: str = "",
        scopes: Iterable[str] | None = None,
        lifetime_seconds: int = 3600,
        now: float | None = None,
        **claims: Any,
    ) -> str:
        """A signed token. Without `scopes` it carries those of its roles; `claims` are added as they are."""
        issued = int(time.time() if now is None else now)
        held = sorted(str(role) for role in roles)
        granted = scopes_of(held) if scopes is None else scopes
        body = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": sub,
            "client_id": "sikua-local",
            "iat": issued,
            "nbf": issued,
            "exp": issued + lifetime_seconds,
            "jti": os.urandom(12).hex(),
            "name": name,
            "unit": unit,
            "division": division,
            "roles": held,
            "scope": " ".join(sorted(granted)),
            **claims,
        }
        header = {"alg": _ALGORITHM, "kid": self._key.kid, "typ": "at+jwt"}
        return jwt.encode(header, body, self._key, algorithms=[_ALGORITHM])

    def secret(self) -> str:
        """What only the holder of the key has, to derive other keys from. Never to be shown."""
        return str(self._key.as_dict(private=True)["d"])

    def jwks(self) -> dict[str, Any]:
        """The public key as a JWKS document (RFC 7517)."""
        return {"keys": [dict(self._key.as_dict(private=False))]}

    def verifier(self) -> TokenVerifier:
        """A verifier that trusts this issuer and nobody else."""
        return TokenVerifier(GivenKeys(self.jwks()), issuer=self.issuer, audience=self.audience)


def _write_key(path: Path, key: OKPKey) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(key.as_dict(private=True), file)
    try:
        # Processes starting together all make a key; the first link wins and the others read it.
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink()
