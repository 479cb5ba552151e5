"""Whom a process trusts, from its settings: the issuer behind `SIKUA_JWKS`, or the local issuer when that is empty."""

from __future__ import annotations

from pathlib import Path

from sikua_chassis.auth.issuer import LOCAL_ISSUER, LocalIssuer
from sikua_chassis.auth.jwks import key_source
from sikua_chassis.auth.tokens import TokenVerifier
from sikua_chassis.errors import SikuaError
from sikua_chassis.settings import ServiceSettings


def verifier_of(settings: ServiceSettings) -> TokenVerifier:
    """The verifier for these settings. An issuer of one's own needs its keys: a foreign name without them is refused."""
    if settings.jwks:
        return TokenVerifier(key_source(settings.jwks), issuer=settings.oidc_issuer, audience=settings.oidc_audience)
    if settings.oidc_issuer != LOCAL_ISSUER:
        raise SikuaError("SIKUA_OIDC_ISSUER names an issuer; SIKUA_JWKS must say where its keys are")
    keys = LocalIssuer.at(Path(settings.local_issuer_key)).verifier()
    keys.audience = settings.oidc_audience
    return keys
