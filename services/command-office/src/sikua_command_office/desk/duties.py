"""What waits for somebody, worst first: steps whose turn is theirs, and escalations addressed to them that nobody accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sikua_contracts.words import Owner, ProjectStatus, Rung

from sikua_command_office.desk.seat import Seat
from sikua_command_office.projects.cards import Lamps, Lit, Project, Step

_HEIGHT = {rung: place for place, rung in enumerate(Rung)}


class Ask(StrEnum):
    """What is asked: accept an escalation, do the step, or (of those who do neither) look into it."""

    ACCEPT = "ACCEPT"
    DO = "DO"
    LOOK = "LOOK"


@dataclass(frozen=True)
class Raised:
    """An open escalation. `accepted_by` None: nobody has accepted it."""

    escalation_id: str
    step_id: str
    rung: Rung
    recipients: tuple[Owner, ...]
    raised_at: datetime | None
    accepted_by: str | None = None


@dataclass(frozen=True)
class Duty:
    """One open step that asks something of the one who looks.

    `pressing`: its open escalations that nobody has accepted, highest rung first.
    """

    project: Project
    lit: Lit
    asks: tuple[Ask, ...]
    pressing: tuple[Raised, ...]

    @property
    def order(self) -> tuple[object, ...]:
        """Worst first: the light and days, then the height of the ladder, then a fixed order."""
        height = max((_HEIGHT[one.rung] for one in self.pressing), default=-1)
        return (*self.lit.badness[:2], -height, *self.lit.badness[2:-1], self.project.name, self.lit.step.state.step_id)


def duties(
    seat: Seat,
    projects: Iterable[Project],
    steps: Mapping[str, Sequence[Step]],
    raised: Mapping[str, Sequence[Raised]],
    lamps: Lamps,
) -> list[Duty]:
    """What waits for this seat. `steps`: open ones by project id; `raised`: open escalations by step id.

    A suspended project asks nothing of anybody.
    """
    found = []
    for project in projects:
        if project.status is not ProjectStatus.ACTIVE:
            continue
        for step in steps.get(project.project_id, ()):
            pressing = _pressing(raised.get(step.state.step_id, ()))
            asks = tuple(_asked(seat, step, pressing))
            if asks:
                found.append(Duty(project, lamps.lit(step), asks, pressing))
    return sorted(found, key=lambda duty: duty.order)


def _asked(seat: Seat, step: Step, pressing: Sequence[Raised]) -> Iterable[Ask]:
    if seat.accepts and any(seat.among(one.recipients) for one in pressing):
        yield Ask.ACCEPT
    if seat.holds(step.turn):
        yield Ask.DO
    if not seat.owns and not seat.leads and any(_HEIGHT[one.rung] >= _HEIGHT[Rung.RED] for one in pressing):
        yield Ask.LOOK


def _pressing(raised: Sequence[Raised]) -> tuple[Raised, ...]:
    waiting = [one for one in raised if one.accepted_by is None]
    return tuple(sorted(waiting, key=lambda one: (-_HEIGHT[one.rung], one.escalation_id)))
