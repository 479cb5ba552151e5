"""Due moments: derived, explained day by day, moved by pauses, extensions and calendars; the light follows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sikua_contracts.words import StepCode, StepStatus
from sikua_rules.business_time import close_of_business, shanghai_day
from sikua_rules.lights import light, working_days_left
from sikua_rules.working_days import WorkCalendar
from sikua_scheduler import acts
from sikua_scheduler.due import account_of, due_of
from sikua_scheduler.publishing import ScheduleBody, read
from support.scheduler_courses import MONDAY, at, begun, setting, step

OFFICIAL = WorkCalendar.official()
CODES = [code for code in StepCode if code is not StepCode.START]


@settings(max_examples=80)
@given(
    st.sampled_from(CODES), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=3), st.integers(0, 9)
)
def test_the_account_ends_on_the_due_day_and_counts_what_the_limit_says(
    stage: StepCode, pauses: list[tuple[int, int]], extension: int
) -> None:
    course = begun(stage)
    one = next(each for each in course.steps.values() if each.is_open and not course.items(each))
    now = MONDAY
    for wait, length in pauses:
        now += timedelta(days=wait)
        acts.pause(at(course, now), step(course, one.key), "补正", "函", "x")
        now += timedelta(days=length)
        acts.resume(at(course, now), step(course, one.key), "函", "x")
    if extension:
        amount = min(extension, one.limit.amount)
        acts.extend(course, step(course, one.key), amount, "延期", "x")
    found = step(course, one.key)
    days = account_of(found, course.pauses_of(found), OFFICIAL)
    due = due_of(found, course.pauses_of(found), OFFICIAL)
    assert due.at is not None
    assert due.at == found.due_at == close_of_business(days[-1].date)
    counted = [day.ordinal for day in days if day.counted]
    assert counted == list(range(1, len(counted) + 1))
    added = found.extension.amount if found.extension else 0
    assert len(counted) == found.limit.amount + added


def test_a_due_moment_in_a_year_not_yet_published_is_provisional() -> None:
    course = begun(StepCode.VISIT, now=datetime(2026, 11, 24, 1, tzinfo=UTC))
    negotiation = step(course, "NEGOTIATE")
    assert negotiation.due_provisional
    assert shanghai_day(negotiation.due_at).year == 2027
    assert not step(begun(StepCode.VISIT), "NEGOTIATE").due_provisional


def test_publishing_the_year_moves_the_provisional_due_moment_and_journals_it() -> None:
    course = begun(StepCode.VISIT, now=datetime(2026, 12, 21, 1, tzinfo=UTC))
    before = step(course, "NEGOTIATE").due_at
    off = [date(2027, 1, 1), *(date(2027, 2, day) for day in range(5, 13))]
    calendar = OFFICIAL.with_year(2027, off, [date(2027, 1, 30), date(2027, 2, 20)])
    course.setting = setting(course.now, calendar)
    course.said.clear()
    moved = course.move_due(step(course, "NEGOTIATE"), "calendar version 2")
    assert not moved.due_provisional
    assert moved.calendar_version == 2
    assert [said.type for said in course.said] == ["cn.sikua.step.rescheduled.v1"]
    assert (course.journal[0].due_before, course.journal[0].due_after) == (before, moved.due_at)


def test_a_blocked_step_keeps_its_clock_running() -> None:
    course = begun(StepCode.EVALUATE)
    due_at = step(course, "SIGN").due_at
    acts.block(course, step(course, "SIGN"), "受阻", None, "x")
    assert step(course, "SIGN").due_at == due_at
    acts.unblock(at(course, MONDAY + timedelta(days=9)), step(course, "SIGN"), "解除", "x")
    assert step(course, "SIGN").due_at == due_at
    assert step(course, "SIGN").status is StepStatus.ARMED


def test_a_paused_step_has_no_due_moment_until_it_runs_again() -> None:
    course = begun(StepCode.EVALUATE)
    acts.pause(course, step(course, "SIGN"), "评估", "委托书", "x")
    assert step(course, "SIGN").due_at is None
    days = account_of(step(course, "SIGN"), course.pauses, OFFICIAL)
    assert days[-1].kind == "paused"


def test_a_pause_of_a_blocked_step_comes_back_to_the_block() -> None:
    course = begun(StepCode.EVALUATE)
    acts.block(course, step(course, "SIGN"), "受阻", None, "x")
    acts.pause(course, step(course, "SIGN"), "评估", "委托书", "x")
    acts.resume(course, step(course, "SIGN"), "报告", "x")
    assert step(course, "SIGN").status is StepStatus.BLOCKED
    acts.unblock(course, step(course, "SIGN"), "解除", "x")
    assert step(course, "SIGN").status is StepStatus.ARMED


@pytest.mark.parametrize(
    ("day", "colour", "left"),
    [
        ((3, 24), "GREEN", 4),
        ((3, 25), "BLUE", 3),
        ((3, 30), "BLUE", 0),
        ((3, 31), "YELLOW", -1),
        ((4, 3), "YELLOW", -4),
        ((4, 7), "RED", -5),
    ],
)
def test_the_light_follows_working_days(day: tuple[int, int], colour: str, left: int) -> None:
    due_at = step(begun(StepCode.EVALUATE), "SIGN").due_at
    now = datetime(2026, *day, 1, tzinfo=UTC)
    assert light("STARTED", due_at, now, OFFICIAL) == colour
    assert working_days_left(due_at, now, OFFICIAL) == left
    assert light("PAUSED", due_at, now, OFFICIAL) == "GREY"
    assert light("COMPLETED", due_at, now, OFFICIAL) == "GREEN"


def test_both_forms_of_a_schedule_say_the_same() -> None:
    named = ScheduleBody.model_validate(
        {
            "$schema": "x",
            "year": 2027,
            "papers": ["a paper"],
            "days": [
                {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
                {"name": "春节", "date": "2027-02-20", "isOffDay": False},
            ],
        }
    )
    ours = ScheduleBody.model_validate({"off": ["2027-01-01"], "work": ["2027-02-20"], "papers": ["a paper"]})
    assert read(2027, named) == read(2027, ours)
    assert read(2027, ours)[1] == []


def test_everything_wrong_with_a_schedule_is_named() -> None:
    body = ScheduleBody.model_validate(
        {"year": 2026, "off": ["2027-01-01", "2025-05-01"], "work": ["2027-01-01", "2027-01-04"], "days": None}
    )
    _, wrong = read(2027, body)
    assert [one.field for one in wrong] == ["/year", "/days", "/days", "/work", "/work"]
