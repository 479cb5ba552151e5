"""The course of one project: its plan, steps, pauses, escalations and track together, and what changes on it.

Whatever changes a course says what it caused and notes what must be written; nothing here reads a clock or a database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sikua_contracts.envelope import Said
from sikua_contracts.registry import Record
from sikua_contracts.scheduler import EscalationResolved, StepRescheduled
from sikua_contracts.words import CrossingKind, Rung, TrackReason
from sikua_rules.due import overdue_working_days
from sikua_rules.working_days import WorkCalendar

from sikua_scheduler.due import due_of
from sikua_scheduler.ladder import BLOCK, BY_CLOCK, Climb, LadderPolicy, Reached, clock_moment, next_rung
from sikua_scheduler.plan import PlanTemplate
from sikua_scheduler.step import Escalation, Pause, Step

SCHEDULER = "scheduler"


class PlanStatus(StrEnum):
    """Whether a plan is being worked on."""

    OPEN = "OPEN"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"
    FINISHED = "FINISHED"


@dataclass(frozen=True)
class Plan:
    """One project's plan: the version it is pinned to, its lane, and whether its notices are held back (`quiet`)."""

    project_id: str
    version: str
    status: PlanStatus
    fast_lane: bool
    quiet: bool
    created_at: datetime
    fast_lane_reason: str | None = None
    released_at: datetime | None = None
    released_by: str | None = None


@dataclass(frozen=True)
class Track:
    """A project under the command office's scheduling, and all reasons found so far."""

    track_id: str
    project_id: str
    project_name: str
    reasons: tuple[TrackReason, ...]
    opened_at: datetime
    opened_by: str
    order_reason: str | None = None
    document: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    close_reason: str | None = None

    @property
    def open(self) -> bool:
        """Under scheduling now."""
        return self.closed_at is None


@dataclass(frozen=True)
class Rescheduling:
    """A line of the journal of due moments that moved by themselves."""

    step_id: str
    project_id: str
    at: datetime
    due_before: datetime | None
    due_after: datetime | None
    calendar_version: int
    reason: str


@dataclass(frozen=True)
class Setting:
    """What is the same for every project in one unit of work: policies, calendar, now, and where ids come from."""

    template: PlanTemplate
    ladder: LadderPolicy
    calendar: WorkCalendar
    now: datetime
    new_id: Callable[[], str]


