"""People act on what they heard before today, each step by its habit; a day played twice gives the same acts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sikua_cli.demo.people import Act, Today, acts_of
from sikua_cli.demo.scenario import Habit, Scenario, Story, load
from sikua_cli.demo.world import World
from sikua_contracts import notifier, scheduler
from sikua_contracts.words import Rung, StepStatus
from sikua_rules.working_days import WorkCalendar

SCENARIO = load(Path(__file__).parents[3] / "demo" / "scenario.yaml")
NAME = "某某项目"
MONDAY = date(2026, 3, 2)


def with_habit(**habit: Any) -> Scenario:
    story = Story(project=NAME, tells="", habit=Habit(**{"take_up": (1, 1), "work": (0.2, 0.2), **habit}))
    return SCENARIO.model_copy(update={"stories": [story]})


class Told:
    """A world told event by event, each on a day."""

    def __init__(self, code: str = "SIGN", item: str | None = None) -> None:
        self.world = World()
        self.number = 0
        self.step: dict[str, Any] = {
            "step_id": "s1",
            "project_id": "p1",
            "project_name": NAME,
            "code": code,
            "item": item,
            "name_zh": "",
            "name_en": "",
            "owner": {"role": "district_government", "division": "370211"},
            "status": StepStatus.NOT_STARTED,
            "limit_amount": 20,
            "limit_unit": "WORKING_DAY",
        }

    def hear(self, said: Any, day: date, status: StepStatus | None = None, **more: Any) -> None:
        if status is not None:
            self.step = {**self.step, "status": status}
        self.number += 1
        moment = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
        self.world.hear(self.number, said.type, moment, {"step": self.step, **more})

    def acts(self, day: date, scenario: Scenario) -> list[Act]:
        return acts_of(Today(day, self.world, scenario, WorkCalendar.official()))

    def words(self, day: date, scenario: Scenario) -> list[str]:
        return [act.word for act in self.acts(day, scenario)]


@pytest.fixture
def told() -> Told:
    told = Told()
    told.hear(scheduler.StepArmed, MONDAY, StepStatus.ARMED, historic=True)
    return told


def test_nobody_acts_on_what_happened_today(told: Told) -> None:
    assert told.words(MONDAY, with_habit()) == []


def test_an_owner_takes_the_step_up_on_the_next_working_day(told: Told) -> None:
    assert told.words(MONDAY + timedelta(days=1), with_habit()) == ["start"]


def test_a_day_played_twice_gives_the_same_acts_under_the_same_keys(told: Told) -> None:
    tuesday = MONDAY + timedelta(days=1)
    assert told.acts(tuesday, with_habit()) == told.acts(tuesday, with_habit())


def test_what_was_done_before_a_restart_is_not_done_again(told: Told) -> None:
    tuesday = MONDAY + timedelta(days=1)
    told.hear(scheduler.StepStarted, tuesday, StepStatus.STARTED, by="x")
    assert told.words(tuesday, with_habit()) == []


def test_a_step_is_completed_with_a_document_after_its_share_of_the_limit(told: Told) -> None:
    told.hear(scheduler.StepStarted, MONDAY, StepStatus.STARTED, by="x")
    assert told.words(date(2026, 3, 5), with_habit()) == []
    (act,) = told.acts(date(2026, 3, 6), with_habit())
    assert act.word == "complete"
    assert act.body["document"].startswith("投资协议〔2026〕")
    assert act.route == "/scheduler/steps/s1/complete"


def test_a_block_names_the_reason_and_whom_it_waits_for(told: Told) -> None:
    scenario = with_habit(blocks_after=(1, 1))
    told.hear(scheduler.StepStarted, MONDAY, StepStatus.STARTED, by="x")
    told.world.problems["p1"] = "占地约2万亩"
    (act,) = told.acts(MONDAY + timedelta(days=1), scenario)
    assert act.word == "block"
    assert act.body["reason"] == "占地约2万亩"
    assert act.body["waiting_for"]["division"] == "370211"


def test_a_block_that_only_the_top_can_lift_waits_for_it(told: Told) -> None:
    scenario = with_habit(blocks_after=(1, 1), unblocked_by=Rung.TOP, unblocked_after=(2, 2))
    told.hear(scheduler.StepBlocked, MONDAY, StepStatus.BLOCKED, reason="", by="x")
    assert told.words(date(2026, 6, 1), scenario) == []
    raised = {"escalation_id": "e1", "rung": "TOP", "recipients": [], "reason": "", "overdue_working_days": 30}
    told.hear(scheduler.EscalationRaised, date(2026, 6, 1), **raised)
    assert "unblock" not in told.words(date(2026, 6, 2), scenario)
    assert "unblock" in told.words(date(2026, 6, 3), scenario)


def test_an_extension_and_the_completion_do_not_fall_on_one_day(told: Told) -> None:
    scenario = with_habit(extends_after=(1, 1))
    told.hear(scheduler.StepStarted, MONDAY, StepStatus.STARTED, by="x")
    late = date(2026, 3, 20)
    assert told.words(late, scenario) == ["extend"]
    told.hear(scheduler.StepExtended, late, extension_amount=5, reason="", approved_by="x")
    assert told.words(late, scenario) == []
    assert told.words(date(2026, 3, 23), scenario) == ["complete"]


def test_a_silent_owner_moves_only_after_the_rung(told: Told) -> None:
    scenario = with_habit(moved_by=Rung.RED)
    assert told.words(date(2026, 4, 20), scenario) == []
    raised = {"escalation_id": "e1", "rung": "RED", "recipients": [], "reason": "", "overdue_working_days": 5}
    told.hear(scheduler.EscalationRaised, date(2026, 4, 20), quiet=True, **raised)
    assert told.words(date(2026, 4, 21), scenario) == ["start"]


def test_who_never_moves_never_acts(told: Told) -> None:
    assert told.words(date(2026, 8, 3), with_habit(never=True)) == []


def test_a_step_with_items_is_left_to_its_items() -> None:
    told = Told("QUOTA")
    told.hear(scheduler.StepArmed, MONDAY, StepStatus.ARMED)
    assert told.words(date(2026, 3, 20), with_habit()) == []


def test_a_clock_that_begins_anew_forgets_the_earlier_turn(told: Told) -> None:
    scenario = with_habit(blocks_after=(1, 1))
    told.hear(scheduler.StepBlocked, MONDAY, StepStatus.BLOCKED, reason="", by="x")
    told.hear(scheduler.StepArmed, date(2026, 3, 9), StepStatus.ARMED, historic=True)
    told.hear(scheduler.StepStarted, date(2026, 3, 10), StepStatus.STARTED, by="x")
    assert told.words(date(2026, 3, 11), scenario) == ["block"]


def test_the_leader_answers_the_top_and_nobody_answers_twice(told: Told) -> None:
    raised = {"escalation_id": "e1", "rung": "TOP", "recipients": [], "reason": "", "overdue_working_days": 30}
    told.hear(scheduler.EscalationRaised, date(2026, 6, 1), **raised)
    scenario = with_habit(never=True)
    (act,) = told.acts(date(2026, 6, 10), scenario)
    assert (act.word, act.actor.role) == ("acknowledge", "leader")
    told.hear(scheduler.EscalationAcknowledged, date(2026, 6, 10), escalation_id="e1", rung="TOP", by="x")
    assert told.acts(date(2026, 6, 11), scenario) == []


def test_a_notice_is_seen_by_its_recipient_once(told: Told) -> None:
    sent = {
        "notice_id": "n1",
        "project_id": "p1",
        "step_id": "s1",
        "owner": {"role": "housing.head", "division": "370211"},
        "recipient": "a@example.org",
        "channel": "email",
        "subject_line": "x",
        "sent_at": "2026-03-02T01:00:00Z",
    }
    told.hear(notifier.NoticeSent, MONDAY, **sent)
    scenario = with_habit(never=True).model_copy(update={"seen": SCENARIO.seen.model_copy(update={"chance": 1.0})})
    days = [MONDAY + timedelta(days=number) for number in range(1, 12)]
    seen = [act for day in days for act in told.acts(day, scenario)]
    assert [(act.word, act.actor.role) for act in seen] == [("see", "housing.head")]
