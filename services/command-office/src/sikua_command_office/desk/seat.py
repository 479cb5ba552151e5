"""Whose desk it is: which owners somebody answers for, by the same rule by which the scheduler lets them act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sikua_contracts.words import Owner
from sikua_rules.divisions import prefix_of

COMMAND_OFFICE = "command_office"
LEADER = "leader"
DEPARTMENT = "department_owner"
DISTRICT = "district_owner"
_NOT_A_DISTRICTS = frozenset({COMMAND_OFFICE, LEADER})
_NOWHERE = "none"


@dataclass(frozen=True)
class Seat:
    """Who sits there. `unit`: of a department, the role that owners carry; `division`: six digits (GB/T 2260).

    `accepts`: whether they may accept escalations.
    """

    roles: frozenset[str]
    unit: str = ""
    division: str = ""
    accepts: bool = False

    @property
    def leads(self) -> bool:
        """Whether a leader sits there, who is called when a project reaches the top rung."""
        return LEADER in self.roles

    @property
    def clears(self) -> bool:
        """Whether what departments dispute is theirs to settle."""
        return COMMAND_OFFICE in self.roles

    @property
    def owns(self) -> bool:
        """Whether steps can be theirs at all; others watch."""
        return not self.roles.isdisjoint({COMMAND_OFFICE, DISTRICT, DEPARTMENT})

    def holds(self, owner: Owner) -> bool:
        """Whether this owner, its head or its coordinator sits here."""
        base = owner.role.partition(".")[0]
        here = owner.division.startswith(prefix_of(self.division) or _NOWHERE)
        return (
            (base == COMMAND_OFFICE and COMMAND_OFFICE in self.roles)
            or (base == LEADER and LEADER in self.roles and here)
            or (base == self.unit and DEPARTMENT in self.roles and here)
            or (base not in _NOT_A_DISTRICTS and DISTRICT in self.roles and here)
        )

    def among(self, owners: Iterable[Owner]) -> bool:
        """Whether one of these owners sits here."""
        return any(self.holds(owner) for owner in owners)
