"""A silence holds exactly what all its matchers match, from its start until just before its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sikua_notifier.silencing import Field, Matcher, Silence, longest_hold

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
FACTS = {Field.PROJECT_ID: "p", Field.KIND: "red", Field.ROLE: "reform"}


def silence(number: int = 1, hours: int = 2, **matched: str) -> Silence:
    matchers = [Matcher(Field(name), frozenset({value})) for name, value in matched.items()]
    return Silence(f"s{number}", matchers, START, START + hours * HOUR)


def test_all_matchers_must_match() -> None:
    assert silence(project_id="p", kind="red").holds(FACTS, START)
    assert not silence(project_id="p", kind="yellow").holds(FACTS, START)
    assert not silence(channel="mail").holds(FACTS, START)


@given(st.integers(-5, 5))
def test_it_holds_from_its_start_until_just_before_its_end(hours: int) -> None:
    assert silence(kind="red").holds(FACTS, START + hours * HOUR) is (0 <= hours < 2)


@given(st.lists(st.integers(1, 9), max_size=6))
def test_the_longest_silence_decides(hours: list[int]) -> None:
    found = longest_hold([silence(n, each, kind="red") for n, each in enumerate(hours)], FACTS, START)
    assert (found.ends_at - START if found else None) == (max(hours) * HOUR if hours else None)
