"""What happened since one last looked: told by project, the weightiest first, nothing counted twice or lost."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.desk.news import NEWS, TOLD, Change, stories
from sikua_contracts import bridges, notifier, registry, scheduler

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TYPES = (
    scheduler.EscalationRaised.type,
    scheduler.StepBlocked.type,
    scheduler.StepCompleted.type,
    scheduler.StepArmed.type,
    registry.ProjectEnriched.type,
    bridges.FactReported.type,
)


def a_change(number: int, project: str, kind: str, name: str = "") -> Change:
    return Change(number, project, name or project, kind, AT, f"第{number}条", f"entry {number}")


changes = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(TYPES)), max_size=30).map(
    lambda drawn: [a_change(number, project, kind) for number, (project, kind) in enumerate(drawn, start=1)]
)


@given(changes)
def test_every_project_is_told_once_with_all_its_changes_counted(drawn: list[Change]) -> None:
    told = stories(drawn)
    assert sorted(story.project_id for story in told) == sorted({change.project_id for change in drawn})
    assert sum(story.count for story in told) == len(drawn)
    for story in told:
        own = [change for change in drawn if change.project_id == story.project_id]
        assert len(story.told) == min(TOLD, len(own))
        least = max(change.weight for change in story.told)
        assert all(change.weight >= least for change in own if change not in story.told)


@given(changes)
def test_the_order_is_by_weight_then_by_the_newest(drawn: list[Change]) -> None:
    leads = [(story.told[0].weight, -story.told[0].number) for story in stories(drawn)]
    assert leads == sorted(leads)
    assert stories(reversed(drawn)) == stories(drawn)


def test_a_rung_reached_weighs_more_than_any_number_of_facts() -> None:
    facts = [a_change(number, "a", bridges.FactReported.type) for number in range(2, 9)]
    told = stories([a_change(1, "b", scheduler.EscalationRaised.type), *facts])
    assert [story.project_id for story in told] == ["b", "a"]


def test_a_renamed_project_bears_its_newest_name() -> None:
    (story,) = stories(
        [a_change(1, "a", scheduler.StepBlocked.type, "旧名"), a_change(2, "a", bridges.FactReported.type, "新名")]
    )
    assert story.project_name == "新名"


def test_that_somebody_was_told_is_no_news_but_that_somebody_could_not_be_is() -> None:
    assert notifier.NoticeSent.type not in NEWS
    assert notifier.NoticeFailed.type in NEWS
