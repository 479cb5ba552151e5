"""Webhook endpoints in PostgreSQL. Secrets come in sealed, are read by delivery only, and lists never carry them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sikua_chassis.session import Session

_SHOWN = "id, name, url, state, disabled_reason, paused_until, created_by, created_at, secret_before_until"
_INSERT = """INSERT INTO endpoint (id, name, url, secret, state, created_by, created_at)
VALUES ($1, $2, $3, $4, 'enabled', $5, $6) ON CONFLICT ON CONSTRAINT endpoint_name DO NOTHING"""
_LIST = f"SELECT {_SHOWN} FROM endpoint WHERE name > $1 ORDER BY name LIMIT $2"
_ONE = f"SELECT {_SHOWN} FROM endpoint WHERE id = $1"
_ROTATE = """UPDATE endpoint SET secret_before = secret, secret_before_until = $3, secret = $2 WHERE id = $1"""
_ENABLE = "UPDATE endpoint SET state = 'enabled', disabled_reason = NULL, paused_until = NULL WHERE id = $1"
_DISABLE = "UPDATE endpoint SET state = 'disabled', disabled_reason = $2 WHERE name = $1"
_PAUSE = "UPDATE endpoint SET paused_until = $2 WHERE name = $1"
_REMOVE = "DELETE FROM endpoint WHERE id = $1"


async def keep(session: Session, endpoint_id: str, name: str, url: str, secret: str, by: str) -> bool:
    """Register an endpoint; False when the name is taken."""
    answer = await session.execute(_INSERT, endpoint_id, name, url, secret, by, session.recorded_at)
    return answer == "INSERT 0 1"


async def listed(session: Session, after: str, limit: int) -> list[Any]:
    """Endpoints in order of name, without secrets."""
    return await session.fetch(_LIST, after, limit)


async def one(session: Session, endpoint_id: str) -> Any | None:
    """One endpoint, without secrets."""
    return await session.fetchrow(_ONE, endpoint_id)


async def rotate(session: Session, endpoint_id: str, secret: str, both_until: datetime) -> bool:
    """Sign with a new secret, and with the one before too until that moment; False when nobody knows the endpoint."""
    return await session.execute(_ROTATE, endpoint_id, secret, both_until) == "UPDATE 1"


async def enable(session: Session, endpoint_id: str) -> bool:
    """Take a disabled endpoint up again; False when nobody knows it."""
    return await session.execute(_ENABLE, endpoint_id) == "UPDATE 1"


async def remove(session: Session, endpoint_id: str) -> bool:
    """Forget an endpoint; False when nobody knows it."""
    return await session.execute(_REMOVE, endpoint_id) == "DELETE 1"


def disable(session: Session, name: str, reason: str) -> None:
    """Send nothing more to an endpoint until somebody enables it."""
    session.gather(_DISABLE, name, reason)


def pause(session: Session, name: str, until: datetime) -> None:
    """Leave an endpoint alone until a moment (real time), as it asked."""
    session.gather(_PAUSE, name, until)
