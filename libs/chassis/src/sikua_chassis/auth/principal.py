"""Who asks: one frozen value with the unit, the division, the roles and the scopes of a person or a system."""

from __future__ import annotations

from dataclasses import dataclass, field

from sikua_rules.divisions import prefix_of

from sikua_chassis.auth.roles import SEES_ALL

_NOWHERE = "none"


@dataclass(frozen=True)
class Principal:
    """A verified caller. `division` is a six-digit code (GB/T 2260); `sub` is unique within the issuer."""

    sub: str
    name: str = ""
    unit: str = ""
    division: str = ""
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    sees_all: bool = field(init=False)
    divisions_seen: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sees_all", not SEES_ALL.isdisjoint(self.roles))
        object.__setattr__(self, "divisions_seen", frozenset({self.division} if self.division else ()))

    def may(self, *scopes: str) -> bool:
        """Whether all these scopes are held."""
        return self.scopes.issuperset(scopes)

    def sees(self, division: str) -> bool:
        """Whether a project of this division is visible: everything, or one's own division and, for a city or province
        code ending in 00, everything under it."""
        if self.sees_all:
            return True
        return any(division.startswith(prefix_of(seen) or _NOWHERE) for seen in self.divisions_seen)