@dataclass
class Course:
    """One project, loaded under its plan's lock."""

    setting: Setting
    plan: Plan
    record: Record
    steps: dict[str, Step]
    pauses: list[Pause] = field(default_factory=list)
    escalations: list[Escalation] = field(default_factory=list)
    track: Track | None = None
    said: list[Said] = field(default_factory=list)
    journal: list[Rescheduling] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    touched_pauses: set[str] = field(default_factory=set)
    touched_escalations: set[str] = field(default_factory=set)
    plan_before: Plan | None = None
    track_before: Track | None = None

    @property
    def now(self) -> datetime:
        """Business time of this unit of work."""
        return self.setting.now

    @property
    def divisions(self) -> list[str]:
        """Divisions that see the project; the city where the record names none."""
        return self.record.divisions or [self.setting.template.city]

    @property
    def tracked(self) -> bool:
        """Whether rungs above red are climbed."""
        return self.track is not None and self.track.open

    @property
    def crosses(self) -> bool:
        """四跨 in any of its kinds."""
        return bool(self.record.crossings)

    @property
    def crosses_district(self) -> bool:
        """Whether more than one district takes part."""
        return any(crossing.kind is CrossingKind.DISTRICT for crossing in self.record.crossings)

    def say(self, said: Said) -> None:
        """Note what happened, to be published with the change."""
        self.said.append(said)

    def items(self, step: Step) -> list[Step]:
        """The items of a step; none for an item or a step without."""
        if step.item is not None:
            return []
        return [one for one in self.steps.values() if one.code is step.code and one.item is not None]

    def parent(self, step: Step) -> Step | None:
        """The step an item belongs to."""
        return self.steps[step.code] if step.item is not None else None

    def pauses_of(self, step: Step) -> list[Pause]:
        """Times in which the step's clock stood still, oldest first."""
        return [pause for pause in self.pauses if pause.step_id == step.step_id]

    def raised(self, step: Step) -> dict[Rung, Escalation]:
        """Rungs of the step's present cycle, resolved ones too."""
        return {
            one.rung: one
            for one in self.escalations
            if one.step_id == step.step_id and one.cycle == cycle_of(step, one.rung)
        }

    def put(self, step: Step, **changes: Any) -> Step:
        """Change a step and derive anew what is stored as index: due moment, next rung."""
        settled = self._settled(replace(step, **changes))
        self.steps[settled.key] = settled
        self.touched.add(settled.key)
        return settled

    def put_pause(self, pause: Pause) -> None:
        """Add a pause, or put it in place of the one with its id."""
        _put(self.pauses, pause, lambda one: one.pause_id)
        self.touched_pauses.add(pause.pause_id)

    def put_escalation(self, escalation: Escalation) -> None:
        """Add an escalation, or put it in place of the one with its id."""
        _put(self.escalations, escalation, lambda one: one.escalation_id)
        self.touched_escalations.add(escalation.escalation_id)

    def overdue(self, step: Step) -> int:
        """Working days since the due day; 0 in time."""
        return overdue_working_days(step.due_at, self.now, self.setting.calendar) if step.due_at else 0

    def resolve(self, escalation: Escalation, resolution: str, by: str) -> Escalation:
        """Put an escalation right and say so."""
        resolved = replace(escalation, resolved_at=self.now, resolution=resolution, resolved_by=by)
        self.put_escalation(resolved)
        step = next(one for one in self.steps.values() if one.step_id == escalation.step_id)
        self.say(
            EscalationResolved(
                escalation_id=escalation.escalation_id,
                rung=escalation.rung,
                step=step.state(),
                resolution=resolution,
                by=by,
            )
        )
        return resolved

    def resolve_all(self, step: Step, resolution: str, by: str = SCHEDULER) -> None:
        """Put right everything that is open on a step."""
        for one in list(self.escalations):
            if one.step_id == step.step_id and one.open:
                self.resolve(one, resolution, by)

    def move_due(self, step: Step, reason: str, *, announce: bool = True, **changes: Any) -> Step:
        """Change what the due moment follows from; take back rungs that a later due moment no longer justifies.

        `announce` says StepRescheduled and journals it; acts that have an event of their own don't.
        """
        before = step
        settled = self.put(step, **changes)
        if announce and (settled.due_at != before.due_at or settled.due_provisional != before.due_provisional):
            self.say(StepRescheduled(step=settled.state(), due_before=before.due_at, reason=reason))
            line = Rescheduling(
                settled.step_id,
                settled.project_id,
                self.now,
                before.due_at,
                settled.due_at,
                self.setting.calendar.version,
                reason,
            )
            self.journal.append(line)
        return self._take_back(settled, reason)

    def _take_back(self, step: Step, reason: str) -> Step:
        due_at, policy = step.due_at, self.policy_of(step)
        if due_at is None or policy is None or not step.is_running:
            return step
        raised = self.raised(step)
        templates = [policy.template(rung) for rung in raised if rung in BY_CLOCK]
        early = [one for one in templates if one and clock_moment(one, due_at, self.setting.calendar) > self.now]
        if not early:
            return step
        changes: dict[str, int] = {"cycle": step.cycle + 1}
        coordinated = raised.get(Rung.COORDINATE)
        if coordinated is not None and coordinated.forced is None:
            changes["coordination"] = step.coordination + 1
        for rung, one in raised.items():
            if one.open and (rung in BY_CLOCK or "coordination" in changes):
                self.resolve(one, reason, SCHEDULER)
        return self.put(step, **changes)

    def policy_of(self, step: Step) -> LadderPolicy | None:
        """The ladder frozen on the step when it was armed."""
        return LadderPolicy.model_validate(step.policy) if step.policy else None

    def reached(self, step: Step) -> Reached | None:
        """The step's next rung and its moment."""
        policy = self.policy_of(step)
        if policy is None or self.plan.status is not PlanStatus.OPEN:
            return None
        climb = Climb(step, self.raised(step), self.pauses_of(step), self.crosses)
        return next_rung(policy, climb, self.setting.calendar)

    def _settled(self, step: Step) -> Step:
        if not step.is_open:
            return replace(step, next_rung=None, next_rung_at=None)
        due = due_of(step, self.pauses, self.setting.calendar)
        settled = replace(
            step, due_at=due.at, due_provisional=due.provisional, calendar_version=self.setting.calendar.version
        )
        coming = self.reached(settled)
        return replace(settled, next_rung=coming.rung if coming else None, next_rung_at=coming.at if coming else None)


def cycle_of(step: Step, rung: Rung) -> int:
    """The counter that an escalation of this rung belongs to: of the clock, or of coordination."""
    return step.cycle if rung in BY_CLOCK else step.coordination


def brought_by_block(escalation: Escalation | None) -> bool:
    """Whether a block, not the clock, called for coordination."""
    return escalation is not None and escalation.forced == BLOCK


def _put(known: list[Any], one: Any, id_of: Callable[[Any], str]) -> None:
    for index, other in enumerate(known):
        if id_of(other) == id_of(one):
            known[index] = one
            return
    known.append(one)
