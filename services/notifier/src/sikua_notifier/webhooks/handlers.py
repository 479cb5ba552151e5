"""Webhook endpoints are registered, their secrets changed, and they are enabled again or removed."""

from __future__ import annotations

import ipaddress
import secrets
from typing import Any

from sikua_chassis.errors import Conflict, FieldError, Invalid, NotFound
from sikua_chassis.session import Session
from sikua_contracts.envelope import new_id

from sikua_notifier.destinations import Destination, allowed, parsed
from sikua_notifier.policy import Policy
from sikua_notifier.signing import secret_from
from sikua_notifier.webhooks import store

_SECRET_BYTES = 32


async def register_endpoint(session: Session, name: str, url: str) -> tuple[Any, str]:
    """Register an endpoint; its row and its secret, which is shown this once. Raises Invalid, or Conflict for the name."""
    policy: Policy = session.tools.policy
    try:
        _require_allowed(parsed(url), policy)
    except ValueError as wrong:
        raise Invalid(errors=[FieldError("/url", str(wrong), url[:200])]) from wrong
    endpoint_id, secret = new_id(), _fresh_secret()
    by = session.actor.sub if session.actor is not None else ""
    if not await store.keep(session, endpoint_id, name, url, session.tools.seals.seal(secret), by):
        raise Conflict(f"名称已被使用 · the name is taken: {name}")
    return await store.one(session, endpoint_id), secret


async def rotate_secret(session: Session, endpoint_id: str) -> tuple[Any, str]:
    """A new secret; for a day both sign, so that the receiver changes in peace. Raises NotFound."""
    policy: Policy = session.tools.policy
    secret = _fresh_secret()
    sealed = session.tools.seals.seal(secret)
    if not await store.rotate(session, endpoint_id, sealed, session.recorded_at + policy.rotation):
        raise _unknown(endpoint_id)
    return await store.one(session, endpoint_id), secret


async def enable_endpoint(session: Session, endpoint_id: str) -> Any:
    """Send to a disabled endpoint again. Raises NotFound."""
    if not await store.enable(session, endpoint_id):
        raise _unknown(endpoint_id)
    return await store.one(session, endpoint_id)


async def remove_endpoint(session: Session, endpoint_id: str) -> None:
    """Forget an endpoint; contacts that name it are reached by their other ways. Raises NotFound."""
    if not await store.remove(session, endpoint_id):
        raise _unknown(endpoint_id)


def _require_allowed(destination: Destination, policy: Policy) -> None:
    # A name is looked up before each sending; here only what is plain from the URL itself can be refused.
    literal = [destination.host] if _is_address(destination.host) else ["2606:4700::"]
    if not allowed(destination, literal, policy.webhook_exceptions):
        raise ValueError(
            "https 和公网地址（运维许可的除外）· https and a public address, unless the operator allows the destination"
        )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    return True


def _fresh_secret() -> str:
    return secret_from(secrets.token_bytes(_SECRET_BYTES))


def _unknown(endpoint_id: str) -> NotFound:
    return NotFound(f"没有这个接收端 · no such endpoint: {endpoint_id}")
