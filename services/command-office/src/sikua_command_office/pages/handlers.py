"""Signing in and out: a token's holder asks for a one-time code, a browser exchanges it for a session of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

from sikua_chassis.errors import Unauthorized
from sikua_chassis.session import Session

from sikua_command_office.pages import store
from sikua_command_office.pages.web.sealing import as_typed, fingerprint, new_code, new_secret, seal, unseal

CODE_LIVES = timedelta(minutes=30)
SESSION_LIVES = timedelta(hours=12)


class CodeRefused(Unauthorized):
    """401: the code was used, has lapsed, or never was."""

    slug = "code-refused"
    title_zh = "登录码无效"
    title_en = "The sign-in code is not valid"


async def offer_code(session: Session, token: str) -> tuple[str, datetime]:
    """A code that stands for this token once, and until when. Real time."""
    code = new_code()
    typed, until = as_typed(code), session.recorded_at + CODE_LIVES
    store.keep_code(session, fingerprint(typed), seal(typed, token), until)
    return code, until


async def sign_in(session: Session, code: str) -> tuple[str, str]:
    """A session's secret and the token behind it, for a code. Raises CodeRefused. The token may have lapsed meanwhile."""
    typed = as_typed(code)
    sealed = await store.take_code(session, fingerprint(typed), session.recorded_at)
    token = unseal(typed, sealed) if sealed else None
    if token is None:
        raise CodeRefused("登录码已用过、已过期或有误 · the code was used, has lapsed, or is wrong")
    secret, now = new_secret(), session.recorded_at
    await store.keep_session(session, fingerprint(secret), seal(secret, token), now + SESSION_LIVES, now)
    return secret, token


async def sign_out(session: Session, secret: str) -> None:
    """End a session."""
    store.end_session(session, fingerprint(secret))
