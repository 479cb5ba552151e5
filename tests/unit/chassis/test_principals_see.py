"""What a principal sees: everything, or its own division and what lies in it."""

from __future__ import annotations

import pytest
from sikua_chassis.auth import Principal


@pytest.mark.parametrize(
    ("own", "other", "seen"),
    [
        ("370203", "370203", True),
        ("370203", "370202", False),
        ("370203", "370200", False),
        ("370200", "370203", True),
        ("370200", "370600", False),
        ("370000", "370203", True),
        ("370000", "440300", False),
        ("", "370203", False),
        ("000000", "370203", False),
    ],
)
def test_an_owner_sees_its_division_and_what_lies_in_it(own: str, other: str, seen: bool) -> None:
    assert Principal(sub="a", division=own, roles=frozenset({"district_owner"})).sees(other) is seen


@pytest.mark.parametrize("role", ["command_office", "leader", "auditor", "operator", "service"])
def test_some_roles_see_every_division(role: str) -> None:
    principal = Principal(sub="a", division="370203", roles=frozenset({role}))
    assert principal.sees_all
    assert principal.sees("440300")
