"""Silences begin and end by an officer's order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sikua_chassis.errors import FieldError, Invalid, NotFound
from sikua_chassis.session import Session
from sikua_contracts.envelope import new_id

from sikua_notifier.silences import store
from sikua_notifier.silencing import Matcher, Silence

LONGEST = timedelta(days=92)


async def begin_silence(
    session: Session, matchers: Sequence[Matcher], starts_at: datetime | None, ends_at: datetime, comment: str
) -> Silence:
    """Hold matching notices back until the end. Raises Invalid for an end that is past, before the start, or too far."""
    start = starts_at or session.now
    errors = []
    if ends_at <= max(start, session.now):
        errors.append(
            FieldError("/ends_at", "晚于 starts_at 和现在 · later than starts_at and than now", ends_at.isoformat())
        )
    if ends_at - start > LONGEST:
        errors.append(
            FieldError(
                "/ends_at",
                f"starts_at 之后至多 {LONGEST.days} 天 · at most {LONGEST.days} days after starts_at",
                ends_at.isoformat(),
            )
        )
    if errors:
        raise Invalid(errors=errors)
    silence = Silence(new_id(), matchers, start, ends_at)
    store.keep(session, silence, _by(session), comment)
    return silence


async def end_silence(session: Session, silence_id: str) -> None:
    """End a silence now; what it held leaves. Raises NotFound. One that has ended stays as it is."""
    if not await store.end(session, silence_id, _by(session)):
        raise NotFound(f"没有这条静默 · no such silence: {silence_id}")


def _by(session: Session) -> str:
    return session.actor.sub if session.actor is not None else ""
