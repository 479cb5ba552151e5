"""The scheduler published a year: quiet hours and digests follow it from now on."""

from __future__ import annotations

from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from sikua_contracts.scheduler import CalendarPublished

from sikua_notifier.calendars import store


async def follow_calendar(session: Session, event: Event[CalendarPublished]) -> None:
    """Keep the year's days off and days worked."""
    said = event.data
    store.keep(session, said.year, said.version, said.off, said.work)
