"""The breaker, the pace and the backoff under a clock that the test turns by hand."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_bridge.backoff import Backoff
from sikua_bridge.breaker import Breaker
from sikua_bridge.pace import Pace

SECONDS = st.floats(0.0, 20.0, allow_nan=False)


def broken(breaker: Breaker, times: int, now: float) -> None:
    for _ in range(times):
        breaker.failed(now)


def test_a_closed_breaker_lets_everybody_through_until_enough_failed_in_a_row() -> None:
    breaker = Breaker(threshold=3)
    broken(breaker, 2, 10.0)
    assert breaker.wait_seconds(10.0) == 0
    breaker.succeeded()
    broken(breaker, 2, 11.0)
    assert breaker.wait_seconds(11.0) == 0
    breaker.failed(11.0)
    assert breaker.wait_seconds(11.0) == pytest.approx(1.0)


def test_an_open_breaker_lets_one_probe_through_after_its_rest_and_nobody_beside_it() -> None:
    breaker = Breaker(threshold=1, rest_seconds=2.0)
    breaker.failed(100.0)
    assert breaker.wait_seconds(101.5) == pytest.approx(0.5)
    assert breaker.wait_seconds(102.0) == 0
    assert breaker.wait_seconds(102.0) > 0
    breaker.succeeded()
    assert breaker.wait_seconds(102.0) == 0
    assert breaker.wait_seconds(102.0) == 0


def test_each_failed_probe_doubles_the_rest_up_to_the_longest() -> None:
    breaker = Breaker(threshold=1, rest_seconds=1.0, most_seconds=5.0)
    now, rests = 0.0, []
    breaker.failed(now)
    for _ in range(5):
        rests.append(breaker.wait_seconds(now))
        now += rests[-1]
        assert breaker.wait_seconds(now) == 0
        breaker.failed(now)
    assert rests == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_probe_that_never_came_back_gives_its_place_to_another() -> None:
    breaker = Breaker(threshold=1, rest_seconds=1.0, most_seconds=5.0)
    breaker.failed(0.0)
    assert breaker.wait_seconds(1.0) == 0
    assert breaker.wait_seconds(5.9) > 0
    assert breaker.wait_seconds(6.0) == 0


def test_calls_that_were_under_way_when_it_opened_do_not_make_the_rest_longer() -> None:
    breaker = Breaker(threshold=1, rest_seconds=1.0)
    broken(breaker, 8, 0.0)
    assert breaker.wait_seconds(0.0) == 1.0
    assert breaker.wait_seconds(1.0) == 0


@given(st.lists(st.tuples(st.sampled_from(["ask", "failed", "succeeded"]), SECONDS), max_size=60))
def test_a_breaker_never_rests_longer_than_its_most_and_a_success_always_closes_it(
    steps: list[tuple[str, float]],
) -> None:
    breaker, now = Breaker(threshold=2, rest_seconds=1.0, most_seconds=7.0), 0.0
    for what, passed in steps:
        now += passed
        if what == "ask":
            assert 0 <= breaker.wait_seconds(now) <= 7.0
        elif what == "failed":
            breaker.failed(now)
        else:
            breaker.succeeded()
            assert breaker.wait_seconds(now) == 0


@pytest.mark.parametrize(("threshold", "rest", "most"), [(0, 1.0, 30.0), (5, 0.0, 30.0), (5, 9.0, 1.0)])
def test_a_breaker_that_could_never_work_is_refused(threshold: int, rest: float, most: float) -> None:
    with pytest.raises(ValueError, match="breaker"):
        Breaker(threshold, rest, most)


@given(
    st.floats(0.05, 500.0),
    st.integers(1, 20),
    st.lists(st.floats(0.0, 2.0), min_size=2, max_size=30),
)
def test_over_any_span_no_more_calls_get_their_turn_than_the_pace_allows(
    per_second: float, burst: int, gaps: list[float]
) -> None:
    pace, now, turns = Pace(per_second, burst), 0.0, []
    for gap in gaps:
        now += gap
        turns.append(now + pace.turn(now))
    assert turns == sorted(turns)
    for first, start in enumerate(turns):
        for last in range(first, len(turns)):
            assert last - first + 1 <= burst + per_second * (turns[last] - start) + 1e-6


def test_whoever_comes_at_the_pace_never_waits_and_who_comes_faster_waits_for_the_next_turn() -> None:
    pace = Pace(per_second=4.0)
    assert [pace.turn(now) for now in (0.0, 0.25, 0.5)] == [0.0, 0.0, 0.0]
    assert [pace.turn(0.5) for _ in range(3)] == [0.25, 0.5, 0.75]
    assert pace.turn(100.0) == 0.0


def test_a_pause_earns_a_burst_and_no_more() -> None:
    pace = Pace(per_second=1.0, burst=3)
    assert [pace.turn(50.0) for _ in range(5)] == [0.0, 0.0, 0.0, 1.0, 2.0]


@pytest.mark.parametrize(("per_second", "burst"), [(0.0, 1), (-1.0, 1), (1.0, 0)])
def test_a_pace_that_stands_still_is_refused(per_second: float, burst: int) -> None:
    with pytest.raises(ValueError, match="pace"):
        Pace(per_second, burst)


@given(st.text(max_size=30), st.integers(1, 40), st.floats(0.0, 1e6) | st.none())
def test_every_wait_is_bounded_stable_and_at_least_what_was_asked_for_as_far_as_bounds_allow(
    key: str, attempt: int, asked: float | None
) -> None:
    backoff = Backoff(first_seconds=0.5, most_seconds=30.0, attempts=8)
    wait = backoff.wait(key, attempt, asked)
    assert wait == backoff.wait(key, attempt, asked)
    if attempt >= 8:
        assert wait is None
        return
    assert wait is not None
    assert timedelta(seconds=0.35) <= wait <= timedelta(seconds=30)
    assert wait >= timedelta(seconds=min(asked or 0.0, 30.0))


@given(st.text(max_size=30))
def test_waits_grow_from_attempt_to_attempt(key: str) -> None:
    backoff = Backoff(first_seconds=1.0, most_seconds=1000.0, attempts=9)
    waits = [backoff.wait(key, attempt) for attempt in range(1, 9)]
    assert all(later > earlier for earlier, later in pairwise(waits) if earlier and later)
