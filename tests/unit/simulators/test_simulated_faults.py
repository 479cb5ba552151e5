"""Faults on demand are used up one by one; those of the background follow from seed, question and business day."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sikua_simulators.departments.faults import (
    MOST_WAITING,
    PASSING,
    Background,
    Fault,
    FaultKind,
    Faults,
    TooManyFaults,
)

MONDAY = date(2026, 3, 2)
LASTING = tuple(kind for kind in FaultKind if kind not in PASSING)

Question = tuple[str, str, date]

questions = st.tuples(
    st.sampled_from(("tax.registration", "tax.credit", "tax.paid")),
    st.text(min_size=1, max_size=6),
    st.integers(0, 200).map(lambda days: MONDAY + timedelta(days=days)),
)


def kinds_met(faults: Faults, asked: list[Question]) -> list[FaultKind | None]:
    met = [faults.next_for(*question) for question in asked]
    return [fault.kind if fault else None for fault in met]


def test_a_fault_meets_as_many_calls_as_was_asked_for() -> None:
    faults = Faults()
    faults.add(Fault(kind=FaultKind.ERROR, count=2))
    assert kinds_met(faults, [("tax.paid", key, MONDAY) for key in "abc"]) == [FaultKind.ERROR, FaultKind.ERROR, None]
    assert faults.waiting == []


def test_a_fault_for_one_question_leaves_the_others_alone() -> None:
    faults = Faults()
    faults.add(Fault(kind=FaultKind.MALFORMED, dataset="tax.paid", key="a"))
    asked = [
        ("tax.paid", "b", MONDAY),
        ("tax.credit", "a", MONDAY),
        ("tax.paid", "a", MONDAY),
        ("tax.paid", "a", MONDAY),
    ]
    assert kinds_met(faults, asked) == [None, None, FaultKind.MALFORMED, None]


def test_the_oldest_that_fits_comes_first() -> None:
    faults = Faults()
    for fault in (
        Fault(kind=FaultKind.SLOW, key="b"),
        Fault(kind=FaultKind.ERROR),
        Fault(kind=FaultKind.REFUSED, key="a"),
    ):
        faults.add(fault)
    asked = [("tax.paid", key, MONDAY) for key in ("a", "a", "b", "b")]
    assert kinds_met(faults, asked) == [FaultKind.ERROR, FaultKind.REFUSED, FaultKind.SLOW, None]


def test_no_more_faults_wait_than_fit() -> None:
    faults = Faults()
    for _ in range(MOST_WAITING):
        faults.add(Fault(kind=FaultKind.SLOW))
    with pytest.raises(TooManyFaults):
        faults.add(Fault(kind=FaultKind.SLOW))


def test_clearing_lets_everything_go_well_again() -> None:
    faults = Faults(7, Background(rate=1))
    faults.add(Fault(kind=FaultKind.ERROR, count=5))
    faults.clear()
    assert kinds_met(faults, [("tax.paid", "a", MONDAY)]) == [None]


@given(
    st.integers(0, 2**40), st.lists(questions, min_size=1, max_size=40, unique=True), st.randoms(use_true_random=False)
)
def test_who_meets_a_fault_does_not_depend_on_the_order_of_calls(
    seed: int, asked: list[Question], shuffle: random.Random
) -> None:
    background = Background(rate=0.5, kinds=tuple(FaultKind))
    one = dict(zip(asked, kinds_met(Faults(seed, background), asked), strict=True))
    shuffled = list(asked)
    shuffle.shuffle(shuffled)
    other = dict(zip(shuffled, kinds_met(Faults(seed, background), shuffled), strict=True))
    assert one == other


@given(st.integers(0, 2**40), questions)
def test_a_passing_fault_meets_a_question_once_a_day(seed: int, question: Question) -> None:
    met = kinds_met(Faults(seed, Background(rate=1, kinds=tuple(PASSING))), [question] * 3)
    assert met[0] in PASSING
    assert met[1:] == [None, None]


@given(st.integers(0, 2**40), questions)
def test_a_lasting_fault_is_the_same_all_day(seed: int, question: Question) -> None:
    met = kinds_met(Faults(seed, Background(rate=1, kinds=LASTING)), [question] * 3)
    assert met[0] in LASTING
    assert len(set(met)) == 1


def test_the_rate_is_the_share_of_questions_that_meet_one() -> None:
    asked = [("tax.paid", f"key {number}", MONDAY) for number in range(4000)]
    met = [kind for kind in kinds_met(Faults(1, Background(rate=0.1)), asked) if kind]
    assert 300 < len(met) < 500
    assert kinds_met(Faults(1, Background(rate=0)), asked) == [None] * len(asked)
    others = kinds_met(Faults(2, Background(rate=0.1)), asked)
    assert others != kinds_met(Faults(1, Background(rate=0.1)), asked)


def test_a_question_meets_another_fate_on_another_day() -> None:
    background = Background(rate=0.5, kinds=(FaultKind.REFUSED,))
    days = [("tax.paid", "a", MONDAY + timedelta(days=day)) for day in range(40)]
    assert set(kinds_met(Faults(3, background), days)) == {None, FaultKind.REFUSED}


@pytest.mark.parametrize("wrong", [{"rate": 1.1}, {"rate": -0.1}, {"rate": 0.5, "kinds": []}, {"rate": 0.5, "seed": 1}])
def test_a_background_out_of_its_bounds_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Background.model_validate(wrong)
