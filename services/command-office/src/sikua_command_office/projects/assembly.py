"""One project put together from its rows: the plan in order, what holds it up, where its departments differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sikua_contracts.words import Light, ProjectStatus, StepCode, StepStatus
from sikua_rules.working_days import WorkCalendar

from sikua_command_office.feed.entry import EntryPage
from sikua_command_office.freshness import Freshness
from sikua_command_office.projects.cards import STEP_ORDER, Lamps, Lit, Project, Step
from sikua_command_office.projects.disagreement import Disagreement, Side, disagreements
from sikua_command_office.projects.explanation import explain
from sikua_command_office.projects.pauses import interruptions
from sikua_command_office.projects.story import story
from sikua_command_office.projects.views import (
    HoldView,
    ProjectView,
    WhyView,
    disagreement_view,
    escalation_view,
    fact_view,
    field_views,
    notice_view,
    silence_view,
    track_view,
)
from sikua_command_office.views import StepView, owner_view, step_unspoken, step_view

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Rows:
    """What the tables hold about one project."""

    card: Any
    facts: Sequence[Any]
    silences: Sequence[Any]
    tracks: Sequence[Any]
    escalations: Sequence[Any]
    notices: Sequence[Any]
    reckoning: Sequence[Any]


def project_view(
    project: Project,
    steps: Sequence[Step],
    rows: Rows,
    timeline: EntryPage,
    lamps: Lamps,
    calendar: WorkCalendar,
    fresh: Freshness,
) -> ProjectView:
    """The whole page of one project."""
    record = rows.card["record"]
    lit = [lamps.lit(step) for step in steps]
    opened = sorted((each for each in lit if each.step.open), key=lambda each: each.badness)
    complete = frozenset(step.state.code for step in steps if step.state.status is StepStatus.COMPLETED)
    state_zh, state_en = story(project, opened[0] if opened else None, complete)
    differing = _differing(rows, record)
    taken = ("project_id", "version", "name", "status", "divisions", "uscc", "project_codes", "industries")
    return ProjectView(
        **{name: record[name] for name in (*taken, "origins", "zone", "stage", "historic", "crossings")},
        reason=project.reason,
        merged_into=rows.card["merged_into"],
        light=light_of(project, opened),
        state_zh=state_zh,
        state_en=state_en,
        fields=field_views(record, frozenset(each.field for each in differing)),
        disagreements=[disagreement_view(each) for each in differing],
        facts=[fact_view(row) for row in rows.facts],
        silences=[silence_view(row) for row in still_silent(rows.silences, rows.facts)],
        plan=plan_views(lit, rows.reckoning, planned=bool(steps) or not project.started),
        why=[_why(each, calendar) for each in opened],
        holds=[_hold(each) for each in opened],
        tracks=[track_view(row) for row in rows.tracks],
        escalations=[escalation_view(row) for row in rows.escalations],
        notices=[notice_view(row) for row in rows.notices],
        timeline=timeline,
        freshness=fresh,
    )


def still_silent(silences: Sequence[Any], facts: Sequence[Any]) -> list[Any]:
    """The silences of departments that have not spoken since: no fact of the same dataset came after the question."""
    spoken: dict[tuple[str, str], datetime] = {}
    for fact in facts:
        if fact["stated_at"] is not None and fact["withdrawn_at"] is None:
            about = (fact["department"], fact["dataset"])
            spoken[about] = max(fact["stated_at"], spoken.get(about, fact["stated_at"]))
    return [one for one in silences if not one["asked_at"] <= spoken.get((one["department"], one["dataset"]), NEVER)]


def light_of(project: Project, opened: Sequence[Lit]) -> Light:
    """The worst light of the open steps (given worst first); grey when suspended or when nothing is open."""
    if project.status is not ProjectStatus.ACTIVE or not opened:
        return Light.GREY
    return opened[0].light


def plan_views(lit: Sequence[Lit], reckoning: Sequence[Any], *, planned: bool) -> list[StepView]:
    """The nine steps in their order, divided ones by item.

    Those that nobody has spoken of stand as passed before the record began, or as not begun.
    """
    interrupted = interruptions(reckoning)
    by_code: dict[StepCode, list[Lit]] = {}
    for each in lit:
        by_code.setdefault(each.step.state.code, []).append(each)
    if not planned:
        return []
    views: list[StepView] = []
    first = min((STEP_ORDER[code] for code in by_code), default=0)
    for code in sorted(StepCode, key=STEP_ORDER.__getitem__):
        known = sorted(by_code.get(code, ()), key=lambda each: each.step.state.item or "")
        views += [step_view(each, interrupted) for each in known] or [
            step_unspoken(code, passed=STEP_ORDER[code] < first)
        ]
    return views


def _differing(rows: Rows, record: Mapping[str, Any]) -> list[Disagreement]:
    stated: dict[str, list[Side]] = {}
    for row in rows.facts:
        if row["withdrawn_at"] is not None:
            continue
        for value in row["field_values"] or ():
            side = Side(value["value"], row["department"], row["as_of"], row["basis"], row["quality"], row["fact_id"])
            stated.setdefault(value["field"], []).append(side)
    values = {field: statement["value"] for field, statement in record["fields"].items()}
    return disagreements(rows.card["disagreeing"] or (), values, stated)


def _why(lit: Lit, calendar: WorkCalendar) -> WhyView:
    told = explain(lit, calendar)
    return WhyView(
        step_id=told.step_id,
        light=told.light,
        since=told.since,
        overdue_working_days=lit.overdue,
        rung=lit.step.rung,
        text_zh=told.text_zh,
        text_en=told.text_en,
    )


def _hold(lit: Lit) -> HoldView:
    state = lit.step.state
    paused = state.status is StepStatus.PAUSED
    return HoldView(
        step_id=state.step_id,
        waiting_for=owner_view(lit.step.turn),
        blocked_reason=state.blocked_reason if state.status is StepStatus.BLOCKED else None,
        paused_reason=lit.step.reason if paused else None,
        since=state.started_at or state.armed_at,
    )
