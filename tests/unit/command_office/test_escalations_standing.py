"""Escalations: every step with an open rung once, worst first, and what comes next only as the scheduler has said it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.escalations.standing import HEIGHT, Comes, Line, Raised, Wanted, ahead, lines
from sikua_command_office.escalations.wording import ASKS, next_words
from sikua_contracts.words import Owner, ProjectStatus, Rung, StepCode, StepStatus
from support.office_values import CALENDAR, LAMPS, NOW, a_project, a_step


def raised(rung: Rung, days_ago: int = 3, by: str | None = None, **more: Any) -> Raised:
    return Raised(f"e-{rung}-{days_ago}", rung, NOW - timedelta(days=days_ago), "逾期", acknowledged_by=by, **more)


def standing(described: list[tuple[list[Rung], int, bool, bool]]) -> list[Line]:
    """Lines of one project each: its open rungs, days since due, whether the top is accepted, whether it is suspended."""
    projects, steps, rungs = [], {}, {}
    for number, (of_step, late, accepted, suspended) in enumerate(described):
        key = f"p{number:02d}"
        status = ProjectStatus.SUSPENDED if suspended else ProjectStatus.ACTIVE
        projects.append(a_project(key, status=status, divisions=(("370202", "370211")[number % 2],)))
        steps[key] = [a_step(key, days=-late), a_step(key, StepCode.PERMITS)]
        top = max(of_step, key=HEIGHT.__getitem__, default=None)
        rungs[steps[key][0].state.step_id] = [
            raised(rung, by="王" if accepted and rung is top else None) for rung in of_step
        ]
    return lines(projects, steps, rungs, LAMPS, NOW, CALENDAR)


described = st.lists(
    st.tuples(st.lists(st.sampled_from(Rung), unique=True), st.integers(0, 60), st.booleans(), st.booleans()),
    max_size=10,
)


@given(described)
def test_every_step_with_an_open_rung_stands_there_once_and_no_other(
    given_steps: list[tuple[list[Rung], int, bool, bool]],
) -> None:
    found = standing(given_steps)
    expected = {f"p{number:02d}" for number, (rungs, *_) in enumerate(given_steps) if rungs}
    assert {line.project.project_id for line in found} == expected
    assert len(found) == len(expected)


@given(described)
def test_the_higher_rung_comes_first_then_what_nobody_accepted_then_the_most_overdue(
    given_steps: list[tuple[list[Rung], int, bool, bool]],
) -> None:
    found = standing(given_steps)
    for one, after in pairwise(found):
        rested = [line.project.status is ProjectStatus.SUSPENDED for line in (one, after)]
        heights = [HEIGHT[line.top.rung] for line in (one, after)]
        assert rested[0] <= rested[1]
        if rested[0] == rested[1]:
            assert heights[0] >= heights[1]
            if heights[0] == heights[1]:
                assert one.accepted <= after.accepted
                if one.accepted == after.accepted:
                    assert one.lit.overdue >= after.lit.overdue


@given(described, st.sampled_from(Rung), st.booleans())
def test_filters_divide_and_lose_nothing(
    given_steps: list[tuple[list[Rung], int, bool, bool]], rung: Rung, accepted: bool
) -> None:
    found = standing(given_steps)
    by_rung = [line for one in Rung for line in found if Wanted(rung=one).shows(line)]
    assert sorted(line.order for line in by_rung) == sorted(line.order for line in found)
    yes, no = (sum(Wanted(rung=rung, accepted=answer).shows(line) for line in found) for answer in (True, False))
    assert yes + no == sum(Wanted(rung=rung).shows(line) for line in found)
    for line in found:
        assert Wanted(division="370202").shows(line) == ("370202" in line.project.divisions)


def test_an_owner_is_whose_turn_it_is_whom_a_block_waits_for_before_the_owner() -> None:
    ecology = Owner(role="ecology", division="370211")
    step = a_step(waiting_for=ecology, status=StepStatus.BLOCKED)
    found = lines([a_project()], {"p": [step]}, {step.state.step_id: [raised(Rung.RED)]}, LAMPS, NOW, CALENDAR)
    assert [Wanted(owner=owner).shows(found[0]) for owner in ("ecology", "ecology@370211", "ecology@370202")] == [
        True,
        True,
        False,
    ]
    assert not Wanted(owner="natural_resources").shows(found[0])


def test_what_comes_next_is_the_schedulers_word_in_working_days() -> None:
    monday = NOW + timedelta(days=5)
    coming = ahead(a_step(next_rung=Rung.COORDINATE, next_rung_at=monday), [raised(Rung.RED)], NOW, CALENDAR)
    assert (coming.comes, coming.rung, coming.at, coming.working_days) == (Comes.RISES, Rung.COORDINATE, monday, 3)
    assert next_words(coming) == ("3 个工作日后升到四跨协调", "coordination in 3 working days")
    today = ahead(
        a_step(next_rung=Rung.RED, next_rung_at=NOW + timedelta(hours=1)), [raised(Rung.YELLOW)], NOW, CALENDAR
    )
    assert next_words(today) == ("今天升到红色督办", "red today")
    past = ahead(a_step(next_rung=Rung.RED, next_rung_at=NOW), [raised(Rung.YELLOW)], NOW, CALENDAR)
    assert next_words(past) == ("即将升到红色督办", "red any minute now")


@pytest.mark.parametrize(
    ("step", "rung", "why"),
    [
        (a_step(), Rung.TOP, Comes.AT_THE_TOP),
        (a_step(tracked=False), Rung.RED, Comes.NOT_TRACKED),
        (a_step(tracked=True), Rung.COORDINATE, Comes.NOTHING_MORE),
        (a_step(status=StepStatus.PAUSED, next_rung=Rung.RED, next_rung_at=NOW), Rung.YELLOW, Comes.CLOCK_STOPPED),
    ],
)
def test_nothing_that_comes_by_itself_says_why(step: Any, rung: Rung, why: Comes) -> None:
    found = ahead(step, [raised(rung)], NOW, CALENDAR)
    assert (found.comes, found.rung, found.at) == (why, None, None)
    assert all(next_words(found))


def test_every_rung_says_what_it_asks_for_in_both_languages() -> None:
    assert set(ASKS) == set(Rung)
    assert all(zh and en for zh, en in ASKS.values())
