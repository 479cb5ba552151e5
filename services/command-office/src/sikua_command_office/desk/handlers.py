"""An officer says to have looked: what happened up to then is no longer news to them."""

from __future__ import annotations

from sikua_chassis.session import Session

from sikua_command_office.desk import store
from sikua_command_office.feed.store import last_number


async def mark_seen(session: Session, subject: str, until: int) -> None:
    """Everything up to this number of the feed is seen; never more than there is, and never less than before."""
    store.keep_mark(session, subject, min(until, await last_number(session)), session.now)
