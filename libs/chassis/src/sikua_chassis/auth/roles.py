"""Which role holds which scopes; the one table of what people and systems may do.

An issuer may put `scope` into a token itself; then that is what counts. A token with roles only gets its scopes here.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """Roles as tokens carry them in `roles`."""

    COMMAND_OFFICE = "command_office"
    DISTRICT_OWNER = "district_owner"
    DEPARTMENT_OWNER = "department_owner"
    LEADER = "leader"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    DEPARTMENT_SYSTEM = "department_system"
    SERVICE = "service"


_READS: Final = frozenset({"projects:read", "steps:read", "notices:read", "feed:read"})
_OWNER: Final = _READS | {"steps:act", "notices:act"}

SCOPES: Final[dict[Role, frozenset[str]]] = {
    Role.COMMAND_OFFICE: _OWNER
    | {
        "projects:write",
        "imports:write",
        "bridge:read",
        "tracks:write",
        "escalations:act",
        "calendars:write",
        "contacts:write",
        "events:read",
        "lanes:read",
    },
    Role.DISTRICT_OWNER: _OWNER,
    Role.DEPARTMENT_OWNER: _OWNER | {"bridge:read"},
    Role.LEADER: _READS | {"notices:act", "escalations:act"},
    Role.AUDITOR: _READS | {"bridge:read", "events:read", "lanes:read", "denials:read"},
    Role.OPERATOR: _READS
    | {
        "projects:write",
        "imports:write",
        "bridge:read",
        "bridge:operate",
        "contacts:write",
        "calendars:write",
        "events:read",
        "lanes:read",
        "lanes:operate",
    },
    Role.DEPARTMENT_SYSTEM: frozenset({"facts:write", "bridge:read", "projects:read", "feed:read", "events:read"}),
    Role.SERVICE: frozenset({"events:read"}),
}

ALL_SCOPES: Final = frozenset().union(*SCOPES.values())

SEES_ALL: Final = frozenset({Role.COMMAND_OFFICE, Role.LEADER, Role.AUDITOR, Role.OPERATOR, Role.SERVICE})
"""Roles that see the projects of every division; the others see their own division and what lies in it."""


def scopes_of(roles: Iterable[str]) -> frozenset[str]:
    """All scopes of these roles; a role nobody knows here brings none."""
    known = {role.value: scopes for role, scopes in SCOPES.items()}
    return frozenset().union(*(known.get(role, frozenset()) for role in roles))
