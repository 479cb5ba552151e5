"""Chance at the departments follows from the seed and the words it is drawn for, and from nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_simulators.departments.chance import OPENING, day_after_opening, drawn_for, millis, stamp

seeds = st.integers(min_value=0, max_value=2**63)
words = st.lists(st.text(max_size=20), min_size=1, max_size=4)


@given(seeds, words, words)
def test_a_draw_does_not_move_when_others_are_drawn_before_it(seed: int, some: list[str], others: list[str]) -> None:
    alone = drawn_for(seed, *some).random()
    drawn_for(seed, *others).random()
    assert drawn_for(seed, *some).random() == alone


@pytest.mark.parametrize(
    ("one", "other"),
    [((1, "a"), (2, "a")), ((1, "a"), (1, "b")), ((1, "ab", "c"), (1, "a", "bc")), ((1, "a"), (1, "a", ""))],
)
def test_another_seed_or_other_words_draw_otherwise(one: tuple[int, str], other: tuple[int, str]) -> None:
    assert drawn_for(*one).random() != drawn_for(*other).random()


def test_draws_are_the_same_on_every_machine() -> None:
    # Held here, so that records made up in one run are those of every later one.
    assert drawn_for(20260302, "company", "uscc", "海尔集团", "").getrandbits(64) == 15_244_134_328_831_753_507


def test_a_lone_surrogate_draws_too() -> None:
    assert 0 <= drawn_for(1, "\ud800").random() < 1


def test_moments_are_written_in_shanghai_and_in_milliseconds() -> None:
    assert day_after_opening(1, 16, 5) == datetime(2026, 3, 3, 8, 5, tzinfo=UTC)
    assert stamp(datetime(2026, 3, 1, 17, 0, tzinfo=UTC)) == "2026-03-02 01:00:00"
    assert millis(OPENING) == 1_772_413_200_000
