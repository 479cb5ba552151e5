"""The board: every project once, in the column of its earliest open step, worst first, and the counts add up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.board.board import Board, Filters, Outside, draw
from sikua_command_office.projects.cards import STEP_ORDER, WORST_FIRST, Lamps, Project, Step
from sikua_contracts.scheduler import StepState
from sikua_contracts.words import STEP_NAMES, CrossingKind, Light, Owner, ProjectStatus, StepCode, StepStatus
from sikua_rules.limits import LimitUnit
from sikua_rules.working_days import WorkCalendar

NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
CALENDAR = WorkCalendar.official()
RESOURCES = Owner(role="natural_resources", division="370200")
DISTRICTS = ("370202", "370211", "370214")


def a_step(
    project_id: str,
    code: StepCode = StepCode.QUOTA,
    *,
    days: int = 0,
    status: StepStatus = StepStatus.STARTED,
    owner: Owner = RESOURCES,
    waiting_for: Owner | None = None,
) -> Step:
    name_zh, name_en = STEP_NAMES[code]
    state = StepState(
        step_id=f"{project_id}-{code}-{days}",
        project_id=project_id,
        project_name=project_id,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        owner=owner,
        status=status,
        limit_amount=20,
        limit_unit=LimitUnit.WORKING_DAY,
        armed_at=NOW - timedelta(days=30),
        due_at=NOW + timedelta(days=days),
    )
    return Step(state, waiting_for=waiting_for)


def a_project(project_id: str, **more: Any) -> Project:
    return Project(project_id, f"项目{project_id}", ProjectStatus.ACTIVE, **more)


def board(
    projects: list[Project],
    steps: dict[str, list[Step]],
    filters: Filters | None = None,
    *,
    planned: frozenset[str] = frozenset(),
    limit: int = 500,
) -> Board:
    return draw(projects, steps, planned, Lamps(NOW, CALENDAR), filters or Filters(), limit)


def shown(drawn: Board) -> list[str]:
    return [card.project.project_id for column in drawn.columns for card in column.cards]


open_status = st.sampled_from([StepStatus.ARMED, StepStatus.STARTED, StepStatus.BLOCKED, StepStatus.PAUSED])
one_step = st.tuples(st.sampled_from(list(StepCode)), st.integers(-60, 60), open_status)
many_projects = st.lists(st.lists(one_step, max_size=4, unique_by=lambda step: step[:2]), max_size=12)


def drawn_from(described: list[list[tuple[StepCode, int, StepStatus]]]) -> tuple[list[Project], dict[str, list[Step]]]:
    projects = [a_project(str(number), divisions=(DISTRICTS[number % 3],)) for number in range(len(described))]
    steps = {
        str(number): [a_step(str(number), code, days=days, status=status) for code, days, status in of_project]
        for number, of_project in enumerate(described)
        if of_project
    }
    return projects, steps


@given(many_projects)
def test_every_project_stands_in_one_column_or_is_counted_outside(
    described: list[list[tuple[StepCode, int, StepStatus]]],
) -> None:
    projects, steps = drawn_from(described)
    drawn = board(projects, steps)
    assert sorted(shown(drawn)) == sorted(steps)
    assert sum(drawn.outside.values()) == len(projects) - len(steps)
    assert sum(drawn.lights.values()) == len(steps)
    for column in drawn.columns:
        assert sum(column.lights.values()) == column.count == len(column.cards)


@given(many_projects)
def test_the_worst_stand_first_and_the_light_is_the_worst_of_all_open_steps(
    described: list[list[tuple[StepCode, int, StepStatus]]],
) -> None:
    projects, steps = drawn_from(described)
    lamps = Lamps(NOW, CALENDAR)
    for column in board(projects, steps).columns:
        badness = [WORST_FIRST.index(card.light) for card in column.cards]
        assert badness == sorted(badness)
        for card in column.cards:
            own = steps[card.project.project_id]
            assert card.column is min((step.state.code for step in own), key=STEP_ORDER.__getitem__)
            assert WORST_FIRST.index(card.light) == min(WORST_FIRST.index(lamps.lit(step).light) for step in own)


@given(many_projects, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_rows_arrive(
    described: list[list[tuple[StepCode, int, StepStatus]]], chance: Random
) -> None:
    projects, steps = drawn_from(described)
    before = shown(board(projects, steps))
    chance.shuffle(projects)
    for own in steps.values():
        chance.shuffle(own)
    assert shown(board(projects, steps)) == before


@given(many_projects, st.sampled_from(list(Light)), st.integers(0, 3))
def test_a_light_narrows_the_cards_and_leaves_the_counts(
    described: list[list[tuple[StepCode, int, StepStatus]]], light: Light, limit: int
) -> None:
    projects, steps = drawn_from(described)
    whole, narrowed = board(projects, steps), board(projects, steps, Filters(light=light), limit=limit)
    for before, after in zip(whole.columns, narrowed.columns, strict=True):
        assert after.lights == before.lights
        assert after.count == before.lights[light]
        assert len(after.cards) == min(limit, after.count)
        assert list(after.cards) == [card for card in before.cards if card.light is light][:limit]


@given(many_projects, st.sampled_from(DISTRICTS))
def test_a_district_sees_its_own_projects_and_all_of_them(
    described: list[list[tuple[StepCode, int, StepStatus]]], district: str
) -> None:
    projects, steps = drawn_from(described)
    drawn = board(projects, steps, Filters(division=district))
    own = [project for project in projects if district in project.divisions]
    assert len(shown(drawn)) + sum(drawn.outside.values()) == len(own)


def test_among_red_ones_the_longest_overdue_stands_first() -> None:
    steps = {name: [a_step(name, days=days)] for name, days in {"a": -20, "b": -40, "c": -10}.items()}
    assert shown(board([a_project(name) for name in "abc"], steps)) == ["b", "a", "c"]


def test_a_project_whose_later_step_runs_ahead_stands_in_the_earlier_column_with_the_worse_light() -> None:
    steps = {"a": [a_step("a", StepCode.SIGN, days=30), a_step("a", StepCode.PERMITS, days=-30)]}
    drawn = board([a_project("a")], steps)
    (card,) = next(column for column in drawn.columns if column.step is StepCode.SIGN).cards
    assert card.light is Light.RED
    assert card.worst.step.state.code is StepCode.PERMITS


def test_a_suspended_project_is_grey_and_stands_last() -> None:
    resting = Project("a", "甲", ProjectStatus.SUSPENDED)
    steps = {"a": [a_step("a", days=-40)], "b": [a_step("b", days=20)]}
    drawn = board([resting, a_project("b")], steps)
    column = next(column for column in drawn.columns if column.step is StepCode.QUOTA)
    assert [(card.project.project_id, card.light) for card in column.cards] == [("b", Light.GREEN), ("a", Light.GREY)]


def test_an_owner_is_found_by_role_or_by_role_and_division_and_a_block_names_whose_turn_it_is() -> None:
    ecology = Owner(role="ecology", division="370211")
    steps = {
        "a": [a_step("a", status=StepStatus.BLOCKED, waiting_for=ecology)],
        "b": [a_step("b")],
    }
    projects = [a_project("a"), a_project("b")]
    assert shown(board(projects, steps, Filters(owner="ecology"))) == ["a"]
    assert shown(board(projects, steps, Filters(owner="ecology@370200"))) == []
    assert shown(board(projects, steps, Filters(owner="natural_resources@370200"))) == ["b"]


def test_projects_can_be_chosen_by_what_they_cross_and_where_they_come_from() -> None:
    crossing = a_project("a", crossings=(CrossingKind.FIELD,), zone="QDZ-SCO", chain="智能家电", origins=("FUND",))
    steps = {"a": [a_step("a")], "b": [a_step("b")]}
    for filters in (
        Filters(crossing=CrossingKind.FIELD),
        Filters(zone="QDZ-SCO"),
        Filters(chain="智能家电"),
        Filters(origin="FUND"),
    ):
        assert shown(board([crossing, a_project("b")], steps, filters)) == ["a"]


def test_outside_the_columns_it_is_said_why() -> None:
    projects = [a_project("a"), a_project("b", started=True), a_project("c")]
    drawn = board(projects, {}, planned=frozenset({"c"}))
    assert drawn.outside == {Outside.NO_PLAN: 1, Outside.STARTED_BEFORE: 1, Outside.FINISHED: 1}
