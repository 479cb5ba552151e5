"""Who may use a route: `allows("steps:act")` asks for a valid bearer token that holds these scopes.

401 names the challenge, 403 the missing scope; both are counted, logged and kept (`denials.py`), and neither repeats the
token. The door (`door.py`) asks the same question before a body is read, so a stranger can't make us read one. Who was
let in and names a query parameter that the route does not know is told so.

    @router.post("/steps/{step_id}/block", dependencies=[allows("steps:act")])

Reads `request.app.state.verifier` and, where there is one, `.metrics`; leaves the caller in `request.state.principal`.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from sikua_chassis.auth.principal import Principal
from sikua_chassis.auth.tokens import TokenRefused, TokenVerifier
from sikua_chassis.denials import denied
from sikua_chassis.errors import EnvironmentFault, Forbidden, Unauthorized, Unavailable
from sikua_chassis.parameters import require_known_parameters

_KEYS_RETRY_SECONDS = 5


class Allowed(SecurityBase):
    """The dependency behind `allows`. A route is protected when one of these stands among its dependencies."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        self.scopes = scopes
        self.model = HTTPBearer(bearerFormat="at+jwt", description="OAuth 2 access token (RFC 9068)")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Principal:
        principal = await admit(request, self.scopes)
        require_known_parameters(request)
        return principal


def allows(*scopes: str) -> Any:
    """A dependency: the caller has a valid token that holds all these scopes."""
    return Security(Allowed(scopes), scopes=list(scopes))


async def admit(request: Request, scopes: tuple[str, ...]) -> Principal:
    """The caller of this request. Raises Unauthorized, Forbidden, Unavailable; asks once per request."""
    # `request.state` is this dictionary; going to it directly spares the hot path a wrapper.
    state = request.scope.setdefault("state", {})
    principal = state.get("principal")
    if not isinstance(principal, Principal):
        principal = state["principal"] = await _identified(request)
    if principal.scopes.issuperset(scopes):
        return principal
    missing = [scope for scope in scopes if scope not in principal.scopes]
    denied(request, "missing_scope", principal.sub)
    raise Forbidden(f"缺少权限 · missing scope: {' '.join(missing)}", scope=" ".join(scopes))


def actor_of(request: Request) -> Principal | None:
    """The admitted caller, or None on a route that admits everybody."""
    principal = getattr(request.state, "principal", None)
    return principal if isinstance(principal, Principal) else None


async def _caller(request: Request) -> Principal:
    principal = actor_of(request)
    return principal if principal is not None else await admit(request, ())


Caller = Annotated[Principal, Depends(_caller)]
"""The caller as a parameter: `async def mine(caller: Caller)`."""


async def _identified(request: Request) -> Principal:
    token = _bearer(request)
    if token is None:
        denied(request, "no_token")
        raise Unauthorized("请在 Authorization 中提供 Bearer 令牌 · a bearer token is needed in Authorization")
    verifier: TokenVerifier = request.app.state.verifier
    try:
        return await verifier.verify(token)
    except TokenRefused as refused:
        denied(request, refused.reason)
        raise Unauthorized(f"令牌无效 · token refused: {refused.reason}", error="invalid_token") from refused
    except EnvironmentFault as fault:
        raise Unavailable(
            "签发方的密钥暂不可得 · the issuer's keys can't be had", retry_after=_KEYS_RETRY_SECONDS, hop=fault.hop
        ) from fault


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and token else None
