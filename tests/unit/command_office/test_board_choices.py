"""What one can choose from on the board: each choice shows as many projects as it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.board.board import Filters, draw
from sikua_command_office.names import LIGHTS
from sikua_command_office.pages.choices import choices
from sikua_command_office.projects.cards import WORST_FIRST, Lamps, Project, Step
from sikua_contracts.words import CrossingKind, Light, Owner, ProjectStatus
from sikua_rules.working_days import WorkCalendar
from support.open_steps import quota_step

NOW = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)
LAMPS = Lamps(NOW, WorkCalendar.official())
OWNERS = [
    Owner(role=role, division=where) for role in ("ecology", "natural_resources") for where in ("370200", "370211")
]


def a_step(project: str, number: int, owner: Owner, days: int, waiting_for: Owner | None) -> Step:
    clock = (NOW - timedelta(days=60), NOW + timedelta(days=days))
    return quota_step(f"{project}-{number}", project, owner, clock, waiting_for)


one_step = st.tuples(st.sampled_from(OWNERS), st.integers(-40, 40), st.none() | st.sampled_from(OWNERS))
one_project = st.tuples(
    st.sets(st.sampled_from(["370211", "370212", "370215"]), min_size=1),
    st.sampled_from([None, "自贸片区", "上合示范区"]),
    st.sampled_from([None, "航运", "智能家电"]),
    st.sets(st.sampled_from(["FUND", "MAJOR_EVENT"])),
    st.sets(st.sampled_from(list(CrossingKind))),
    st.lists(one_step, min_size=1, max_size=3),
)
cities = st.lists(one_project, max_size=8)
Described = tuple[set[str], str | None, str | None, set[str], set[CrossingKind], list[tuple[Owner, int, Owner | None]]]


def city(described: list[Described]) -> tuple[list[Project], dict[str, list[Step]]]:
    projects: list[Project] = []
    steps: dict[str, list[Step]] = {}
    for number, (places, zone, chain, origins, crossings, own) in enumerate(described):
        name = str(number)
        projects.append(
            Project(
                name,
                name,
                ProjectStatus.ACTIVE,
                tuple(sorted(places)),
                zone,
                chain,
                tuple(sorted(origins)),
                tuple(sorted(crossings)),
            )
        )
        steps[name] = [a_step(name, at, *one) for at, one in enumerate(own)]
    return projects, steps


@given(cities)
def test_each_choice_shows_as_many_projects_as_it_says(described: list[Described]) -> None:
    projects, steps = city(described)
    for name, offered in choices(projects, steps, LAMPS).items():
        for choice in offered:
            value = {"light": Light, "crossing": CrossingKind}.get(name, str)(choice.value)
            board = draw(projects, steps, frozenset(), LAMPS, Filters(**{name: value}), 500)
            shown = sum(column.count for column in board.columns)
            assert choice.count in (None, shown), (name, choice)
            assert choice.zh


@given(cities)
def test_nothing_that_can_be_chosen_is_missing_and_the_most_frequent_stands_first(described: list[Described]) -> None:
    projects, steps = city(described)
    offered = choices(projects, steps, LAMPS)
    assert {choice.value for choice in offered["division"]} == {place for one in projects for place in one.divisions}
    assert {choice.value for choice in offered["zone"]} == {one.zone for one in projects if one.zone}
    assert {choice.value for choice in offered["chain"]} == {one.chain for one in projects if one.chain}
    assert {choice.value for choice in offered["origin"]} == {each for one in projects for each in one.origins}
    for name in ("division", "zone", "chain", "origin", "owner"):
        counts = [choice.count or 0 for choice in offered[name]]
        assert counts == sorted(counts, reverse=True)


def test_all_lights_and_crossings_can_be_chosen_even_when_nothing_shows_them() -> None:
    offered = choices([], {}, LAMPS)
    assert [(choice.value, choice.zh) for choice in offered["light"]] == [
        (light.value, LIGHTS[light][0]) for light in WORST_FIRST
    ]
    assert [choice.value for choice in offered["crossing"]] == [kind.value for kind in CrossingKind]
    assert offered["owner"] == []


def test_an_owner_is_whose_turn_it_is_at_the_worst_step_by_name() -> None:
    ecology = Owner(role="ecology", division="370211")
    steps = {"a": [a_step("a", 0, OWNERS[2], 20, None), a_step("a", 1, OWNERS[2], -20, ecology)]}
    (choice,) = choices([Project("a", "a", ProjectStatus.ACTIVE)], steps, LAMPS)["owner"]
    assert (choice.value, choice.zh, choice.count) == ("ecology@370211", "黄岛区生态环境局", 1)
