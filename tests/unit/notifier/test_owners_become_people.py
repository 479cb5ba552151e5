"""From role × division to a person: the nearest roster, the first who can be reached, one deputy."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sikua_contracts.words import Owner
from sikua_notifier.routing import (
    NO_ADDRESS,
    NO_ROSTER,
    Contact,
    Route,
    Unreachable,
    deputy_of,
    divisions_for,
    route,
    routes,
)

LAND = Owner(role="natural_resources", division="370211")


def contact(person: str, **more: str) -> Contact:
    return Contact(person, person, "unit", **{"email": f"{person}@qd.example", **more})


PEOPLE = {person: contact(person) for person in ("a", "b", "c")} | {"mute": contact("mute", email="")}


def test_the_nearest_roster_that_names_anybody_counts() -> None:
    rosters = {("natural_resources", "370200"): ["b"], ("natural_resources", "370211"): ["a"]}
    assert route(LAND, rosters, PEOPLE) == Route(LAND, PEOPLE["a"])
    del rosters["natural_resources", "370211"]
    assert route(LAND, rosters, PEOPLE) == Route(LAND, PEOPLE["b"])
    rosters["natural_resources", "370211"] = []
    assert route(LAND, rosters, PEOPLE) == Route(LAND, PEOPLE["b"])


def test_another_city_falls_back_to_its_own_then_to_ours() -> None:
    assert divisions_for("370602") == ["370602", "370600", "370200"]
    assert divisions_for("370200") == ["370200"]


def test_somebody_without_an_address_is_passed_over() -> None:
    assert route(LAND, {("natural_resources", "370211"): ["mute", "c"]}, PEOPLE) == Route(LAND, PEOPLE["c"])
    assert route(LAND, {("natural_resources", "370211"): ["mute"]}, PEOPLE) == Unreachable(LAND, NO_ADDRESS)
    assert route(LAND, {}, PEOPLE) == Unreachable(LAND, NO_ROSTER)


@given(st.lists(st.sampled_from(["reform", "ecology", "tax", "nobody"]), max_size=8))
def test_each_person_hears_once_and_each_missing_owner_is_named_once(roles: list[str]) -> None:
    rosters = {("reform", "370200"): ["a"], ("ecology", "370200"): ["a"], ("tax", "370200"): ["b"]}
    owners = [Owner(role=role, division="370200") for role in roles]
    found, missing = routes(owners, rosters, PEOPLE)
    people = [each.contact.person for each in found]
    assert len(people) == len(set(people))
    assert len(missing) == (1 if "nobody" in roles else 0)
    assert set(people) == {rosters[role, "370200"][0] for role in roles if role != "nobody"}


def test_the_named_deputy_stands_in_else_the_next_on_duty() -> None:
    rosters = {("natural_resources", "370211"): ["a", "mute", "b"]}
    assert deputy_of("a", LAND, rosters, PEOPLE) == PEOPLE["b"]
    people = {**PEOPLE, "a": contact("a", deputy="c")}
    assert deputy_of("a", LAND, rosters, people) == PEOPLE["c"]
    assert deputy_of("a", LAND, {("natural_resources", "370211"): ["a"]}, PEOPLE) is None
