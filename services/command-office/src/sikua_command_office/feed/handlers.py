"""Every event that is heard becomes one entry of the feed, in the order in which the office took notice of it."""

from __future__ import annotations

from sikua_chassis.session import Session
from sikua_contracts.envelope import AnyEvent

from sikua_command_office.feed import store
from sikua_command_office.feed.shareable import project_of, shareable
from sikua_command_office.feed.wording import sentence


async def enter(session: Session, event: AnyEvent) -> None:
    """Write the event down with nothing above L2; it gets its number when that is committed."""
    zh, en = sentence(event)
    store.enter(
        session,
        {
            "event_id": event.id,
            "type": event.type,
            "source": event.source,
            "sequence": event.sequence,
            "project_id": project_of(event),
            "time": event.time,
            "recorded_at": event.recordedtime,
            "entered_at": session.recorded_at,
            "correlation_id": event.correlationid,
            "data": shareable(event),
            "sentence_zh": zh,
            "sentence_en": en,
        },
    )
