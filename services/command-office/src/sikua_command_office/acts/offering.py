"""Which acts somebody is offered: those that their role may do and that the state of things allows.

An offer is a courtesy: the owner service decides, with the same rules (scheduler: permission and transitions; registry:
life).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from sikua_contracts.words import ProjectStatus, Rung, StepStatus

from sikua_command_office.acts.acts import ACTS, Act
from sikua_command_office.projects.views import ProjectView
from sikua_command_office.views import OwnerView, StepView
from sikua_command_office.visibility import sees, visible_to

COMMAND_OFFICE: Final = "command_office"
DEPARTMENT: Final = "department_owner"
LIVE: Final = frozenset({ProjectStatus.ACTIVE, ProjectStatus.SUSPENDED})
HIGHER: Final = (Rung.COORDINATE, Rung.TOP)
"""Rungs that one may push to by order, besides the clock."""

_ORDER: Final = tuple(Rung)
_BY_STATUS: Final[dict[StepStatus, tuple[str, ...]]] = {
    StepStatus.ARMED: ("start", "complete", "block", "pause", "extend", "reassign"),
    StepStatus.STARTED: ("complete", "block", "pause", "extend", "reassign"),
    StepStatus.BLOCKED: ("unblock", "complete", "pause", "extend", "reassign"),
    StepStatus.PAUSED: ("resume", "complete", "reassign"),
    StepStatus.NOT_STARTED: ("reassign",),
    StepStatus.COMPLETED: ("reopen",),
    StepStatus.SKIPPED: ("reopen",),
}
_REPORTS: Final = frozenset({"block", "unblock"})


class Person(Protocol):
    """What an officer shows of themselves."""

    @property
    def unit(self) -> str:
        """Role of the unit."""
        ...

    @property
    def roles(self) -> frozenset[str]:
        """Roles of the token."""
        ...

    @property
    def sees_all(self) -> bool:
        """Whether every division is seen."""
        ...

    @property
    def divisions_seen(self) -> frozenset[str]:
        """Divisions seen otherwise."""
        ...

    def may(self, *scopes: str) -> bool:
        """Whether all these scopes are held."""
        ...


class Escalated(Protocol):
    """What an escalation shows of itself, wherever it stands."""

    @property
    def escalation_id(self) -> str:
        """Its id."""
        ...

    @property
    def rung(self) -> Rung:
        """How high."""
        ...

    @property
    def acknowledged_at(self) -> datetime | None:
        """When somebody accepted it."""
        ...

    @property
    def resolved_at(self) -> datetime | None:
        """When it was over."""
        ...


@dataclass(frozen=True)
class Offer:
    """An act that somebody may do to a subject. `rungs`: to where an escalation may be pushed; `unit`: of a limit."""

    act: Act
    subject: str
    of: str = ""
    rungs: tuple[Rung, ...] = ()
    unit: str = ""
    divisions: tuple[str, ...] = ()


def of_project(person: Person, project: ProjectView) -> dict[str, list[Offer]]:
    """All that the person is offered about a project, by the id of the step, escalation, track or project."""
    offers: list[Offer] = list(on_project(person, project))
    if project.status is ProjectStatus.ACTIVE:
        opened = {step.step_id for step in project.plan if step.status in _OPEN}
        for step in project.plan:
            offers += on_step(person, step, project.divisions)
        for one in project.escalations:
            raised = (other for other in project.escalations if other.step_id == one.step_id)
            offers += on_escalation(person, one, raised, step_open=one.step_id in opened)
    found: dict[str, list[Offer]] = {}
    for offer in offers:
        found.setdefault(offer.subject, []).append(offer)
    return found


def on_project(person: Person, project: ProjectView) -> Iterator[Offer]:
    """Acts on the project as a whole."""
    if project.status in LIVE:
        opened = [track for track in project.tracks if track.open]
        if project.status is ProjectStatus.ACTIVE and not opened and project.plan:
            yield from _allowed(person, Offer(ACTS["track"], project.project_id))
        for track in opened:
            yield from _allowed(person, Offer(ACTS["untrack"], track.track_id))
        yield from _allowed(person, Offer(ACTS["close"], project.project_id))


def on_step(person: Person, step: StepView, divisions: Sequence[str]) -> Iterator[Offer]:
    """Acts on a step of a project with these divisions."""
    if step.step_id is None:
        return
    holds = COMMAND_OFFICE in person.roles or _holds(person, step.owner)
    for word in _BY_STATUS[step.status]:
        if word == "extend" and step.extensions:
            continue
        if holds or (word in _REPORTS and _reports(person, step)):
            unit = step.limit_unit.value if step.limit_unit else ""
            of = f"{step.name_zh} {step.name_en}"
            yield from _allowed(person, Offer(ACTS[word], step.step_id, of, unit=unit, divisions=tuple(divisions)))


def on_escalation(person: Person, one: Escalated, raised: Iterable[Escalated], *, step_open: bool) -> Iterator[Offer]:
    """Acts on an escalation; `raised` are all of its step."""
    if one.resolved_at is not None:
        return
    if one.acknowledged_at is None:
        yield from _allowed(person, Offer(ACTS["acknowledge"], one.escalation_id))
    there = {other.rung for other in raised if other.resolved_at is None}
    rungs = tuple(rung for rung in HIGHER if _ORDER.index(rung) > _ORDER.index(one.rung) and rung not in there)
    if step_open and rungs:
        yield from _allowed(person, Offer(ACTS["raise"], one.escalation_id, rungs=rungs[::-1]))
    yield from _allowed(person, Offer(ACTS["resolve"], one.escalation_id))


_OPEN: Final = frozenset({StepStatus.ARMED, StepStatus.STARTED, StepStatus.BLOCKED, StepStatus.PAUSED})


def _allowed(person: Person, offer: Offer) -> Iterator[Offer]:
    if person.may(offer.act.scope):
        yield offer


def _holds(person: Person, owner: OwnerView | None) -> bool:
    if owner is None or (DEPARTMENT in person.roles and person.unit != owner.role):
        return False
    return sees(visible_to(person.sees_all, person.divisions_seen), [owner.division])


def _reports(person: Person, step: StepView) -> bool:
    """Districts that see a project may report what holds it up; so may who is consulted, and whom a block waits for."""
    waited_for = [step.waiting_for] if step.waiting_for else []
    return DEPARTMENT not in person.roles or any(person.unit == one.role for one in (*step.consulted, *waited_for))
