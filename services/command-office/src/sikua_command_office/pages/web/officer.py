"""Who looks at the page: the token behind the browser's cookie, checked anew at every request.

Acts come from forms of ours: they carry the session's proof, and no foreign origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Request
from sikua_chassis.auth.principal import Principal
from sikua_chassis.auth.tokens import TokenRefused, TokenVerifier
from sikua_chassis.denials import denied
from sikua_chassis.errors import Forbidden, Unauthorized

from sikua_command_office.pages import store
from sikua_command_office.pages.web.sealing import fingerprint, proof_of_form, same, unseal

COOKIE = "sikua_officer"
SCOPES = frozenset({"projects:read", "feed:read"})


class SignedOut(Unauthorized):
    """401: no session; a page then leads to the sign-in."""

    slug = "signed-out"
    title_zh = "请先登录"
    title_en = "Sign in first"


@dataclass(frozen=True)
class Officer:
    """Somebody signed in: who they are, their own token, and what their forms must carry."""

    principal: Principal
    token: str
    secret: str

    @property
    def proof(self) -> str:
        """The hidden field `proof` of every form."""
        return proof_of_form(self.secret)


async def officer_of(request: Request) -> Officer:
    """The officer behind the request's cookie. Raises SignedOut, Forbidden."""
    secret = request.cookies.get(COOKIE, "")
    if not secret:
        raise SignedOut
    async with request.app.state.database.unit_of_work(read_only=True) as session:
        sealed = await store.sealed_of(session, fingerprint(secret), session.recorded_at)
    token = unseal(secret, sealed) if sealed else None
    if token is None:
        denied(request, "unknown_session")
        raise SignedOut
    return Officer(await principal_of(request, token), token, secret)


async def principal_of(request: Request, token: str) -> Principal:
    """Whom the token names. Raises SignedOut when it has lapsed, Forbidden when it may not read here."""
    verifier: TokenVerifier = request.app.state.verifier
    try:
        principal = await verifier.verify(token)
    except TokenRefused as trouble:
        denied(request, trouble.reason)
        raise SignedOut from trouble
    if not principal.may(*SCOPES):
        denied(request, "missing_scope", principal.sub)
        raise Forbidden("此身份无权查看本页 · this identity may not read the page", scope=" ".join(sorted(SCOPES)))
    return principal


Signed = Annotated[Officer, Depends(officer_of)]
"""The officer as a parameter; without one the route is not reached."""


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form (urlencoded), the last of each name. Raises Forbidden for a form of another origin."""
    hold_origin(request)
    body = (await request.body()).decode("utf-8", "replace")
    return {name: values[-1] for name, values in parse_qs(body, max_num_fields=50).items()}


async def act_of(request: Request, officer: Officer) -> dict[str, str]:
    """The fields of an officer's own form. Raises Forbidden when it lacks the session's proof."""
    fields = await form_of(request)
    hold_proof(request, officer, fields)
    return fields


def hold_origin(request: Request) -> None:
    """Raises Forbidden for a form of another origin, before its body is read."""
    origin = request.headers.get("origin", "")
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"} or (
        origin not in {"", "null"} and urlsplit(origin).netloc != request.headers.get("host")
    ):
        denied(request, "foreign_origin")
        raise Forbidden("表单不是本页的 · the form is not of this page")


def hold_proof(request: Request, officer: Officer, fields: dict[str, str]) -> None:
    """Take the session's proof out of a form. Raises Forbidden when it isn't there."""
    if not same(fields.pop("proof", ""), officer.proof):
        denied(request, "forged_form", officer.principal.sub)
        raise Forbidden("表单不是本页的 · the form is not of this page")
