"""The weekly report is drawn from what had been said by then: weeks, lights of the past, what turned red, and the charts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.weekly.charts import BAR_LEFT, BAR_WIDTH, TREND_HEIGHT, TREND_TOP, TREND_WIDTH, bars, trend
from sikua_command_office.weekly.history import ProjectSaid, StepSaid, lights_at
from sikua_command_office.weekly.report import Point, Stock, counted, report
from sikua_command_office.weekly.week import Week, week_named, week_of
from sikua_contracts.words import Light, ProjectStatus, StepCode, StepStatus
from sikua_rules.working_days import WorkCalendar

CALENDAR = WorkCalendar.official()
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
moments = st.integers(0, 50_000_000).map(lambda minutes: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
counts = st.fixed_dictionaries({light: st.integers(0, 400) for light in Light})


@given(moments)
def test_a_moment_lies_in_its_week_whose_name_leads_back_to_it(moment: datetime) -> None:
    week = week_of(moment)
    assert week.begins <= moment <= week.ends
    assert week_named(week.name) == week
    assert week.plus(1).begins == week.ends + timedelta(microseconds=1)
    assert week.plus(1).plus(-1) == week
    assert (week.sunday - week.monday).days == 6


def test_a_week_begins_on_monday_in_shanghai() -> None:
    sunday_evening_in_london = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    assert week_of(sunday_evening_in_london).name == "2026-W10"
    assert week_of(sunday_evening_in_london - timedelta(hours=1)).name == "2026-W09"
    assert week_named("2026-W53").monday == date(2026, 12, 28)


@pytest.mark.parametrize("name", ["2025-W53", "2026-W54", "2026-W00", "2026-10", "W10", "2026-W1"])
def test_what_names_no_week_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"week|Week"):
        week_named(name)


def project(name: str, at: datetime = MONDAY, status: ProjectStatus = ProjectStatus.ACTIVE) -> ProjectSaid:
    return ProjectSaid(at, name, name, status, ("370211",))


def step(name: str, status: StepStatus, at: datetime = MONDAY, due: datetime | None = None) -> StepSaid:
    return StepSaid(at, name, f"{name}-quota", status, due)


def test_a_light_of_the_past_is_what_it_was_then_whatever_came_later() -> None:
    due = MONDAY + timedelta(days=4)
    steps = [
        step("a", StepStatus.ARMED, due=due),
        step("a", StepStatus.COMPLETED, MONDAY + timedelta(days=15), due),
    ]
    projects = [project("a"), project("a", MONDAY + timedelta(days=15))]

    def seen(days: int) -> Light | None:
        return lights_at(steps, projects, MONDAY + timedelta(days=days), CALENDAR).get("a")

    assert [seen(days) for days in (-1, 0, 1, 5, 7, 13, 16)] == [
        None,
        Light.GREEN,
        Light.BLUE,
        Light.BLUE,
        Light.YELLOW,
        Light.RED,
        None,
    ]


def test_a_suspended_project_was_grey_and_a_closed_one_was_nowhere() -> None:
    due = MONDAY - timedelta(days=30)
    steps = [step("a", StepStatus.STARTED, due=due)]
    projects = [
        project("a"),
        project("a", MONDAY + timedelta(days=2), ProjectStatus.SUSPENDED),
        project("a", MONDAY + timedelta(days=4), ProjectStatus.CLOSED),
    ]
    found = [lights_at(steps, projects, MONDAY + timedelta(days=days), CALENDAR).get("a") for days in (1, 3, 5)]
    assert found == [Light.RED, Light.GREY, None]


def test_the_worst_of_a_projects_steps_counts() -> None:
    late, early = MONDAY - timedelta(days=30), MONDAY + timedelta(days=60)
    steps = [
        StepSaid(MONDAY, "a", "a-1", StepStatus.STARTED, early),
        StepSaid(MONDAY, "a", "a-2", StepStatus.STARTED, late),
        StepSaid(MONDAY, "a", "a-3", StepStatus.PAUSED, late),
    ]
    assert lights_at(steps, [project("a")], MONDAY + timedelta(days=1), CALENDAR) == {"a": Light.RED}


def stock(before: Mapping[str, Light] | None, after: Mapping[str, Light], places: Mapping[str, str]) -> Stock:
    week = week_of(MONDAY)
    of = {one: frozenset(where.split()) for one, where in places.items()}
    return Stock(week, [week.plus(-1), week], [before, after], [], [], [], of)


lights = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(list(Light)))


@given(lights, lights)
def test_every_project_that_is_or_was_red_is_told_of_exactly_once(
    before: dict[str, Light], after: dict[str, Light]
) -> None:
    told = report(stock(before, after, dict.fromkeys("abcdef", "370211")), "370211")
    assert told.turned_red is not None
    assert told.came_red is not None
    assert told.recovered is not None
    red_before = {one for one, light in before.items() if light is Light.RED}
    red_after = {one for one, light in after.items() if light is Light.RED}
    newly = [each.project_id for each in (*told.turned_red, *told.came_red)]
    assert sorted(newly) == sorted(red_after - red_before)
    assert {each.project_id for each in told.came_red} == {one for one in red_after if one not in before}
    assert {each.project_id for each in told.recovered} == red_before - red_after
    assert told.count == len(after)
    assert told.before == counted(before.values())


@given(lights, st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["370211", "370212", "370211 370212"])))
def test_districts_together_tell_of_every_project_and_the_whole_counts_each_once(
    after: dict[str, Light], places: dict[str, str]
) -> None:
    drawn = stock({}, {one: light for one, light in after.items() if one in places}, places)
    whole, huangdao, laoshan = (report(drawn, where) for where in (None, "370211", "370212"))
    both = sum(where.count(" ") for one, where in places.items() if one in after)
    assert huangdao.count + laoshan.count == whole.count + both


def test_without_a_record_of_the_week_before_nothing_is_said_of_what_changed() -> None:
    told = report(stock(None, {"a": Light.RED}, {"a": "370211"}), None)
    assert (told.before, told.turned_red, told.came_red, told.recovered) == (None, None, None, None)
    assert [point.lights is None for point in told.trend] == [True, False]


@given(st.lists(counts, min_size=9, max_size=9))
def test_bars_stay_in_their_chart_and_are_as_long_as_what_they_count(columns: list[dict[Light, int]]) -> None:
    drawn = bars(list(zip(StepCode, columns, strict=True)))
    most = max(sum(column.values()) for column in columns) or 1
    for bar, column in zip(drawn, columns, strict=True):
        assert bar.total == sum(column.values()) == sum(part.count for part in bar.segments)
        left = BAR_LEFT
        for part in bar.segments:
            assert part.left == pytest.approx(left, abs=0.1)
            assert part.width == pytest.approx(BAR_WIDTH * part.count / most, abs=0.1)
            left += BAR_WIDTH * part.count / most
        assert left <= BAR_LEFT + BAR_WIDTH + 0.1


@given(st.lists(st.none() | counts, min_size=1, max_size=12))
def test_a_line_has_a_gap_where_nothing_was_recorded_and_stays_in_its_chart(
    found: list[dict[Light, int] | None],
) -> None:
    week = week_of(MONDAY)
    drawn = trend([Point(week.plus(at), lights) for at, lights in enumerate(found)])
    known = [lights for lights in found if lights is not None]
    for line in drawn.lines:
        assert [mark.value for mark in line.marks] == [lights[line.light] for lights in known]
        assert sum(len(run) for run in line.runs) == len(line.marks)
        for mark in line.marks:
            assert 0 <= mark.x <= TREND_WIDTH
            assert TREND_TOP <= mark.y <= TREND_HEIGHT
    assert [is_known for _, _, is_known in drawn.weeks] == [lights is not None for lights in found]


def test_weeks_are_ordered_by_their_monday() -> None:
    assert Week(date(2026, 3, 2)) < Week(date(2026, 3, 9))
