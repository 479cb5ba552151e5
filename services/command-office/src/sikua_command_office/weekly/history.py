"""How things stood at a moment, from the record of what was said before it: the later word on a thing counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sikua_contracts.words import Light, ProjectStatus, StepStatus
from sikua_rules.business_time import shanghai_day
from sikua_rules.lights import light
from sikua_rules.working_days import WorkCalendar

from sikua_command_office.projects.cards import OPEN_STATUSES, WORST_FIRST


@dataclass(frozen=True, slots=True)
class StepSaid:
    """What an event said of a step."""

    at: datetime
    project_id: str
    step_id: str
    status: StepStatus
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProjectSaid:
    """What an event said of a project."""

    at: datetime
    project_id: str
    name: str
    status: ProjectStatus
    divisions: tuple[str, ...]


def projects_at(said: Iterable[ProjectSaid], moment: datetime) -> dict[str, ProjectSaid]:
    """Each project as it was last told up to the moment. `said` in the order of the record."""
    return {each.project_id: each for each in said if each.at <= moment}


def steps_at(said: Iterable[StepSaid], moment: datetime) -> dict[str, StepSaid]:
    """Each step as it was last told up to the moment. `said` in the order of the record."""
    return {each.step_id: each for each in said if each.at <= moment}


def lights_at(
    steps: Iterable[StepSaid], projects: Iterable[ProjectSaid], moment: datetime, calendar: WorkCalendar
) -> dict[str, Light]:
    """The light of every project that stood on the board at the moment: the worst of its open steps, grey when suspended."""
    known = projects_at(projects, moment)
    colours: dict[tuple[StepStatus, date | None], Light] = {}
    worst: dict[str, Light] = {}
    for step in steps_at(steps, moment).values():
        project = known.get(step.project_id)
        if step.status not in OPEN_STATUSES or project is None:
            continue
        if project.status is ProjectStatus.SUSPENDED:
            worst[step.project_id] = Light.GREY
        elif project.status is ProjectStatus.ACTIVE:
            key = step.status, shanghai_day(step.due_at) if step.due_at else None
            colour = colours.get(key)
            if colour is None:
                colour = colours[key] = Light(light(step.status.value, step.due_at, moment, calendar))
            before = worst.get(step.project_id, Light.GREY)
            worst[step.project_id] = min(before, colour, key=WORST_FIRST.index)
    return worst
