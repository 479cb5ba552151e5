"""Contacts and rosters in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sikua_chassis.session import Session
from sikua_contracts.words import Owner

from sikua_notifier.routing import Contact, divisions_for

_MEMO = "notifier.people"
_UPSERT = """INSERT INTO contact (person, name, unit, role, division, email, webhook, deputy, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (person) DO UPDATE SET name = excluded.name, unit = excluded.unit, role = excluded.role,
  division = excluded.division, email = excluded.email, webhook = excluded.webhook, deputy = excluded.deputy,
  changed_at = excluded.changed_at"""
_ON_DUTY = """SELECT r.role, r.division, c.person, c.name, c.unit, c.email, coalesce(e.name, '') AS webhook, c.deputy
FROM roster r JOIN contact c ON c.person = r.person
LEFT JOIN endpoint e ON e.name = c.webhook AND e.state = 'enabled'
WHERE r.role = ANY($1) AND r.division = ANY($2)
ORDER BY r.role, r.division, r.place"""
_BY_PERSON = """SELECT c.person, c.name, c.unit, c.email, coalesce(e.name, '') AS webhook, c.deputy
FROM contact c LEFT JOIN endpoint e ON e.name = c.webhook AND e.state = 'enabled'
WHERE c.person = ANY($1)"""
_LIST = """SELECT person, name, unit, role, division, email, webhook, deputy FROM contact
WHERE person > $1 AND ($2::text IS NULL OR role = $2) AND ($3::text IS NULL OR division = $3)
ORDER BY person LIMIT $4"""
_KNOWN = "SELECT person FROM contact WHERE person = ANY($1)"
_KNOWN_ENDPOINTS = "SELECT name FROM endpoint WHERE name = ANY($1)"
_CLEAR_ROSTER = "DELETE FROM roster WHERE role = $1 AND division = $2"
_ADD_TO_ROSTER = "INSERT INTO roster (role, division, place, person) VALUES ($1, $2, $3, $4)"
_ROSTERS = """SELECT role, division, array_agg(person ORDER BY place) AS persons FROM roster
WHERE (role, division) > ($1, $2) AND ($3::text IS NULL OR role = $3) AND ($4::text IS NULL OR division = $4)
GROUP BY role, division ORDER BY role, division LIMIT $5"""


@dataclass
class People:
    """Rosters and contacts as far as they were needed. `roster` keeps the order of duty."""

    roster: dict[tuple[str, str], list[str]]
    contacts: dict[str, Contact]
    loaded: set[Owner]


async def people_for(session: Session, owners: Iterable[Owner]) -> People:
    """Everybody who may stand for these owners, from the nearest rosters outward; read once per batch and owner."""
    people = session.memo.get(_MEMO)
    if not isinstance(people, People):
        people = session.memo[_MEMO] = People({}, {}, set())
    missing = [owner for owner in owners if owner not in people.loaded]
    if missing:
        roles = sorted({owner.role for owner in missing})
        divisions = sorted({division for owner in missing for division in divisions_for(owner.division)})
        for row in await session.fetch(_ON_DUTY, roles, divisions):
            on_duty = people.roster.setdefault((row["role"], row["division"]), [])
            if row["person"] not in on_duty:
                on_duty.append(row["person"])
            people.contacts[row["person"]] = _contact(row)
        people.loaded.update(missing)
    return people


async def contacts_of(session: Session, persons: Sequence[str]) -> dict[str, Contact]:
    """Contacts by person; those nobody knows are missing."""
    return {row["person"]: _contact(row) for row in await session.fetch(_BY_PERSON, list(persons))}


async def known_persons(session: Session, persons: Iterable[str]) -> set[str]:
    """Which of these persons have a contact."""
    return {row["person"] for row in await session.fetch(_KNOWN, sorted(set(persons)))}


async def known_endpoints(session: Session, names: Iterable[str]) -> set[str]:
    """Which of these webhook endpoints are registered."""
    return {row["name"] for row in await session.fetch(_KNOWN_ENDPOINTS, sorted(set(names)))}


def keep_contact(session: Session, contact: Contact, role: str, division: str) -> None:
    """Write a contact, replacing what was known of the person."""
    session.gather(
        _UPSERT,
        *(contact.person, contact.name, contact.unit, role, division),
        *(contact.email, contact.webhook, contact.deputy, session.recorded_at),
    )


async def replace_roster(session: Session, role: str, division: str, persons: Sequence[str]) -> None:
    """Put these persons on duty, in this order, in place of those before."""
    await session.execute(_CLEAR_ROSTER, role, division)
    for place, person in enumerate(persons):
        session.gather(_ADD_TO_ROSTER, role, division, place, person)
    await session.flush()


async def list_contacts(session: Session, after: str, role: str | None, division: str | None, limit: int) -> list[Any]:
    """Contacts in order of person."""
    return await session.fetch(_LIST, after, role, division, limit)


async def list_rosters(
    session: Session, after: tuple[str, str], role: str | None, division: str | None, limit: int
) -> list[Any]:
    """Rosters in order of role and division."""
    return await session.fetch(_ROSTERS, *after, role, division, limit)


def _contact(row: Any) -> Contact:
    return Contact(row["person"], row["name"], row["unit"], row["email"], row["webhook"], row["deputy"])
