"""Who may see a project and act on a step: the command office any, a district its own, a department its role."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from sikua_contracts.words import Owner
from sikua_rules.divisions import prefix_of

from sikua_scheduler.step import Step
from sikua_scheduler.transitions import Act

COMMAND_OFFICE = "command_office"
DEPARTMENT = "department_owner"
_NOWHERE = "none"
REPORTING = frozenset({Act.BLOCK, Act.UNBLOCK})
"""Districts, consulted departments and whom a block waits for may report what holds up a project that they see."""


class Person(Protocol):
    """What a caller shows of itself."""

    @property
    def unit(self) -> str:
        """Role of the unit, as owners carry it."""
        ...

    @property
    def roles(self) -> frozenset[str]:
        """Roles of the token."""
        ...

    @property
    def sees_all(self) -> bool:
        """Whether every division is seen."""
        ...

    @property
    def divisions_seen(self) -> frozenset[str]:
        """Divisions seen otherwise; a code ending in 00 stands for all within."""
        ...


class Answer(StrEnum):
    """Whether somebody may act: HIDDEN looks as if there were no such thing."""

    YES = "yes"
    HIDDEN = "hidden"
    NOT_THE_OWNER = "not-the-owner"


def prefixes(person: Person | None) -> list[str] | None:
    """Beginnings of the division codes that are seen; None: all of them."""
    if person is None or person.sees_all:
        return None
    return sorted(prefix_of(division) or _NOWHERE for division in person.divisions_seen)


def sees(person: Person | None, divisions: Iterable[str]) -> bool:
    """Whether a project with these divisions is visible."""
    begun = prefixes(person)
    return begun is None or any(division.startswith(tuple(begun)) for division in divisions)


def may_act(person: Person | None, act: Act, step: Step, divisions: Iterable[str]) -> Answer:
    """Whether the person may do this to the step of a project with these divisions."""
    if person is None or COMMAND_OFFICE in person.roles:
        return Answer.YES
    if _holds(person, step.owner):
        return Answer.YES
    if not sees(person, divisions):
        return Answer.HIDDEN
    waited_for = [step.block.waiting_for] if step.block and step.block.waiting_for else []
    asked = any(person.unit == one.role for one in (*step.consulted, *waited_for))
    concerned = DEPARTMENT not in person.roles or asked
    return Answer.YES if act in REPORTING and concerned else Answer.NOT_THE_OWNER


def _holds(person: Person, owner: Owner) -> bool:
    own = DEPARTMENT not in person.roles or person.unit == owner.role
    return own and sees(person, [owner.division])
