"""Rows of the record put together to what reports are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sikua_contracts import scheduler
from sikua_contracts.scheduler import StepState
from sikua_contracts.words import Owner, ProjectStatus, Rung, StepStatus
from sikua_rules.working_days import WorkCalendar

from sikua_command_office.board.board import Card, card_of
from sikua_command_office.projects.cards import OPEN_STATUSES, Lamps, Project, Step
from sikua_command_office.weekly.history import ProjectSaid, StepSaid, lights_at, projects_at
from sikua_command_office.weekly.report import AtTop, Move, Stock
from sikua_command_office.weekly.week import Week

WEEKS = 8
_STATUSES = {status.value: status for status in StepStatus}
_LIVES = {status.value: status for status in ProjectStatus}
_HEIGHT = {rung: place for place, rung in enumerate(Rung)}


@dataclass(frozen=True)
class Found:
    """What the record holds up to `until`; `begins`: when the record does, None while it is empty."""

    until: datetime
    begins: datetime | None
    steps: Sequence[Any]
    projects: Sequence[Any]
    open_steps: Sequence[str]
    held: Sequence[Any]
    moves: Sequence[Any]
    escalations: Sequence[Any]


def weeks_up_to(week: Week) -> list[Week]:
    """The weeks that the report of a week looks back on, itself the last."""
    return [week.plus(-back) for back in reversed(range(WEEKS))]


def moments_of(week: Week, until: datetime) -> list[datetime]:
    """When each of these weeks ended, or `until` where that is earlier."""
    return [min(each.ends, until) for each in weeks_up_to(week)]


def last_open(steps: Iterable[Any]) -> list[int]:
    """The numbers of the entries that told last of the steps that are open. `steps` in the order of the record."""
    last = {row["step_id"]: row for row in steps}
    return [row["number"] for row in last.values() if row["status"] in OPEN_STATUSES]


def stock(week: Week, found: Found, calendar: WorkCalendar) -> tuple[Stock, dict[str, ProjectSaid]]:
    """What reports of the week are drawn from, and every project as it was told last."""
    steps = [_step_said(row) for row in found.steps]
    projects = [_project_said(row) for row in found.projects]
    weeks = weeks_up_to(week)
    lights = [
        lights_at(steps, projects, moment, calendar) if found.begins and found.begins <= moment else None
        for moment in moments_of(week, found.until)
    ]
    last = projects_at(projects, found.until)
    states = [StepState.model_validate_json(text) for text in found.open_steps]
    cards = _cards(states, found, last, Lamps(found.until, calendar))
    moves = [
        Move(row["number"], row["project_id"], row["type"], row["time"], row["sentence_zh"], row["sentence_en"])
        for row in found.moves
    ]
    places = {project: frozenset(said.divisions) for project, said in last.items()}
    return Stock(week, weeks, lights, cards, moves, _tops(states, found), places), last


def _cards(states: Sequence[StepState], found: Found, projects: Mapping[str, ProjectSaid], lamps: Lamps) -> list[Card]:
    rungs = _rungs(found)
    waiting: dict[str, Any] = {}
    reasons: dict[str, Any] = {}
    for row in found.held:
        kept = waiting if row["type"] == scheduler.StepBlocked.type else reasons
        kept[row["step_id"]] = row
    steps: dict[str, list[Step]] = {}
    for state in states:
        blocked = waiting.get(state.step_id) if state.status is StepStatus.BLOCKED else None
        paused = reasons.get(state.step_id) if state.status is StepStatus.PAUSED else None
        rung, accepted = rungs.get(state.step_id, (None, False))
        step = Step(
            state,
            waiting_for=Owner.model_validate(blocked["waiting_for"]) if blocked and blocked["waiting_for"] else None,
            reason=paused["reason"] if paused else None,
            rung=rung,
            accepted=accepted,
        )
        steps.setdefault(state.project_id, []).append(step)
    on_the_books = {ProjectStatus.ACTIVE, ProjectStatus.SUSPENDED}
    return [
        card_of(Project(project, said.name, said.status, said.divisions), steps[project], lamps)
        for project, said in projects.items()
        if project in steps and said.status in on_the_books
    ]


def _rungs(found: Found) -> dict[str, tuple[Rung, bool]]:
    highest: dict[str, tuple[Rung, bool]] = {}
    for row in found.escalations:
        rung, known = Rung(row["rung"]), highest.get(row["step_id"])
        if known is None or _HEIGHT[rung] >= _HEIGHT[known[0]]:
            highest[row["step_id"]] = (rung, _accepted_by(row, found.until) is not None)
    return highest


def _tops(states: Sequence[StepState], found: Found) -> list[AtTop]:
    names = {state.step_id: state.name_zh for state in states}
    return [
        AtTop(row["project_id"], names.get(row["step_id"], ""), row["raised_at"], _accepted_by(row, found.until))
        for row in found.escalations
        if row["rung"] == Rung.TOP.value
    ]


def _accepted_by(row: Any, until: datetime) -> str | None:
    at = row["acknowledged_at"]
    return row["acknowledged_by"] if at is not None and at <= until else None


def _step_said(row: Any) -> StepSaid:
    return StepSaid(row["time"], row["project_id"], row["step_id"], _STATUSES[row["status"]], row["due_at"])


def _project_said(row: Any) -> ProjectSaid:
    divisions = tuple(row["divisions"])
    return ProjectSaid(row["time"], row["project_id"], row["name"], _LIVES[row["status"]], divisions)
