"""A due moment follows from arming, limit, extension, pauses and calendar, and explains itself day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_rules.business_time import close_of_business, open_of_business, shanghai_day
from sikua_rules.due import DayCount, Due, due_moment, explain, overdue_working_days
from sikua_rules.limits import Limit, LimitUnit
from sikua_rules.working_days import WorkCalendar

OFFICIAL = WorkCalendar.official()
moments = st.integers(0, 8 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
limits = st.builds(Limit, st.integers(1, 40), st.sampled_from(LimitUnit))


@st.composite
def closed_pauses(draw: st.DrawFn, armed: datetime) -> list[tuple[datetime, datetime]]:
    starts = draw(st.lists(st.integers(0, 60 * 24), max_size=3))
    return [
        (armed + timedelta(hours=hours), armed + timedelta(hours=hours + draw(st.integers(1, 24 * 20))))
        for hours in starts
    ]


def shanghai(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def test_a_limit_ends_at_half_past_five_of_its_last_working_day() -> None:
    due = due_moment(shanghai(2026, 9, 23), Limit(10), OFFICIAL)
    assert due == Due(shanghai(2026, 10, 14, 17, 30), provisional=False)


def test_the_day_of_arming_is_a_shanghai_day_and_never_counts() -> None:
    late_in_utc = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert shanghai_day(late_in_utc) == date(2026, 11, 24)
    assert due_moment(late_in_utc, Limit(1), OFFICIAL).at == close_of_business(date(2026, 11, 25))


def test_a_limit_into_a_year_without_a_schedule_is_provisional() -> None:
    assert not due_moment(shanghai(2026, 11, 23), Limit(28), OFFICIAL).provisional
    assert due_moment(shanghai(2026, 11, 23), Limit(29), OFFICIAL).provisional


def test_calendar_days_that_end_on_a_day_off_move_to_the_next_working_day() -> None:
    assert due_moment(shanghai(2026, 9, 23), Limit(2, LimitUnit.CALENDAR_DAY), OFFICIAL).at == close_of_business(
        date(2026, 9, 28)
    )


def test_a_month_ends_on_the_same_day_or_on_the_last_one_there_is() -> None:
    month = Limit(1, LimitUnit.MONTH)
    assert due_moment(shanghai(2026, 1, 30), month, OFFICIAL).at == close_of_business(date(2026, 2, 28))
    assert due_moment(shanghai(2026, 3, 16), month, OFFICIAL).at == close_of_business(date(2026, 4, 16))
    three = Limit(3, LimitUnit.MONTH)
    assert due_moment(shanghai(2026, 7, 15), three, OFFICIAL).at == close_of_business(date(2026, 10, 15))


def test_an_extension_lengthens_the_limit_in_its_own_unit() -> None:
    armed = shanghai(2026, 11, 2)
    assert due_moment(armed, Limit(20), OFFICIAL, extensions_amount=10) == due_moment(armed, Limit(30), OFFICIAL)


def test_days_on_which_the_clock_stood_still_at_close_do_not_count() -> None:
    armed = shanghai(2026, 11, 2)
    two_closes = (shanghai(2026, 11, 4, 9), shanghai(2026, 11, 6, 9))
    assert due_moment(armed, Limit(5), OFFICIAL, pauses=[two_closes]).at == close_of_business(date(2026, 11, 11))
    within_one_day = (shanghai(2026, 11, 4, 9), shanghai(2026, 11, 4, 17))
    assert due_moment(armed, Limit(5), OFFICIAL, pauses=[within_one_day]).at == close_of_business(date(2026, 11, 9))


def test_calendar_limits_are_shifted_by_the_days_paused() -> None:
    armed = shanghai(2026, 11, 2)
    pause = (shanghai(2026, 11, 4, 9), shanghai(2026, 11, 7, 9))
    due = due_moment(armed, Limit(7, LimitUnit.CALENDAR_DAY), OFFICIAL, pauses=[pause])
    assert due.at == close_of_business(date(2026, 11, 12))


@pytest.mark.parametrize("unit", LimitUnit)
def test_an_open_pause_leaves_no_due_moment(unit: LimitUnit) -> None:
    armed = shanghai(2026, 11, 2)
    assert due_moment(armed, Limit(5, unit), OFFICIAL, pauses=[(shanghai(2026, 11, 3), None)]).at is None


def test_a_pause_opened_after_the_due_moment_changes_nothing() -> None:
    armed = shanghai(2026, 11, 2)
    late = (shanghai(2026, 11, 20), None)
    assert due_moment(armed, Limit(5), OFFICIAL, pauses=[late]) == due_moment(armed, Limit(5), OFFICIAL)


def test_the_explanation_names_holidays_make_up_days_and_pauses() -> None:
    pause = (shanghai(2026, 10, 9, 9), shanghai(2026, 10, 9, 23))
    days = {count.date: count for count in explain(shanghai(2026, 9, 30), Limit(3), OFFICIAL, pauses=[pause])}
    assert days[date(2026, 10, 1)] == DayCount(
        date(2026, 10, 1), False, None, "holiday", "国庆节放假，不计入", "public holiday: not counted"
    )
    assert days[date(2026, 10, 8)].ordinal == 1
    assert days[date(2026, 10, 9)].kind == "paused"
    assert days[date(2026, 10, 10)].kind == "make_up_day"
    assert days[date(2026, 10, 10)].text_zh == "调休上班日，第2个工作日"
    assert max(days) == date(2026, 10, 12)


def test_a_moved_end_is_explained_as_moved() -> None:
    days = explain(shanghai(2026, 9, 23), Limit(2, LimitUnit.CALENDAR_DAY), OFFICIAL)
    assert [day.kind for day in days] == ["weekday", "holiday", "holiday", "holiday", "moved"]
    assert [day.counted for day in days] == [True, True, False, False, False]


def test_an_explanation_is_bounded() -> None:
    assert len(explain(shanghai(2026, 9, 23), Limit(9999), OFFICIAL)) == 2000


def test_overdue_counts_working_days_begun_since_the_due_day() -> None:
    due = close_of_business(date(2026, 9, 30))
    assert overdue_working_days(due, due, OFFICIAL) == 0
    assert overdue_working_days(due, due + timedelta(hours=5), OFFICIAL) == 0
    assert overdue_working_days(due, open_of_business(date(2026, 10, 5)), OFFICIAL) == 0
    assert overdue_working_days(due, open_of_business(date(2026, 10, 8)), OFFICIAL) == 1
    assert overdue_working_days(due, due - timedelta(days=3), OFFICIAL) == 0


@given(moments, limits)
def test_a_due_moment_is_always_the_close_of_a_working_day(armed: datetime, limit: Limit) -> None:
    at = due_moment(armed, limit, OFFICIAL).at
    assert at is not None
    assert at > armed
    assert OFFICIAL.is_working_day(shanghai_day(at))
    assert at == close_of_business(shanghai_day(at))


@given(moments, limits, st.integers(1, 30))
def test_a_longer_limit_is_never_due_earlier(armed: datetime, limit: Limit, more: int) -> None:
    shorter = due_moment(armed, limit, OFFICIAL).at
    longer = due_moment(armed, Limit(limit.amount + more, limit.unit), OFFICIAL).at
    assert shorter is not None
    assert longer is not None
    assert longer >= shorter


@given(st.data(), moments, limits)
def test_pauses_never_bring_the_due_moment_forward(data: st.DataObject, armed: datetime, limit: Limit) -> None:
    pauses = data.draw(closed_pauses(armed))
    plain = due_moment(armed, limit, OFFICIAL).at
    paused = due_moment(armed, limit, OFFICIAL, pauses=pauses).at
    assert plain is not None
    assert paused is not None
    assert paused >= plain


@given(st.data(), moments, limits)
def test_the_explanation_ends_on_the_due_day_and_counts_the_limit(
    data: st.DataObject, armed: datetime, limit: Limit
) -> None:
    pauses = data.draw(closed_pauses(armed))
    due = due_moment(armed, limit, OFFICIAL, pauses=pauses)
    days = explain(armed, limit, OFFICIAL, pauses=pauses)
    assert due.at is not None
    assert days[-1].date == shanghai_day(due.at)
    assert [day.ordinal for day in days if day.counted] == list(range(1, sum(day.counted for day in days) + 1))
    if limit.unit is not LimitUnit.MONTH:
        assert sum(day.counted for day in days) == limit.amount
