"""Steps on which a rung is open, worst first: how high the ladder stands, who accepted, and what it brings next.

What comes next is the scheduler's word (`next_rung` of the step as its last event told), never a reckoning of our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sikua_contracts.words import Owner, ProjectStatus, Rung, StepStatus
from sikua_rules.business_time import shanghai_day
from sikua_rules.working_days import WorkCalendar

from sikua_command_office.projects.cards import Lamps, Lit, Project, Step

HEIGHT = {rung: place for place, rung in enumerate(Rung)}
_RUNNING = frozenset({StepStatus.ARMED, StepStatus.STARTED, StepStatus.BLOCKED})


class Comes(StrEnum):
    """What happens if nobody moves: a rung at a moment, one any minute, or nothing by itself, and why not."""

    RISES = "RISES"
    ANY_MINUTE = "ANY_MINUTE"
    CLOCK_STOPPED = "CLOCK_STOPPED"
    AT_THE_TOP = "AT_THE_TOP"
    NOT_TRACKED = "NOT_TRACKED"
    NOTHING_MORE = "NOTHING_MORE"


@dataclass(frozen=True, slots=True)
class Raised:
    """A rung that was raised and is open: who was told, and who accepted it."""

    escalation_id: str
    rung: Rung
    raised_at: datetime
    reason: str
    recipients: tuple[Owner, ...] = ()
    quiet: bool = False
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    waits_until: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What comes, and `working_days` from today to it: 0 today; all three None when nothing comes by itself."""

    comes: Comes
    rung: Rung | None = None
    at: datetime | None = None
    working_days: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A step with its open rungs, highest first."""

    project: Project
    lit: Lit
    rungs: tuple[Raised, ...]
    ahead: Ahead

    @property
    def top(self) -> Raised:
        """The highest rung that is open."""
        return self.rungs[0]

    @property
    def accepted(self) -> bool:
        """Whether somebody accepted the highest rung."""
        return self.top.acknowledged_by is not None

    @property
    def order(self) -> tuple[object, ...]:
        """Worst first: projects that move, the higher rung, nobody's, most overdue, longest open; then a fixed order."""
        suspended = self.project.status is ProjectStatus.SUSPENDED
        late = -self.lit.overdue
        fixed = (self.project.name, self.lit.step.state.step_id)
        return (suspended, -HEIGHT[self.top.rung], self.accepted, late, self.top.raised_at, *fixed)


@dataclass(frozen=True)
class Wanted:
    """Which lines to show; None shows all. `owner` is a role, or role@division, of whose turn it is."""

    division: str | None = None
    rung: Rung | None = None
    accepted: bool | None = None
    owner: str | None = None

    def shows(self, line: Line) -> bool:
        """Whether the line is among what was asked for."""
        role, _, place = (self.owner or "").partition("@")
        turn = line.lit.step.turn
        return (
            (self.division is None or self.division in line.project.divisions)
            and (self.rung is None or self.rung is line.top.rung)
            and (self.accepted is None or self.accepted is line.accepted)
            and (self.owner is None or (turn.role == role and (not place or turn.division == place)))
        )


def lines(
    projects: Iterable[Project],
    open_steps: Mapping[str, Sequence[Step]],
    raised: Mapping[str, Sequence[Raised]],
    lamps: Lamps,
    now: datetime,
    calendar: WorkCalendar,
) -> list[Line]:
    """A line for every open step with an open rung, worst first. `open_steps`: by project id; `raised`: by step id."""
    found = [
        Line(project, lamps.lit(step), _highest_first(rungs), ahead(step, rungs, now, calendar))
        for project in projects
        for step in open_steps.get(project.project_id, ())
        if (rungs := raised.get(step.state.step_id))
    ]
    return sorted(found, key=lambda line: line.order)


def ahead(step: Step, rungs: Sequence[Raised], now: datetime, calendar: WorkCalendar) -> Ahead:
    """What the ladder brings on a step if nobody moves."""
    state = step.state
    if state.status not in _RUNNING:
        return Ahead(Comes.CLOCK_STOPPED)
    if state.next_rung is None or state.next_rung_at is None:
        return Ahead(_why_nothing(step, rungs))
    days = calendar.working_days_between(shanghai_day(now), shanghai_day(state.next_rung_at))
    comes = Comes.RISES if state.next_rung_at > now else Comes.ANY_MINUTE
    return Ahead(comes, state.next_rung, state.next_rung_at, days)


def _why_nothing(step: Step, rungs: Sequence[Raised]) -> Comes:
    highest = max((HEIGHT[one.rung] for one in rungs), default=-1)
    if highest >= HEIGHT[Rung.TOP]:
        return Comes.AT_THE_TOP
    return Comes.NOTHING_MORE if step.state.tracked or highest < HEIGHT[Rung.RED] else Comes.NOT_TRACKED


def _highest_first(rungs: Sequence[Raised]) -> tuple[Raised, ...]:
    return tuple(sorted(rungs, key=lambda one: (-HEIGHT[one.rung], one.raised_at, one.escalation_id)))
