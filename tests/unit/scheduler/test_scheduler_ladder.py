"""The ladder: rungs come at their moments, in order, each once, whatever happens in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sikua_contracts.scheduler import EscalationRaised, Proof
from sikua_contracts.words import Owner, Rung, StepCode, TrackReason
from sikua_rules.business_time import shanghai_day
from sikua_rules.due import overdue_working_days
from sikua_scheduler import acts, climbing, ladder, progress
from sikua_scheduler.course import Course
from sikua_scheduler.step import Escalation
from support.scheduler_courses import CROSSING, MONDAY, POLICIES, at, begun, step

SIGN = "SIGN"
"""Due 2026-03-30 17:30 in Shanghai when armed on MONDAY: 20 working days."""


def morning(month: int, day: int) -> datetime:
    """09:00 in Shanghai."""
    return datetime(2026, month, day, 1, 0, tzinfo=UTC)


def climbed(course: Course, now: datetime, key: str = SIGN) -> list[Rung]:
    at(course, now)
    return [one.rung for one in climbing.climb(course, step(course, key))]


def signing(**more: object) -> Course:
    return begun(StepCode.EVALUATE, **more)


def last(course: Course, rung: Rung) -> Escalation:
    return next(one for one in reversed(course.escalations) if one.rung is rung)


def test_rungs_of_the_clock_come_on_their_days() -> None:
    course = signing()
    assert climbed(course, morning(3, 24)) == []
    assert climbed(course, morning(3, 25)) == [Rung.REMIND]
    assert climbed(course, morning(3, 30)) == []
    assert climbed(course, morning(3, 31)) == [Rung.YELLOW]
    # 4–6 April is Qingming: the fifth working day after 30 March is 7 April.
    assert climbed(course, morning(4, 3)) == []
    assert climbed(course, morning(4, 7)) == [Rung.RED]


def test_only_tracked_projects_climb_past_red() -> None:
    plain, tracked = signing(), signing(crossings=[CROSSING])
    for day in (25, 31):
        climbed(plain, morning(3, day))
        climbed(tracked, morning(3, day))
    assert climbed(plain, morning(4, 7)) == climbed(tracked, morning(4, 7)) == [Rung.RED]
    assert climbed(plain, morning(7, 1)) == []
    assert climbed(tracked, morning(4, 13)) == []
    assert climbed(tracked, morning(4, 14)) == [Rung.COORDINATE]
    assert climbed(tracked, morning(5, 18)) == [Rung.TOP]


def test_after_an_outage_each_missed_rung_comes_once_and_in_order() -> None:
    course = signing(crossings=[CROSSING])
    assert climbed(course, morning(6, 1)) == [Rung.REMIND, Rung.YELLOW, Rung.RED]
    assert climbed(course, morning(6, 1)) == []
    assert climbed(course, morning(6, 8)) == [Rung.COORDINATE]


def test_a_block_on_a_crossing_project_calls_coordination_at_once() -> None:
    course = at(signing(crossings=[CROSSING]), morning(3, 4))
    land = Owner(role="natural_resources", division="370211")
    acts.block(course, step(course, SIGN), "用地规模不足", land, "district")
    assert climbed(course, morning(3, 4)) == [Rung.COORDINATE]
    raised = last(course, Rung.COORDINATE)
    assert land in raised.recipients
    assert "用地规模不足" in raised.reason
    acts.unblock(course, step(course, SIGN), "已调剂", "district")
    assert not last(course, Rung.COORDINATE).open
    assert climbed(course, morning(3, 6)) == []
    acts.block(at(course, morning(3, 9)), step(course, SIGN), "又受阻", None, "district")
    assert climbed(course, morning(3, 9)) == [Rung.COORDINATE]


def test_a_block_alone_calls_nobody_where_nothing_crosses() -> None:
    course = at(signing(origins=["MAJOR_EVENT"]), morning(3, 4))
    acts.block(course, step(course, SIGN), "等待批复", None, "district")
    assert climbed(course, morning(3, 5)) == []


def test_an_acknowledged_rung_holds_the_next_one_back() -> None:
    course = signing()
    climbed(course, morning(3, 25))
    climbed(course, morning(3, 31))
    at(course, morning(4, 3))
    accepted = climbing.acknowledge(course, last(course, Rung.YELLOW), "head")
    assert shanghai_day(accepted.waits_until) == shanghai_day(morning(4, 13))
    assert climbed(course, morning(4, 7)) == []
    assert climbed(course, morning(4, 13)) == [Rung.RED]
    with pytest.raises(climbing.ClimbRefused) as refused:
        climbing.acknowledge(course, accepted, "head")
    assert refused.value.reason == "already-acknowledged"


def test_a_pause_stops_the_ladder_and_moves_it() -> None:
    course = at(signing(), morning(3, 3))
    acts.pause(course, step(course, SIGN), "法审补正", "函1", "district")
    assert step(course, SIGN).next_rung_at is None
    assert climbed(course, morning(4, 20)) == []
    acts.resume(course, step(course, SIGN), "函2", "district")
    assert step(course, SIGN).due_at > morning(5, 10)
    assert step(course, SIGN).next_rung is Rung.REMIND


def test_an_extension_takes_back_what_came_too_early_and_climbs_anew() -> None:
    course = signing()
    climbed(course, morning(3, 25))
    climbed(course, morning(3, 31))
    acts.extend(course, step(course, SIGN), 10, "情况复杂", "分管领导")
    assert [one.open for one in course.escalations] == [False, False]
    assert step(course, SIGN).next_rung is Rung.REMIND
    assert climbed(course, step(course, SIGN).next_rung_at) == [Rung.REMIND]
    with pytest.raises(acts.ActRefused) as refused:
        acts.extend(course, step(course, SIGN), 5, "再次延期", "分管领导")
    assert refused.value.reason == "already-extended"


def test_an_extension_beyond_the_limit_itself_is_refused() -> None:
    course = signing()
    with pytest.raises(acts.ActRefused) as refused:
        acts.extend(course, step(course, SIGN), 21, "太久", "分管领导")
    assert refused.value.more == {"at_most": 20, "unit": "WORKING_DAY"}


def test_completion_puts_right_what_is_open() -> None:
    course = signing()
    climbed(course, morning(4, 7))
    progress.complete(course, step(course, SIGN), Proof(document="协议", stated_by="district"))
    assert all(not one.open for one in course.escalations)


def test_pushing_to_the_top_by_order_opens_a_track_and_skips_coordination() -> None:
    course = signing()
    climbed(course, morning(3, 31))
    pushed = climbing.push(course, last(course, Rung.YELLOW), Rung.TOP, "书记批示", "office")
    assert pushed.rung is Rung.TOP
    assert [one.role for one in pushed.recipients] == ["leader"]
    assert course.track is not None
    assert course.track.reasons == (TrackReason.ORDER,)
    climbed(course, morning(4, 7))
    assert climbed(course, morning(5, 7)) == []
    with pytest.raises(climbing.ClimbRefused) as refused:
        climbing.push(course, last(course, Rung.YELLOW), Rung.REMIND, "错", "office")
    assert refused.value.reason == "rung-not-higher"


def test_who_hears_of_each_rung() -> None:
    one = step(signing(), SIGN)
    heard = {
        template.rung: [(owner.role, owner.division) for owner in ladder.recipients(template, one, False, "370200")]
        for template in POLICIES.ladder.rungs
    }
    assert heard == {
        Rung.REMIND: [("district_government", "370211")],
        Rung.YELLOW: [("district_government", "370211"), ("district_government.head", "370211")],
        Rung.RED: [("district_government.head", "370211"), ("command_office", "370200")],
        Rung.COORDINATE: [
            ("command_office.coordinator", "370200"),
            ("district_government", "370211"),
            ("approval_bureau", "370211"),
        ],
        Rung.TOP: [("leader", "370211")],
    }


def test_policy_is_frozen_when_the_step_is_armed() -> None:
    course = signing()
    later = POLICIES.ladder.model_copy(update={"rungs": POLICIES.ladder.rungs[:1]})
    object.__setattr__(course.setting, "ladder", later)
    assert climbed(course, morning(4, 7)) == [Rung.REMIND, Rung.YELLOW, Rung.RED]


@pytest.mark.parametrize(
    "rungs",
    [
        [
            {"rung": "RED", "overdue": 5, "recipients": ["owner"]},
            {"rung": "REMIND", "overdue": 1, "recipients": ["owner"]},
        ],
        [{"rung": "RED", "overdue": 5, "before_due": 1, "recipients": ["owner"]}],
        [{"rung": "RED", "recipients": ["owner"]}],
    ],
)
def test_a_ladder_out_of_order_or_saying_its_moment_twice_is_refused(rungs: list[dict[str, object]]) -> None:
    with pytest.raises(ValueError, match="ladder x"):
        ladder.parse({"version": "x", "acknowledged_waits": 5, "rungs": rungs})


Happening = tuple[str, int]
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(
            ["wait", "climb", "block", "unblock", "pause", "resume", "extend", "acknowledge", "resolve", "push"]
        ),
        st.integers(1, 12),
    ),
    max_size=40,
)


@settings(max_examples=150)
@given(HAPPENINGS, st.booleans())
def test_no_rung_fires_twice_in_a_cycle_and_none_of_the_clock_is_skipped(
    happenings: list[Happening], crosses: bool
) -> None:
    course = signing(crossings=[CROSSING] if crosses else [])
    now = MONDAY
    for what, days in happenings:
        now += timedelta(days=days)
        _happen(at(course, now), what, days)
        climbing.climb(course, step(course, SIGN))
        _hold(course)


def _happen(course: Course, what: str, amount: int) -> None:
    one = step(course, SIGN)
    opened = [escalation for escalation in course.escalations if escalation.open]
    try:
        match what:
            case "block":
                acts.block(course, one, "受阻", None, "x")
            case "unblock":
                acts.unblock(course, one, "解除", "x")
            case "pause":
                acts.pause(course, one, "补正", "函", "x")
            case "resume":
                acts.resume(course, one, "函", "x")
            case "extend":
                acts.extend(course, one, amount, "延期", "x")
            case "acknowledge" if opened:
                climbing.acknowledge(course, opened[-1], "x")
            case "resolve" if opened:
                climbing.resolve(course, opened[-1], "销号", "x")
            case "push" if opened:
                climbing.push(course, opened[-1], None, "批示", "x")
    except (acts.ActRefused, climbing.ClimbRefused):
        return


def _hold(course: Course) -> None:
    keys = [(one.step_id, one.rung, one.cycle) for one in course.escalations]
    assert len(keys) == len(set(keys)), "a rung was raised twice in a cycle"
    raised = course.raised(step(course, SIGN))
    by_clock = [rung for rung in (Rung.REMIND, Rung.YELLOW, Rung.RED) if rung in raised]
    places = [ladder.ORDER.index(rung) for rung in by_clock]
    assert places == list(range(len(places))), "a rung of the clock was skipped"
    coming = course.reached(step(course, SIGN))
    assert coming is None or coming.at > course.now, "a rung that has come was left"
    said = [one for one in course.said if isinstance(one, EscalationRaised)]
    assert len({one.escalation_id for one in said}) == len(said)
    if not course.tracked:
        assert Rung.COORDINATE not in raised or raised[Rung.COORDINATE].forced is not None


def test_overdue_days_in_an_escalation_are_working_days() -> None:
    course = signing()
    climbed(course, morning(4, 7))
    red = last(course, Rung.RED)
    due_at = step(course, SIGN).due_at
    assert red.overdue_working_days == 5 == overdue_working_days(due_at, morning(4, 7), course.setting.calendar)
