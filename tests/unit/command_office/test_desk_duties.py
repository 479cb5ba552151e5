"""What waits for whom: by role and division, worst first, and nothing of what is somebody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.desk.duties import Ask, Duty, Raised, duties
from sikua_command_office.desk.seat import Seat
from sikua_command_office.projects.cards import WORST_FIRST, Lamps, Project, Step
from sikua_contracts.words import Owner, ProjectStatus, Rung
from sikua_rules.working_days import WorkCalendar
from support.open_steps import quota_step

NOW = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)
LAMPS = Lamps(NOW, WorkCalendar.official())
OFFICE = Seat(frozenset({"command_office"}), "command_office", "370200", accepts=True)
LEADER = Seat(frozenset({"leader"}), "", "370200", accepts=True)
HUANGDAO = Seat(frozenset({"district_owner"}), "district_government", "370211")
AUDITOR = Seat(frozenset({"auditor"}), "", "370200")
ROLES = ("command_office", "lead_unit", "district_government", "natural_resources", "ecology")
PLACES = ("370200", "370211", "370212")


def department(unit: str, division: str) -> Seat:
    return Seat(frozenset({"department_owner"}), unit, division)


def a_step(project: str, owner: Owner, days: int = 5, waiting_for: Owner | None = None) -> Step:
    clock = (NOW - timedelta(days=40), NOW + timedelta(days=days))
    return quota_step(f"{project}-quota", project, owner, clock, waiting_for)


def a_project(project: str, status: ProjectStatus = ProjectStatus.ACTIVE) -> Project:
    return Project(project, f"项目{project}", status)


def raised(project: str, rung: Rung, *to: Owner, accepted_by: str | None = None) -> Raised:
    return Raised(f"{project}-{rung}", f"{project}-quota", rung, to, NOW - timedelta(days=2), accepted_by)


def waiting(
    seat: Seat, steps: list[Step], *escalations: Raised, status: ProjectStatus = ProjectStatus.ACTIVE
) -> list[Duty]:
    by_step: dict[str, list[Raised]] = {}
    for one in escalations:
        by_step.setdefault(one.step_id, []).append(one)
    projects = [a_project(step.state.project_id, status) for step in steps]
    return duties(seat, projects, {step.state.project_id: [step] for step in steps}, by_step, LAMPS)


def shown(found: list[Duty]) -> list[tuple[str, tuple[Ask, ...]]]:
    return [(duty.project.project_id, duty.asks) for duty in found]


RESOURCES_THERE = Owner(role="natural_resources", division="370211")
RESOURCES_CITY = Owner(role="natural_resources", division="370200")


def test_a_step_waits_for_its_owner_and_for_nobody_elses_desk() -> None:
    step = a_step("a", RESOURCES_THERE)
    for seat, found in {
        department("natural_resources", "370211"): True,
        department("natural_resources", "370200"): True,
        department("natural_resources", "370212"): False,
        department("ecology", "370211"): False,
        department("natural_resources", ""): False,
        HUANGDAO: True,
        OFFICE: False,
        LEADER: False,
        AUDITOR: False,
    }.items():
        assert bool(waiting(seat, [step])) is found, seat


def test_a_block_moves_the_step_to_the_desk_of_whom_it_waits_for() -> None:
    ecology = Owner(role="ecology", division="370211")
    step = a_step("a", RESOURCES_CITY, waiting_for=ecology)
    assert shown(waiting(department("ecology", "370211"), [step])) == [("a", (Ask.DO,))]
    assert waiting(department("natural_resources", "370200"), [step]) == []


def test_an_escalation_waits_for_those_it_is_addressed_to_until_somebody_accepts_it() -> None:
    office, leader = (
        Owner(role="command_office.coordinator", division="370200"),
        Owner(role="leader", division="370200"),
    )
    step = a_step("a", RESOURCES_CITY, days=-30)
    coordinate, top = raised("a", Rung.COORDINATE, office), raised("a", Rung.TOP, leader)
    assert shown(waiting(OFFICE, [step], coordinate)) == [("a", (Ask.ACCEPT,))]
    assert waiting(LEADER, [step], coordinate) == []
    assert shown(waiting(LEADER, [step], coordinate, top)) == [("a", (Ask.ACCEPT,))]
    accepted = raised("a", Rung.COORDINATE, office, accepted_by="王晓")
    assert waiting(OFFICE, [step], accepted) == []


def test_who_may_not_accept_is_not_asked_to_and_the_auditor_sees_what_nobody_accepted() -> None:
    head = Owner(role="natural_resources.head", division="370211")
    step = a_step("a", RESOURCES_THERE, days=-10)
    (duty,) = waiting(department("natural_resources", "370211"), [step], raised("a", Rung.RED, head))
    assert (duty.asks, [one.rung for one in duty.pressing]) == ((Ask.DO,), [Rung.RED])
    assert shown(waiting(AUDITOR, [step], raised("a", Rung.RED, head))) == [("a", (Ask.LOOK,))]
    assert waiting(AUDITOR, [step], raised("a", Rung.YELLOW, head)) == []


def test_a_districts_leader_is_called_for_the_district_only() -> None:
    step = a_step("a", RESOURCES_THERE, days=-30)
    top = raised("a", Rung.TOP, Owner(role="leader", division="370211"))
    assert waiting(Seat(frozenset({"leader"}), "", "370212", accepts=True), [step], top) == []
    assert waiting(Seat(frozenset({"leader"}), "", "370211", accepts=True), [step], top)
    assert waiting(LEADER, [step], top)


@pytest.mark.parametrize("status", [ProjectStatus.SUSPENDED, ProjectStatus.CLOSED])
def test_a_project_at_rest_asks_nothing(status: ProjectStatus) -> None:
    assert waiting(HUANGDAO, [a_step("a", RESOURCES_THERE, days=-30)], status=status) == []


@given(
    st.lists(st.tuples(st.sampled_from(ROLES), st.sampled_from(PLACES), st.integers(-40, 40)), max_size=10),
    st.sampled_from(["natural_resources", "ecology"]),
    st.sampled_from(PLACES),
)
def test_the_worst_stands_first_and_every_step_is_on_exactly_the_desks_that_hold_it(
    described: list[tuple[str, str, int]], unit: str, place: str
) -> None:
    steps = [
        a_step(str(at), Owner(role=role, division=where), days) for at, (role, where, days) in enumerate(described)
    ]
    seat = department(unit, place)
    found = waiting(seat, steps)
    badness = [WORST_FIRST.index(duty.lit.light) for duty in found]
    assert badness == sorted(badness)
    overdue = [duty.lit.overdue for duty in found if duty.lit.overdue]
    assert overdue == sorted(overdue, reverse=True)
    within = place[:4] if place == "370200" else place
    mine = {str(at) for at, (role, where, _) in enumerate(described) if role == unit and where.startswith(within)}
    assert {duty.project.project_id for duty in found} == mine


def test_of_two_equally_late_the_one_higher_on_the_ladder_stands_first() -> None:
    steps = [a_step("a", RESOURCES_THERE, days=-14), a_step("b", RESOURCES_THERE, days=-14)]
    found = waiting(HUANGDAO, steps, raised("b", Rung.RED, RESOURCES_THERE))
    assert [duty.project.project_id for duty in found] == ["b", "a"]
