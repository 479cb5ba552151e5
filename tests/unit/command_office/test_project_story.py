"""A project's state in one sentence, why it shows its light, and how fresh a screen is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.freshness import freshness
from sikua_command_office.names import PASSED, owner_name
from sikua_command_office.projects.assembly import plan_views, still_silent
from sikua_command_office.projects.calendar import calendar_with
from sikua_command_office.projects.cards import Lamps, Lit, Project, Step
from sikua_command_office.projects.disagreement import Side, disagreements
from sikua_command_office.projects.explanation import explain, lit_since
from sikua_command_office.projects.pauses import interruptions
from sikua_command_office.projects.story import story
from sikua_command_office.visibility import patterns, sees, visible_to
from sikua_contracts.examples import EXAMPLES
from sikua_contracts.scheduler import StepState
from sikua_contracts.words import Light, Owner, ProjectStatus, Rung, StepCode, StepStatus
from sikua_rules.business_time import close_of_business, shanghai_day
from sikua_rules.limits import LimitUnit
from sikua_rules.working_days import WorkCalendar

NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
CALENDAR = WorkCalendar.official()


def quota(due: date | None, status: StepStatus = StepStatus.STARTED, **more: Any) -> Step:
    state = StepState(
        step_id="s",
        project_id="p",
        project_name="项目",
        code=StepCode.QUOTA,
        name_zh="落实指标",
        name_en="Securing quotas",
        owner=Owner(role="natural_resources", division="370200"),
        status=status,
        limit_amount=20,
        limit_unit=LimitUnit.WORKING_DAY,
        armed_at=NOW - timedelta(days=90),
        due_at=close_of_business(due) if due else None,
        blocked_reason=more.pop("blocked_reason", None),
    )
    return Step(state, **more)


def lit(step: Step, now: datetime = NOW) -> Lit:
    return Lamps(now, CALENDAR).lit(step)


def told(step: Step | None, project: Project | None = None) -> str:
    return story(project or Project("p", "项目", ProjectStatus.ACTIVE), lit(step) if step else None)[0]


def test_the_state_says_the_step_whose_turn_it_is_and_how_late() -> None:
    assert told(quota(date(2026, 6, 1))) == "落实指标,等市自然资源局,已超 7 个工作日"


def test_the_same_sentence_in_english() -> None:
    _, en = story(Project("p", "项目", ProjectStatus.ACTIVE), lit(quota(date(2026, 6, 9))))
    assert en == "Securing quotas, waiting for city natural resources bureau, 1 working day overdue"


def test_near_the_limit_it_says_how_many_days_are_left() -> None:
    assert told(quota(date(2026, 6, 10))) == "落实指标,等市自然资源局,今天到期"
    assert told(quota(date(2026, 6, 12))) == "落实指标,等市自然资源局,还剩 2 个工作日"


def test_a_block_names_whom_it_waits_for() -> None:
    waiting = Owner(role="ecology", division="370211")
    step = quota(date(2026, 6, 1), StepStatus.BLOCKED, waiting_for=waiting)
    assert told(step) == "落实指标受阻,等黄岛区生态环境局,已超 7 个工作日"


def test_a_stopped_clock_says_why() -> None:
    assert told(quota(None, StepStatus.PAUSED, reason="补正材料")) == "落实指标,中止计时:补正材料"


@pytest.mark.parametrize(
    ("project", "said"),
    [
        (Project("p", "甲", ProjectStatus.SUSPENDED, reason="规划调整"), "已暂停:规划调整"),
        (Project("p", "甲", ProjectStatus.CLOSED, reason="投资方退出"), "已销号:投资方退出"),
        (Project("p", "甲", ProjectStatus.MERGED), "与另一条目重复,已并入"),
        (Project("p", "甲", ProjectStatus.ACTIVE, started=True), "登记时已开工,不再排程"),
        (Project("p", "甲", ProjectStatus.ACTIVE, stage=StepCode.SIGN), "签约已办结,下一环节尚未开始"),
        (Project("p", "甲", ProjectStatus.ACTIVE), "尚未排程"),
    ],
)
def test_a_project_without_an_open_step_says_how_it_stands(project: Project, said: str) -> None:
    assert told(None, project) == said


def test_a_finished_project_says_so() -> None:
    active = Project("p", "甲", ProjectStatus.ACTIVE)
    assert story(active, None, frozenset(StepCode))[0] == "九个环节全部办结"


@given(st.integers(-40, 40))
def test_a_light_has_shone_since_the_first_day_on_which_it_would_have_shone(offset: int) -> None:
    step = quota(date(2026, 6, 10) + timedelta(days=offset))
    now = lit(step)
    since = lit_since(now, CALENDAR)
    if now.light in (Light.GREEN, Light.GREY):
        assert since is None
        return
    assert since is not None
    assert since <= shanghai_day(NOW)
    that_day = lit(step, close_of_business(since))
    day_before = lit(step, close_of_business(since - timedelta(days=1)))
    assert that_day.light is now.light
    assert day_before.light is not now.light


def test_why_it_is_red_names_the_due_day_the_first_red_day_and_the_rung() -> None:
    step = quota(date(2026, 6, 1), StepStatus.BLOCKED, blocked_reason="能耗指标未落实", rung=Rung.RED, accepted=True)
    why = explain(lit(step), CALENDAR)
    assert why.light is Light.RED
    assert why.since == date(2026, 6, 8)
    assert why.text_zh == (
        "落实指标等市自然资源局(堵点:能耗指标未落实),应于 2026-06-01 办结,已超 7 个工作日,"
        "2026-06-08 起亮红灯,已升级到红色督办(已受理)"
    )


def test_a_calendar_published_later_moves_the_count() -> None:
    years = [{"year": 2026, "version": 9, "off": ["2026-06-04", "2026-06-05"], "work": []}]
    lamps = Lamps(NOW, calendar_with(years))
    assert lamps.lit(quota(date(2026, 6, 1))).overdue == 5


def test_freshness_is_said_in_words_and_figures() -> None:
    now = datetime(2026, 6, 10, 2, 2, 13, tzinfo=UTC)
    behind = freshness(now, now, {"registry": 2, "scheduler": 1})
    assert (behind.text_zh, behind.text_en) == ("截至 10:02:13,落后 3 条", "as of 10:02:13, 3 events behind")
    assert behind.behind_total == 3
    assert freshness(now, now, {"registry": 0}).text_zh == "截至 10:02:13,没有落后"
    assert freshness(now, now, None).behind_total is None


def test_owners_are_named_by_place_and_office() -> None:
    assert owner_name(Owner(role="natural_resources", division="370200"))[0] == "市自然资源局"
    assert owner_name(Owner(role="district_government.head", division="370211"))[0] == "黄岛区政府负责人"
    assert owner_name(Owner(role="command_office.coordinator", division="370200"))[0] == "指挥部办公室协调员"
    assert owner_name(Owner(role="stranger", division="999999")) == ("999999stranger", "999999 stranger")


def test_a_district_sees_its_own_and_a_city_all_that_lies_in_it() -> None:
    assert visible_to(True, ()) is None
    assert sees(None, ["370211"])
    assert sees(patterns({"370211"}), ["370202", "370211"])
    assert not sees(patterns({"370211"}), ["370202"])
    assert not sees(patterns({"370211"}), None)
    assert sees(patterns({"370200"}), ["370283"])
    assert not sees(patterns({""}), ["370283"])


def test_departments_that_differ_stand_side_by_side_newest_first() -> None:
    older = Side("1000", "reform", NOW - timedelta(days=9), "备案", "confirmed", "f1")
    newer = Side("1200", "tax", NOW, "申报", "stated", "f2")
    replaced = Side("900", "tax", NOW - timedelta(days=20), "申报", "stated", "f0")
    found = disagreements([], {"total_investment_wan": "1000"}, {"total_investment_wan": [older, replaced, newer]})
    assert [(each.field, each.record_value, list(each.sides)) for each in found] == [
        ("total_investment_wan", "1000", [newer, older])
    ]


def test_a_department_that_corrects_itself_disagrees_with_nobody() -> None:
    first = Side("900", "tax", NOW - timedelta(days=20), "申报", "stated", "f0")
    then = Side("1200", "tax", NOW, "申报", "stated", "f2")
    assert disagreements([], {}, {"total_investment_wan": [first, then]}) == []
    assert [each.field for each in disagreements(["zone"], {"zone": "上合示范区"}, {})] == ["zone"]


def test_pauses_are_put_together_with_their_end() -> None:
    said = [EXAMPLES[f"cn.sikua.step.{verb}.v1"] for verb in ("paused", "resumed", "paused", "extended")]
    entries = [{"type": each.type, "time": each.time, "data": each.data.model_dump(mode="json")} for each in said]
    (found,) = interruptions(entries).values()
    assert [pause.until_at is None for pause in found.pauses] == [False, True]
    assert found.pauses[0].end_document
    assert found.extensions[0].amount > 0


def test_a_department_is_silent_until_it_states_something_of_that_dataset() -> None:
    asked = {"department": "tax", "dataset": "vat_declarations", "asked_at": NOW}
    other = asked | {"dataset": "tax_registration"}
    fact = {"department": "tax", "dataset": "vat_declarations", "withdrawn_at": None}
    before, after = fact | {"stated_at": NOW - timedelta(hours=1)}, fact | {"stated_at": NOW + timedelta(hours=1)}
    assert still_silent([asked, other], [before]) == [asked, other]
    assert still_silent([asked, other], [before, after]) == [other]
    assert still_silent([asked, other], [after | {"withdrawn_at": NOW}]) == [asked, other]


def test_steps_before_the_one_at_which_a_project_came_in_are_not_said_to_be_still_to_come() -> None:
    views = plan_views([lit(quota(date(2026, 6, 12)))], [], planned=True)
    codes = list(StepCode)
    known = codes.index(StepCode.QUOTA)
    assert [view.code for view in views if view.status_zh == PASSED[0]] == codes[:known]
    assert [view.code for view in views if view.status_zh == "未开始"] == codes[known + 1 :]
