"""Chance is the same on every machine and in every run, and each draw stands for itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sikua_cli.demo.chance import Chance


def test_a_draw_is_the_same_for_ever() -> None:
    assert Chance(20260302, "青岛市地铁9号线一期工程", "SIGN").share("habit") == 0.34846459446415134


@given(st.integers(), st.text(), st.text())
def test_draws_depend_on_seed_and_names_alone(seed: int, name: str, draw: str) -> None:
    assert Chance(seed, name).share(draw) == Chance(seed, name).share(draw)
    assert 0 <= Chance(seed, name).share(draw) < 1


@given(st.integers(), st.integers(0, 50), st.integers(0, 50))
def test_days_lie_between_both_ends(seed: int, low: int, more: int) -> None:
    assert low <= Chance(seed, "x").days("d", (low, low + more)) <= low + more


@given(st.integers())
def test_what_weighs_nothing_is_never_drawn(seed: int) -> None:
    assert Chance(seed).weighted("w", {"never": 0, "always": 1, "nor this": 0}) == "always"


def test_weights_are_met_roughly() -> None:
    drawn = [Chance(7, number).weighted("w", {"a": 3, "b": 1}) for number in range(2000)]
    assert 0.7 < drawn.count("a") / 2000 < 0.8
