"""A digest leaves at a digest hour of a working day, whole, and everything in exactly one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_notifier.digest import DigestHours, Waiting, after_hold, parcels, timing
from sikua_notifier.policy import hours_from
from sikua_notifier.quiet_hours import WorkingTime
from sikua_rules.business_time import SHANGHAI
from sikua_rules.working_days import WorkCalendar

CALENDAR = WorkCalendar.official()
WORKING = WorkingTime(CALENDAR.is_working_day)
HOURS = DigestHours()
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@given(MOMENTS)
def test_a_digest_hour_is_later_in_working_time_and_nearest(now: datetime) -> None:
    due = HOURS.next_after(now, WORKING)
    assert due > now
    assert WORKING.holds(due)
    assert due.astimezone(SHANGHAI).time() in HOURS.hours
    between = [
        datetime.combine((now.astimezone(SHANGHAI) + timedelta(days=days)).date(), hour, SHANGHAI)
        for days in range(20)
        for hour in HOURS.hours
    ]
    assert not [found for found in between if now < found < due and WORKING.holds(found)]


@given(MOMENTS, MOMENTS)
def test_who_comes_later_never_leaves_earlier(first: datetime, second: datetime) -> None:
    early, late = sorted((first, second))
    assert HOURS.next_after(early, WORKING) <= HOURS.next_after(late, WORKING)


@given(MOMENTS, MOMENTS)
def test_one_mail_holds_exactly_those_of_one_digest_hour(first: datetime, second: datetime) -> None:
    whens = [
        timing(now, key=key, recipient="p", by_mail=True, urgent=False, hours=HOURS, working=WORKING)
        for now, key in ((first, "a"), (second, "b"))
    ]
    assert (whens[0].bundle == whens[1].bundle) == (whens[0].due_at == whens[1].due_at)


@given(MOMENTS, st.booleans())
def test_urgent_mail_and_machines_wait_for_nothing(now: datetime, by_mail: bool) -> None:
    when = timing(now, key="n", recipient="p", by_mail=by_mail, urgent=by_mail, hours=HOURS, working=WORKING)
    assert (when.due_at, when.bundle) == (now, "n")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-02T08:59", "2026-03-02T09:00"),
        ("2026-03-02T09:00", "2026-03-02T14:00"),
        ("2026-03-02T14:00", "2026-03-03T09:00"),
        ("2026-02-13T18:00", "2026-02-14T09:00"),
        ("2026-02-14T15:00", "2026-02-24T09:00"),
        ("2026-09-30T14:30", "2026-10-08T09:00"),
    ],
)
def test_holidays_and_make_up_days_count(now: str, due: str) -> None:
    assert HOURS.next_after(moment(now), WORKING) == moment(due)


def test_without_digest_hours_notices_leave_one_by_one_in_working_time() -> None:
    none = DigestHours(hours_from(""))
    for now, due in (("2026-03-02T10:00", "2026-03-02T10:00"), ("2026-03-02T20:00", "2026-03-03T09:00")):
        when = timing(moment(now), key="n", recipient="p", by_mail=True, urgent=False, hours=none, working=WORKING)
        assert (when.due_at, when.bundle) == (moment(due), "n")
    assert hours_from("14:00, 09:00") == (time(9), time(14))


NOTICES = st.lists(
    st.builds(
        Waiting,
        notice_id=st.uuids().map(str),
        bundle=st.sampled_from(["a", "b", "c"]),
        recipient=st.sampled_from(["p", "q"]),
        channel=st.sampled_from(["mail", "webhook"]),
        project_id=st.just("x"),
        address=st.just(""),
    ),
    unique_by=lambda notice: notice.notice_id,
)


@given(NOTICES, st.integers(1, 5))
def test_every_notice_is_in_exactly_one_parcel_with_its_own_kind(waiting: list[Waiting], most: int) -> None:
    packed = parcels(waiting, most)
    flat = [notice for parcel in packed for notice in parcel]
    assert sorted(notice.notice_id for notice in flat) == sorted(notice.notice_id for notice in waiting)
    for parcel in packed:
        assert 1 <= len(parcel) <= most
        assert len({(notice.bundle, notice.recipient, notice.channel) for notice in parcel}) == 1
    whole = parcels(waiting)
    assert len(whole) == len({(notice.bundle, notice.recipient, notice.channel) for notice in waiting})


@given(MOMENTS, st.booleans(), st.booleans())
def test_what_a_silence_held_leaves_not_before_its_end(until: datetime, by_mail: bool, urgent: bool) -> None:
    when = after_hold(until, key="n", recipient="p", by_mail=by_mail, urgent=urgent, working=WORKING)
    assert when.due_at >= until
    if by_mail and not urgent:
        assert WORKING.holds(when.due_at)
