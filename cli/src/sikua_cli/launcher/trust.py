"""Whom a system started here believes, and how its services show each other who they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from sikua_chassis.auth.issuer import LOCAL_ISSUER, LocalIssuer
from sikua_chassis.auth.tokens import TokenVerifier
from sikua_chassis.auth.trust import verifier_of
from sikua_chassis.errors import EnvironmentFault, SikuaError
from sikua_chassis.settings import ServiceSettings

from sikua_cli.launcher.running import Wanted
from sikua_cli.trouble import Exit, Trouble

TOKEN_SECONDS = 3600


def trusted(settings: ServiceSettings, issuer: LocalIssuer, wanted: Wanted) -> TokenVerifier:
    """Whom the system believes: the issuer that the settings name, else the local one; made-up people only the local one.

    Raises Trouble when an issuer is named and nothing says where its keys are.
    """
    if wanted.begins is not None:
        return issuer.verifier()
    return believed(settings)


def believed(settings: ServiceSettings) -> TokenVerifier:
    """The issuer that the settings name, else the local one. Raises Trouble when its keys are nowhere, or not for us."""
    try:
        return verifier_of(settings)
    except SikuaError as error:
        local = settings.oidc_issuer == LOCAL_ISSUER
        zh = "本机签发密钥不可用" if local else "指定了 SIKUA_OIDC_ISSUER,还须以 SIKUA_JWKS 指明其公钥"
        raise Trouble(zh, str(error), Exit.REFUSED) from error


def shown(settings: ServiceSettings) -> Callable[[], str]:
    """The token for calls to other services: of the file that the settings name, else of the local issuer, else none."""
    if settings.service_bearer_file:
        file = Path(settings.service_bearer_file)
        return lambda: _kept_in(file)
    if settings.jwks:
        return lambda: ""
    return renewed_token(LocalIssuer.at(Path(settings.local_issuer_key)))


def _kept_in(file: Path) -> str:
    """The token in this file. Raises EnvironmentFault, so that whoever needs it waits and tries again."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EnvironmentFault(str(file), f"the token of our services cannot be read: {error.strerror}") from error


def renewed_token(issuer: LocalIssuer, role: str = "service") -> Callable[[], str]:
    """A token for calls between services, renewed well before it expires."""
    kept: list[tuple[float, str]] = []

    def token() -> str:
        if not kept or time.monotonic() > kept[-1][0]:
            fresh = issuer.issue(f"local:{role}", roles=[role], unit="sikua", lifetime_seconds=TOKEN_SECONDS)
            kept[:] = [(time.monotonic() + TOKEN_SECONDS / 2, fresh)]
        return kept[-1][1]

    return token
