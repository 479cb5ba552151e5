"""Working time under the calendar of 2026, and how long eight working hours are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_notifier.quiet_hours import WorkingTime
from sikua_rules.business_time import SHANGHAI
from sikua_rules.working_days import WorkCalendar

WORKING = WorkingTime(WorkCalendar.official().is_working_day)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("2026-03-02T09:00", True),
        ("2026-03-02T08:59", False),
        ("2026-03-02T17:29", True),
        ("2026-03-02T17:30", False),
        ("2026-03-07T10:00", False),
        ("2026-02-14T10:00", True),
        ("2026-02-17T10:00", False),
        ("2026-10-10T10:00", True),
    ],
)
def test_working_time_follows_the_calendar(text: str, works: bool) -> None:
    assert WORKING.holds(moment(text)) is works


@given(MOMENTS)
def test_the_next_moment_is_working_time_and_itself_when_it_already_is(now: datetime) -> None:
    found = WORKING.next_moment(now)
    assert found >= now
    assert WORKING.holds(found)
    assert (found == now) == WORKING.holds(now)
    assert WORKING.next_moment(found) == found


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-02T09:00", 8, "2026-03-02T17:00"),
        ("2026-03-02T17:00", 8, "2026-03-03T16:30"),
        ("2026-03-06T17:00", 1, "2026-03-09T09:30"),
        ("2026-03-07T12:00", 8.5, "2026-03-09T17:30"),
    ],
)
def test_working_hours_pass_in_working_time_only(start: str, hours: float, end: str) -> None:
    assert WORKING.after(moment(start), timedelta(hours=hours)) == moment(end)


@given(MOMENTS, st.integers(0, 60 * 40), st.integers(0, 60 * 40))
def test_waiting_twice_is_waiting_for_the_sum(start: datetime, first: int, second: int) -> None:
    once = WORKING.after(start, timedelta(minutes=first + second))
    twice = WORKING.after(WORKING.after(start, timedelta(minutes=first)), timedelta(minutes=second))
    # A wait may end at the very close of a day, which is the same working moment as the next opening.
    assert WORKING.next_moment(once) == WORKING.next_moment(twice)


def test_a_calendar_without_working_days_is_an_error_and_not_an_endless_search() -> None:
    never = WorkingTime(lambda _day: False)
    with pytest.raises(ValueError, match="no working day"):
        never.next_working_day(date(2026, 1, 1))
    with pytest.raises(ValueError, match="open first"):
        WorkingTime(lambda _day: True, time(18), time(9))
