"""Whom one can choose as an owner: every role in the city and in the project's own divisions."""

from __future__ import annotations

from collections.abc import Iterable

from sikua_contracts.words import Owner
from sikua_rules import divisions

from sikua_command_office.names import ROLES, division_name, owner_name

_CITYWIDE = frozenset({"command_office", "leader"})


def owner_choices(of_project: Iterable[str]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """By place: its name, and the owners there as ("role@division", Chinese, English)."""
    places = list(dict.fromkeys([divisions.OURS, *of_project]))
    return [(division_name(place)[0], [_choice(role, place) for role in _roles(place)]) for place in places]


def _roles(place: str) -> list[str]:
    return [role for role in ROLES if place == divisions.OURS or role not in _CITYWIDE]


def _choice(role: str, place: str) -> tuple[str, str, str]:
    return f"{role}@{place}", *owner_name(Owner(role=role, division=place))
