"""A timeline says what holds and what comes next, at any moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_simulators.departments.timelines import Timeline

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)

hours = st.integers(min_value=0, max_value=500)


def after(hour: int) -> datetime:
    return BEGIN + timedelta(hours=hour)


@given(st.sets(hours, max_size=8), hours, st.booleans())
def test_it_agrees_with_looking_through_all_revisions(changes: set[int], now: int, announced: bool) -> None:
    timeline = Timeline(tuple((after(hour), {"since": hour}) for hour in sorted(changes)), announced)
    past, future = [hour for hour in changes if hour <= now], [hour for hour in changes if hour > now]
    assert timeline.at(after(now)) == ({"since": max(past)} if past else None)
    assert timeline.next_change(after(now)) == (after(min(future)) if future else None)
    awaited = announced and not past and future
    assert timeline.awaited(after(now)) == (after(min(future)) if awaited else None)


@given(st.sets(hours, min_size=1, max_size=8), hours)
def test_whoever_asks_again_at_the_named_moment_finds_the_row(changes: set[int], now: int) -> None:
    timeline = Timeline(tuple((after(hour), {"since": hour}) for hour in sorted(changes)))
    named = timeline.next_change(after(now))
    if named is not None:
        assert timeline.at(named) is not None
        assert timeline.at(named) != timeline.at(after(now))


@pytest.mark.parametrize("order", [(2, 1), (1, 1), (1, 3, 2)])
def test_revisions_out_of_order_are_refused(order: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="later moment"):
        Timeline(tuple((after(hour), {}) for hour in order))
