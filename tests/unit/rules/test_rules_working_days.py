"""The calendar counts as the State Council's schedules say, and never fails on a year it does not know."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_rules.holidays import provisional_days
from sikua_rules.working_days import WorkCalendar

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "workday_vectors.json").read_text(encoding="utf-8")
)
OFFICIAL = WorkCalendar.official()
any_day = st.dates(date(2019, 1, 1), date(2040, 12, 31))
amounts = st.integers(0, 120)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['start']}+{vector['n']}")
def test_the_calendar_agrees_with_the_published_schedules(vector: dict[str, Any]) -> None:
    assert OFFICIAL.add_working_days(date.fromisoformat(vector["start"]), vector["n"]) == date.fromisoformat(
        vector["due"]
    )


def test_one_working_day_after_a_saturday_is_the_monday() -> None:
    assert OFFICIAL.add_working_days(date(2026, 11, 21), 1) == date(2026, 11, 23)


def test_a_year_without_a_schedule_is_provisional_and_never_an_error() -> None:
    assert OFFICIAL.known_years == frozenset(range(2021, 2027))
    assert OFFICIAL.add_working_days(date(2026, 11, 23), 29) == date(2027, 1, 4)
    assert OFFICIAL.is_provisional(date(2027, 1, 4))
    assert not OFFICIAL.is_provisional(date(2026, 12, 31))
    assert not OFFICIAL.is_working_day(date(2027, 2, 8))
    assert OFFICIAL.why(date(2027, 2, 8)).kind == "provisional_holiday"


@pytest.mark.parametrize("year", [2019, 2020, 2027, 2028, 2029, 2030, 2031, 2035, 2099])
def test_statutory_days_on_weekends_are_made_good_on_weekdays(year: int) -> None:
    days = provisional_days(year)
    on_weekdays = sum(day.weekday() < 5 for day in days)
    coinciding = {2028: 1}
    assert on_weekdays + coinciding.get(year, 0) == (13 if year in range(2027, 2031) else 6)


def test_every_day_says_why_it_counts_or_not() -> None:
    kinds = {
        date(2026, 10, 1): ("holiday", "国庆节放假"),
        date(2026, 10, 10): ("make_up_day", "调休上班日"),
        date(2026, 10, 8): ("weekday", "工作日"),
        date(2026, 10, 17): ("weekend", "周末"),
        date(2027, 3, 6): ("provisional_weekend", "周末（放假安排未公布）"),
        date(2027, 3, 8): ("provisional_weekday", "工作日（放假安排未公布）"),
        date(2024, 2, 12): ("holiday", "春节放假"),
        date(2024, 6, 10): ("holiday", "端午节放假"),
        date(2023, 4, 29): ("holiday", "劳动节放假"),
        date(2022, 1, 3): ("holiday", "元旦放假"),
    }
    for day, (kind, text) in kinds.items():
        assert OFFICIAL.why(day) == (kind, text)
        assert OFFICIAL.why(day).text_en


def test_a_published_schedule_replaces_the_provisional_one_in_a_new_calendar() -> None:
    published = OFFICIAL.with_year(2027, off=[date(2027, 3, 8)], work=[date(2027, 3, 6)])
    assert published.version == OFFICIAL.version + 1
    assert not published.is_working_day(date(2027, 3, 8))
    assert published.why(date(2027, 3, 6)).kind == "make_up_day"
    assert not published.is_provisional(date(2027, 3, 6))
    assert OFFICIAL.is_working_day(date(2027, 3, 8))


def test_a_schedule_may_name_a_day_of_the_year_before() -> None:
    published = OFFICIAL.with_year(2027, off=[date(2026, 12, 31)], work=[])
    assert not published.is_working_day(date(2026, 12, 31))
    assert OFFICIAL.is_working_day(date(2026, 12, 31))


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        OFFICIAL.add_working_days(date(2026, 1, 1), -1)


@given(any_day, amounts)
def test_counting_back_what_was_added_gives_the_amount(start: date, amount: int) -> None:
    assert OFFICIAL.working_days_between(start, OFFICIAL.add_working_days(start, amount)) == amount


@given(any_day, st.integers(-40, 1500), st.sampled_from([OFFICIAL, OFFICIAL.with_year(2027, [date(2026, 12, 31)], [])]))
def test_days_between_are_those_that_one_counts_one_by_one(after: date, span: int, calendar: WorkCalendar) -> None:
    one_by_one = sum(calendar.is_working_day(after + timedelta(days=number)) for number in range(1, span + 1))
    assert calendar.working_days_between(after, after + timedelta(days=span)) == one_by_one


@given(any_day, st.integers(1, 120))
def test_adding_always_ends_on_a_working_day_after_the_start(start: date, amount: int) -> None:
    end = OFFICIAL.add_working_days(start, amount)
    assert OFFICIAL.is_working_day(end)
    assert end > start


@given(any_day, amounts, amounts)
def test_adding_in_two_parts_is_adding_once(start: date, first: int, second: int) -> None:
    parts = OFFICIAL.add_working_days(OFFICIAL.add_working_days(start, first), second)
    assert parts == OFFICIAL.add_working_days(start, first + second)


@given(any_day)
def test_the_reason_agrees_with_the_verdict(day: date) -> None:
    counts = OFFICIAL.why(day).kind in {"weekday", "make_up_day", "provisional_weekday"}
    assert counts == OFFICIAL.is_working_day(day)


@given(any_day)
def test_the_next_working_day_is_the_first_one_not_before(day: date) -> None:
    found = OFFICIAL.next_working_day(day)
    assert OFFICIAL.is_working_day(found)
    assert OFFICIAL.working_days_between(day - timedelta(days=1), found) == 1
