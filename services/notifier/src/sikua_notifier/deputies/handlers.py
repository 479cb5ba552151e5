"""When nobody acknowledges an urgent notice in working time, one deputy hears of it; no further."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sikua_chassis.session import Session
from sikua_contracts.words import Owner

from sikua_notifier.contacts.store import contacts_of, people_for
from sikua_notifier.deputies import store
from sikua_notifier.notices.handlers import Telling, tell_contact
from sikua_notifier.routing import deputy_of
from sikua_notifier.wording import Content


async def claim_unacknowledged(session: Session, limit: int) -> Sequence[Any]:
    """Rows whose time is over; locked until they are recorded in the same transaction."""
    return await store.unacknowledged(session, limit)


async def tell_deputy(session: Session, row: Any, _outcome: None) -> None:
    """Tell the deputy what the absent person was told. Without a deputy nothing more happens."""
    absent, owner = row["recipient"], Owner(role=row["owner_role"], division=row["owner_division"])
    store.watched(session, row["event_id"], absent)
    people = await people_for(session, [owner])
    contacts = {**people.contacts, **await contacts_of(session, [absent])}
    named = contacts[absent].deputy if absent in contacts else ""
    if named:
        contacts |= await contacts_of(session, [named])
    deputy = deputy_of(absent, owner, people.roster, contacts)
    if deputy is None:
        return
    telling = Telling(
        event_id=row["event_id"],
        content=Content.from_json(row["content"]).for_deputy(),
        project_id=row["project_id"],
        project_name=row["project_name"],
        step_id=row["step_id"],
        escalation_id=row["escalation_id"],
    )
    await tell_contact(session, telling, owner, deputy, deputy_of=absent)


async def count_unacknowledged(session: Session) -> int:
    """How many wait for their deputy now."""
    return await store.count(session)
