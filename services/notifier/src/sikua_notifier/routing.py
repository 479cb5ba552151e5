"""From an owner (role × division) to people: the roster of its division, else of its city, else ours; then deputies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sikua_contracts.words import Owner

OURS = "370200"
MAIL = "mail"
WEBHOOK = "webhook"
COORDINATOR = Owner(role="command_office.coordinator", division=OURS)

Roster = Mapping[tuple[str, str], Sequence[str]]
"""(role, division) → people in the order in which they are on duty."""


@dataclass(frozen=True)
class Contact:
    """A person and the ways to reach them. `webhook` names a registered endpoint; `deputy` another person."""

    person: str
    name: str
    unit: str
    email: str = ""
    webhook: str = ""
    deputy: str = ""

    def addresses(self) -> list[tuple[str, str]]:
        """(channel, address) of every way; none when the person cannot be reached."""
        ways = [(MAIL, self.email), (WEBHOOK, self.webhook)]
        return [(channel, address) for channel, address in ways if address]


@dataclass(frozen=True)
class Route:
    """Who hears of it, and as which owner."""

    owner: Owner
    contact: Contact


@dataclass(frozen=True)
class Unreachable:
    """Nobody on the roster of this owner can be reached. `reason` is one of a closed list."""

    owner: Owner
    reason: str


NO_ROSTER = "no_roster"
NO_ADDRESS = "no_address"


def divisions_for(division: str) -> list[str]:
    """Where to look, nearest first: the division, its city, our city; each once."""
    return list(dict.fromkeys([division, division[:4] + "00", OURS]))


def duty(owner: Owner, roster: Roster) -> Sequence[str]:
    """The people on duty for an owner, from the nearest roster that names anybody; empty when none does."""
    for division in divisions_for(owner.division):
        people = roster.get((owner.role, division))
        if people:
            return people
    return ()


def route(owner: Owner, roster: Roster, contacts: Mapping[str, Contact]) -> Route | Unreachable:
    """The first person on duty who can be reached."""
    people = duty(owner, roster)
    if not people:
        return Unreachable(owner, NO_ROSTER)
    for person in people:
        contact = contacts.get(person)
        if contact is not None and contact.addresses():
            return Route(owner, contact)
    return Unreachable(owner, NO_ADDRESS)


def routes(
    owners: Iterable[Owner], roster: Roster, contacts: Mapping[str, Contact]
) -> tuple[list[Route], list[Unreachable]]:
    """One route per person: somebody who stands for several owners hears once, as the first of them."""
    found: dict[str, Route] = {}
    missing: list[Unreachable] = []
    for owner in dict.fromkeys(owners):
        answer = route(owner, roster, contacts)
        if isinstance(answer, Unreachable):
            missing.append(answer)
        else:
            found.setdefault(answer.contact.person, answer)
    return list(found.values()), missing


def deputy_of(person: str, owner: Owner, roster: Roster, contacts: Mapping[str, Contact]) -> Contact | None:
    """Who stands in: the deputy the person named, else the next on the owner's roster who can be reached."""
    absent = contacts.get(person)
    named = [absent.deputy] if absent is not None and absent.deputy else []
    for candidate in [*named, *duty(owner, roster)]:
        contact = contacts.get(candidate)
        if candidate != person and contact is not None and contact.addresses():
            return contact
    return None
