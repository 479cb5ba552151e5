"""Contacts and rosters are written in bulk, all or none, with every wrong entry named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sikua_chassis.errors import FieldError, Invalid
from sikua_chassis.session import Session

from sikua_notifier.contacts import store
from sikua_notifier.routing import Contact


class ContactGiven(Protocol):
    """A contact as the caller gave it."""

    person: str
    name: str
    unit: str
    role: str
    division: str
    email: str
    webhook: str
    deputy: str


class RosterGiven(Protocol):
    """A roster as the caller gave it."""

    role: str
    division: str
    persons: list[str]


async def write_contacts(session: Session, contacts: Sequence[ContactGiven]) -> None:
    """Write contacts. Raises Invalid for a person given twice, an unknown deputy, an unknown endpoint."""
    given = [contact.person for contact in contacts]
    known = set(given) | await store.known_persons(session, (contact.deputy for contact in contacts))
    endpoints = await store.known_endpoints(session, (contact.webhook for contact in contacts))
    errors = _repeated(
        [(contact.person,) for contact in contacts], "/contacts/{}/person", "每人只列一次 · a person named once"
    )
    for number, contact in enumerate(contacts):
        if contact.deputy and (contact.deputy not in known or contact.deputy == contact.person):
            errors.append(
                FieldError(
                    f"/contacts/{number}/deputy", "另一位有联系方式的人 · another person with a contact", contact.deputy
                )
            )
        if contact.webhook and contact.webhook not in endpoints:
            errors.append(
                FieldError(f"/contacts/{number}/webhook", "已登记的接收端 · a registered endpoint", contact.webhook)
            )
    if errors:
        raise Invalid(errors=errors)
    for contact in contacts:
        found = Contact(contact.person, contact.name, contact.unit, contact.email, contact.webhook, contact.deputy)
        store.keep_contact(session, found, contact.role, contact.division)


async def write_rosters(session: Session, rosters: Sequence[RosterGiven]) -> None:
    """Replace rosters. Raises Invalid for a roster given twice, a person given twice in one, an unknown person."""
    known = await store.known_persons(session, (person for roster in rosters for person in roster.persons))
    errors = _repeated(
        [(roster.role, roster.division) for roster in rosters],
        "/rosters/{}",
        "同一岗位和区划只列一次 · a role and division named once",
    )
    for number, roster in enumerate(rosters):
        pointer = f"/rosters/{number}/persons/{{}}"
        errors += _repeated([(person,) for person in roster.persons], pointer, "每人只列一次 · a person named once")
        for place, person in enumerate(roster.persons):
            if person not in known:
                errors.append(FieldError(pointer.format(place), "有联系方式的人 · a person with a contact", person))
    if errors:
        raise Invalid(errors=errors)
    for roster in rosters:
        await store.replace_roster(session, roster.role, roster.division, roster.persons)


def _repeated(keys: Sequence[tuple[str, ...]], pointer: str, expected: str) -> list[FieldError]:
    seen: set[tuple[str, ...]] = set()
    errors = []
    for number, key in enumerate(keys):
        if key in seen:
            errors.append(FieldError(pointer.format(number), expected, " ".join(key)))
        seen.add(key)
    return errors
