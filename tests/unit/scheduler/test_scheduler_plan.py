"""Plans: laid out from the shipped template, armed from the record's stage, moved by proof and document."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sikua_contracts.scheduler import Proof
from sikua_contracts.words import ProjectStatus, StepCode, StepStatus, TrackReason
from sikua_rules.limits import LimitUnit
from sikua_scheduler import acts, following, plan, progress
from sikua_scheduler.course import PlanStatus
from sikua_scheduler.transitions import ActRefused, Reason
from support.scheduler_courses import CROSSING, MONDAY, POLICIES, at, begun, kinds, record, setting, stated, step

DOCUMENT = Proof(document="会议纪要〔2026〕3号", stated_by="officer")


def test_the_shipped_plan_has_the_nine_steps_and_every_limit_its_unit() -> None:
    template = POLICIES.plan
    assert [one.code for one in template.steps] == list(StepCode)
    assert template.node("PERMITS.EIA").limit.unit is LimitUnit.CALENDAR_DAY
    assert template.ancestors("QUOTA.ENERGY") == {"VISIT", "NEGOTIATE", "PRELIM_REVIEW", "EVALUATE", "SIGN", "REGISTER"}
    assert {"PERMITS.FILING", "PERMITS.EIA"} < template.ancestors("PERMITS.CONSTRUCTION")


def test_a_template_with_an_unknown_predecessor_is_refused() -> None:
    document = POLICIES.plan.model_dump(mode="json", by_alias=True)
    document["steps"][1]["depends_on"] = ["NOWHERE"]
    with pytest.raises(ValueError, match="NEGOTIATE depends on unknown NOWHERE"):
        plan.parse(document)


def test_a_new_project_is_armed_at_its_first_step() -> None:
    course = begun()
    assert step(course, "VISIT").status is StepStatus.ARMED
    assert step(course, "NEGOTIATE").status is StepStatus.NOT_STARTED
    assert kinds(course) == ["step.armed"]


@pytest.mark.parametrize("stage", [code for code in StepCode if code is not StepCode.START])
def test_steps_up_to_the_stage_are_history_and_the_next_is_armed(stage: StepCode) -> None:
    course = begun(stage, historic=True)
    codes = list(StepCode)
    done = codes[: codes.index(stage) + 1]
    for one in course.steps.values():
        if one.code in done:
            assert one.status is StepStatus.COMPLETED
            assert one.historic
    armed = step(course, codes[codes.index(stage) + 1])
    assert armed.status is StepStatus.ARMED
    assert armed.historic
    assert course.plan.quiet


def test_a_started_project_gets_no_plan_and_says_why() -> None:
    assert following.planless(record(), started=True) == following.HAS_STARTED
    assert following.planless(record(StepCode.START), started=False) == following.HAS_STARTED
    assert following.planless(record(status=ProjectStatus.SUSPENDED), started=False) == following.NOT_ACTIVE
    assert following.planless(record(), started=False) is None


def test_quota_arms_its_items_at_once_and_is_complete_with_the_last() -> None:
    course = begun(StepCode.REGISTER)
    items = ["QUOTA.LAND", "QUOTA.ENERGY", "QUOTA.ENVIRONMENT"]
    assert all(step(course, key).status is StepStatus.ARMED for key in items)
    for key in items[:2]:
        progress.complete(course, step(course, key), DOCUMENT)
    assert step(course, "QUOTA").status is StepStatus.ARMED
    progress.complete(course, step(course, items[2]), DOCUMENT)
    following.move_on(course)
    assert step(course, "QUOTA").status is StepStatus.COMPLETED
    assert step(course, "PERMITS.EIA").status is StepStatus.ARMED
    assert step(course, "PERMITS.CONSTRUCTION").status is StepStatus.NOT_STARTED


def test_a_step_with_open_items_cannot_be_completed_by_itself() -> None:
    course = begun(StepCode.REGISTER)
    with pytest.raises(ActRefused) as refused:
        progress.complete(course, step(course, "QUOTA"), DOCUMENT)
    assert refused.value.reason == Reason.ITEMS_OPEN
    assert refused.value.more["items"] == ["QUOTA.LAND", "QUOTA.ENERGY", "QUOTA.ENVIRONMENT"]


def test_thirty_hundred_million_takes_the_fast_lane_inclusive() -> None:
    slow = begun(fields={"total_investment_wan": stated("299999.9999")})
    fast = begun(fields={"total_investment_wan": stated("300000")})
    assert (step(slow, "VISIT").limit.amount, step(fast, "VISIT").limit.amount) == (5, 2)


def test_the_fast_lane_by_order_shortens_open_limits_and_journals_it() -> None:
    course = at(begun(StepCode.VISIT), MONDAY + timedelta(days=1))
    due_before = step(course, "NEGOTIATE").due_at
    following.order_fast_lane(course, "市领导批示", "office")
    assert kinds(course) == ["step.rescheduled"]
    assert step(course, "NEGOTIATE").due_at < due_before
    assert [line.due_before for line in course.journal] == [due_before]


def test_reopening_disarms_what_followed_and_gives_a_new_clock() -> None:
    course = begun(StepCode.EVALUATE)
    progress.complete(course, step(course, "SIGN"), DOCUMENT)
    following.move_on(course)
    later = MONDAY + timedelta(days=7)
    at(course, later)
    progress.reopen(course, step(course, "SIGN"), "协议未生效", "officer")
    assert kinds(course) == ["step.reopened", "step.rescheduled"]
    assert step(course, "SIGN").status is StepStatus.ARMED
    assert step(course, "SIGN").armed_at == later
    assert step(course, "REGISTER").status is StepStatus.NOT_STARTED
    assert step(course, "REGISTER").due_at is None


def test_reopening_an_item_reopens_its_step() -> None:
    course = begun(StepCode.QUOTA)
    progress.reopen(course, step(course, "QUOTA.LAND"), "宗地变更", "officer")
    assert step(course, "QUOTA").status is StepStatus.ARMED
    assert step(course, "QUOTA.ENERGY").status is StepStatus.COMPLETED
    assert step(course, "PERMITS").status is StepStatus.NOT_STARTED
    assert step(course, "PERMITS.FILING").status is StepStatus.NOT_STARTED
    progress.complete(course, step(course, "QUOTA.LAND"), DOCUMENT)
    following.move_on(course)
    assert step(course, "PERMITS.FILING").status is StepStatus.ARMED


def test_a_step_whose_predecessor_is_open_cannot_be_reopened() -> None:
    course = begun(StepCode.SIGN)
    progress.reopen(course, step(course, "EVALUATE"), "重新评估", "officer")
    with pytest.raises(ActRefused) as refused:
        progress.reopen(course, step(course, "SIGN"), "too", "officer")
    assert refused.value.reason == Reason.PREDECESSOR_OPEN


def test_starting_construction_finishes_the_plan_and_closes_the_track() -> None:
    course = begun(StepCode.PERMITS, crossings=[CROSSING])
    progress.complete(course, step(course, "START"), DOCUMENT)
    assert course.plan.status is PlanStatus.FINISHED
    assert kinds(course)[-1] == "track.closed"
    progress.reopen(course, step(course, "START"), "未实质开工", "officer")
    assert course.plan.status is PlanStatus.OPEN


def test_tracks_open_for_each_reason_of_the_policy() -> None:
    event = begun(origins=["MAJOR_EVENT"])
    met = begun(StepCode.SIGN, origins=["LEADER_MEETING"], fields={"total_investment_wan": stated("50000")})
    early = begun(StepCode.EVALUATE, origins=["LEADER_MEETING"], fields={"total_investment_wan": stated("50000")})
    large = begun(StepCode.SIGN, fields={"total_investment_wan": stated("300000")})
    assert event.track
    assert event.track.reasons == (TrackReason.MAJOR_EVENT,)
    assert met.track
    assert met.track.reasons == (TrackReason.KEY_SIGNING,)
    assert early.track is None
    assert large.track
    assert large.track.reasons == (TrackReason.KEY_SIGNING,)


def test_a_further_reason_is_added_to_the_same_track() -> None:
    course = begun(StepCode.SIGN, crossings=[CROSSING])
    first = course.track
    following.follow(course, record(StepCode.SIGN, version=2, crossings=[CROSSING], origins=["MAJOR_EVENT"]))
    assert first
    assert course.track
    assert course.track.track_id == first.track_id
    assert course.track.reasons == (TrackReason.CROSSING, TrackReason.MAJOR_EVENT)


def test_an_older_record_changes_nothing() -> None:
    course = begun(version=5)
    following.follow(course, record(version=4, name="旧名"))
    assert course.record.version == 5
    assert step(course, "VISIT").project_name == "测试项目"


def test_a_new_first_division_moves_owners_of_steps_still_waiting() -> None:
    course = begun(StepCode.EVALUATE)
    following.follow(course, record(StepCode.EVALUATE, version=2, divisions=["370281"]))
    assert step(course, "SIGN").owner.division == "370211"
    assert step(course, "REGISTER").owner.division == "370281"


def test_suspending_a_project_stops_every_clock_and_refuses_acts() -> None:
    course = begun(StepCode.REGISTER)
    acts.pause(course, step(course, "QUOTA.LAND"), "补正材料", "通知书1", "officer")
    at(course, MONDAY + timedelta(days=1))
    acts.suspend(course, "投资方重组", "批示2", "office")
    assert all(one.status is StepStatus.PAUSED for one in course.steps.values() if one.is_open)
    with pytest.raises(ActRefused) as refused:
        acts.require_open_plan(course)
    assert refused.value.reason == Reason.PROJECT_SUSPENDED
    at(course, MONDAY + timedelta(days=10))
    acts.return_to_life(course, "批示3", "office")
    assert step(course, "QUOTA.LAND").status is StepStatus.PAUSED
    assert step(course, "QUOTA.ENERGY").status is StepStatus.ARMED
    assert step(course, "QUOTA.ENERGY").due_at > begun(StepCode.REGISTER).steps["QUOTA.ENERGY"].due_at


def test_a_closed_project_comes_back_with_a_fresh_ladder() -> None:
    course = begun(StepCode.EVALUATE)
    cycle = step(course, "SIGN").cycle
    acts.close(course, "销号", "批示4", "office")
    assert course.plan.status is PlanStatus.CLOSED
    assert step(course, "SIGN").next_rung_at is None
    acts.return_to_life(course, "批示5", "office")
    assert step(course, "SIGN").status is StepStatus.ARMED
    assert step(course, "SIGN").cycle == cycle + 1


def test_a_plan_is_laid_out_with_an_id_for_every_step_and_item() -> None:
    steps = plan.lay_out(POLICIES.plan, record(), False, [str(number) for number in range(15)])
    assert len({one.step_id for one in steps}) == 15
    assert replace(setting(), now=MONDAY).template is POLICIES.plan
