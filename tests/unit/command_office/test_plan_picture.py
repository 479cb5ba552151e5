"""The picture of a plan: bars lie where their days lie, inside the picture, and say nothing that did not happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.pages.picture import NARROWEST, TICKS, Picture, picture
from sikua_command_office.projects.cards import Lit, Step
from sikua_command_office.projects.pauses import Interruptions, Pause
from sikua_command_office.views import StepView, step_unspoken, step_view
from sikua_contracts.scheduler import StepState
from sikua_contracts.words import STEP_NAMES, Light, Owner, StepCode, StepStatus
from sikua_rules.limits import LimitUnit

NOW = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def a_step(
    status: StepStatus = StepStatus.STARTED,
    armed: int | None = -10,
    due: int | None = 10,
    completed: int | None = None,
    pauses: tuple[tuple[int, int | None], ...] = (),
) -> StepView:
    def moment(days: int | None) -> datetime | None:
        return None if days is None else NOW + days * DAY

    zh, en = STEP_NAMES[StepCode.QUOTA]
    state = StepState(
        step_id="s",
        project_id="p",
        project_name="项目",
        code=StepCode.QUOTA,
        name_zh=zh,
        name_en=en,
        owner=Owner(role="natural_resources", division="370200"),
        status=status,
        limit_amount=20,
        limit_unit=LimitUnit.WORKING_DAY,
        armed_at=moment(armed),
        due_at=moment(due),
        completed_at=moment(completed),
    )
    stopped = [
        Pause(from_at=NOW + begins * DAY, until_at=moment(ends), reason="等", document="文", by="人")
        for begins, ends in pauses
    ]
    return step_view(Lit(Step(state), Light.GREEN, 1), {"s": Interruptions(pauses=stopped)})


def drawn(*steps: StepView) -> Picture:
    made = picture(steps, NOW)
    assert made is not None
    return made


days = st.integers(-400, 400)
steps = st.builds(
    lambda armed, limit, took, complete: a_step(
        StepStatus.COMPLETED if complete else StepStatus.STARTED,
        armed,
        armed + limit,
        armed + took if complete else None,
    ),
    st.integers(-400, 0),
    st.integers(1, 200),
    st.integers(0, 300),
    st.booleans(),
)


@given(st.lists(steps, min_size=1, max_size=9))
def test_everything_lies_inside_the_picture_in_the_order_of_time(plan: list[StepView]) -> None:
    made = drawn(*plan)
    assert [line.step for line in made.lines] == plan
    assert 0 <= made.now <= 100
    for line in made.lines:
        for bar in line.bars:
            assert 0 <= bar.left <= 100
            assert bar.width >= NARROWEST
            assert bar.left + bar.width <= 100 + NARROWEST + 0.02
    dues = sorted((line.step.due_at, line.due) for line in made.lines if line.step.due_at and line.due is not None)
    assert [place for _, place in dues] == sorted(place for _, place in dues)


@given(st.lists(steps, min_size=1, max_size=9))
def test_the_scale_has_few_days_at_whole_distances(plan: list[StepView]) -> None:
    ticks = drawn(*plan).ticks
    assert len(ticks) <= TICKS + 2
    apart = {later.day - earlier.day for earlier, later in pairwise(ticks)}
    assert len(apart) <= 1
    assert [tick.left for tick in ticks] == sorted(tick.left for tick in ticks)


def test_half_way_through_a_limit_stands_in_its_middle() -> None:
    made = drawn(a_step(armed=-10, due=10))
    (line,) = made.lines
    assert made.now == 50
    assert line.due == 100
    assert [(bar.kind, bar.left, bar.width) for bar in line.bars] == [("limit", 0, 100), ("taken", 0, 50)]


def test_a_step_that_is_over_time_reaches_beyond_its_due_day() -> None:
    made = drawn(a_step(armed=-20, due=-10))
    (line,) = made.lines
    assert line.due == 50
    assert [(bar.kind, bar.width) for bar in line.bars] == [("limit", 50), ("taken", 100)]


def test_a_complete_step_ends_where_it_was_completed_and_one_without_a_clock_has_no_bars() -> None:
    made = drawn(a_step(StepStatus.COMPLETED, -20, 0, -10), step_unspoken(StepCode.START))
    assert [(bar.kind, bar.until) for bar in made.lines[0].bars] == [("limit", NOW), ("taken", NOW - 10 * DAY)]
    assert (list(made.lines[1].bars), made.lines[1].due) == ([], None)


def test_pauses_are_drawn_and_one_that_still_lasts_goes_on_until_now() -> None:
    made = drawn(a_step(StepStatus.PAUSED, -10, 10, pauses=((-8, -6), (-2, None))))
    stopped = [bar for bar in made.lines[0].bars if bar.kind == "pause"]
    assert [(bar.left, bar.width) for bar in stopped] == [(10, 10), (40, 10)]
    assert stopped[1].until is None


def test_a_step_that_does_not_apply_takes_no_time() -> None:
    made = drawn(a_step(StepStatus.SKIPPED))
    assert [bar.kind for bar in made.lines[0].bars] == ["limit"]


def test_a_plan_without_a_clock_has_no_picture() -> None:
    assert picture([step_unspoken(code) for code in StepCode], NOW) is None
    assert picture([], NOW) is None
