"""What the scheduler says: tracks, steps, escalations, calendars. Subject: the project's id, or `calendar:<year>`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sikua_rules.limits import LimitUnit

from sikua_contracts.envelope import Level, Said
from sikua_contracts.topics import STEPS
from sikua_contracts.words import Owner, Rung, StepCode, StepStatus, TrackReason


class StepState(BaseModel):
    """A step as it stands after the event. `item` names a part inside one of the nine (QUOTA.ENERGY → "ENERGY").

    `next_rung` is the rung that the ladder brings if nobody moves, `next_rung_at` its moment (business time); null when
    nothing more comes by itself. `next_rung_at` may be past: the rung is then about to be raised. `consulted` are the
    departments that are asked for their opinion; they own nothing, and may say what holds the step up.
    """

    model_config = ConfigDict(frozen=True)

    step_id: str
    project_id: str
    project_name: str
    code: StepCode
    item: str | None = None
    name_zh: str
    name_en: str
    owner: Owner
    status: StepStatus
    limit_amount: int
    limit_unit: LimitUnit
    armed_at: AwareDatetime | None = None
    started_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
    due_provisional: bool = False
    completed_at: AwareDatetime | None = None
    blocked_reason: str | None = None
    tracked: bool = False
    next_rung: Rung | None = None
    next_rung_at: AwareDatetime | None = None
    consulted: list[Owner] = Field(default_factory=list)


class Proof(BaseModel):
    """What completes a step: a fact of the record, or an officer's document. Exactly one of the two."""

    model_config = ConfigDict(frozen=True)

    fact_id: str | None = None
    field: str | None = None
    document: str | None = None
    stated_by: str


class _OfTrack(Said):
    """`steps`: the open steps as they stand on or off the track, since it changes what their ladder brings next."""

    topic: ClassVar[str] = STEPS

    track_id: str
    project_id: str
    project_name: str
    steps: list[StepState] = Field(default_factory=list)

    def subject(self) -> str:
        return self.project_id


class TrackOpened(_OfTrack):
    """The project came under the command office's scheduling, or a further reason was found.

    `quiet`: its plan has not been released yet, so nobody is told (a first import must not wake a whole city).
    """

    type: ClassVar[str] = "cn.sikua.track.opened.v1"

    reasons: list[TrackReason]
    opened_by: str
    quiet: bool = False


class TrackClosed(_OfTrack):
    """The project left the command office's scheduling."""

    type: ClassVar[str] = "cn.sikua.track.closed.v1"

    reason: str
    closed_by: str


class _OfStep(Said):
    topic: ClassVar[str] = STEPS

    step: StepState

    def subject(self) -> str:
        return self.step.project_id


class StepArmed(_OfStep):
    """The step's clock runs, because its predecessors are complete. `historic` came armed by an import: no notices."""

    type: ClassVar[str] = "cn.sikua.step.armed.v1"

    historic: bool = False


class StepStarted(_OfStep):
    """The owner has taken the step up."""

    type: ClassVar[str] = "cn.sikua.step.started.v1"

    by: str


class StepCompleted(_OfStep):
    """The step is complete, proven by a fact or a document. `overdue_working_days` is 0 when it was in time."""

    type: ClassVar[str] = "cn.sikua.step.completed.v1"

    proof: Proof
    overdue_working_days: int = 0


class StepReopened(_OfStep):
    """A complete step is open again; steps armed because of it wait again."""

    type: ClassVar[str] = "cn.sikua.step.reopened.v1"

    reason: str
    by: str


class StepSkipped(_OfStep):
    """The step does not apply to this project."""

    type: ClassVar[str] = "cn.sikua.step.skipped.v1"

    reason: str
    by: str


class StepBlocked(_OfStep):
    """Something holds the step up (堵点): the clock runs on, the reason is on the board."""

    type: ClassVar[str] = "cn.sikua.step.blocked.v1"

    reason: str
    waiting_for: Owner | None = None
    by: str


class StepUnblocked(_OfStep):
    """What held the step up is gone."""

    type: ClassVar[str] = "cn.sikua.step.unblocked.v1"

    resolution: str
    by: str


class StepPaused(_OfStep):
    """The step's clock stands still, with a reason and a document."""

    type: ClassVar[str] = "cn.sikua.step.paused.v1"

    reason: str
    document: str
    by: str


class StepResumed(_OfStep):
    """The step's clock runs again, with a document."""

    type: ClassVar[str] = "cn.sikua.step.resumed.v1"

    document: str
    by: str


class StepExtended(_OfStep):
    """The step got its one extension, with its approver."""

    type: ClassVar[str] = "cn.sikua.step.extended.v1"

    extension_amount: int
    reason: str
    approved_by: str


class StepRescheduled(_OfStep):
    """The due moment moved by itself: another calendar version, another limit class."""

    type: ClassVar[str] = "cn.sikua.step.rescheduled.v1"

    due_before: AwareDatetime | None
    reason: str


class StepReassigned(_OfStep):
    """The step has another owner."""

    type: ClassVar[str] = "cn.sikua.step.reassigned.v1"

    owner_before: Owner
    reason: str
    by: str


class _OfEscalation(Said):
    topic: ClassVar[str] = STEPS

    escalation_id: str
    rung: Rung
    step: StepState

    def subject(self) -> str:
        return self.step.project_id


class EscalationRaised(_OfEscalation):
    """A rung of the ladder was reached. `recipients` are roles × divisions; the notifier knows the people."""

    type: ClassVar[str] = "cn.sikua.escalation.raised.v1"

    recipients: list[Owner]
    reason: str
    overdue_working_days: int
    quiet: bool = False


class EscalationAcknowledged(_OfEscalation):
    """Somebody accepted the escalation: its next rung waits until `waits_until`."""

    type: ClassVar[str] = "cn.sikua.escalation.acknowledged.v1"

    by: str
    waits_until: AwareDatetime | None = None


class EscalationResolved(_OfEscalation):
    """The escalation is over: the step is complete, or was put right."""

    type: ClassVar[str] = "cn.sikua.escalation.resolved.v1"

    resolution: str
    by: str


class CalendarPublished(Said):
    """The working days of a year are known (or corrected). Provisional due dates are computed anew."""

    type: ClassVar[str] = "cn.sikua.calendar.published.v1"
    topic: ClassVar[str] = STEPS
    level: ClassVar[Level] = Level.L1

    year: int
    version: int
    off: list[str]
    work: list[str]
    papers: list[str]

    def subject(self) -> str:
        return f"calendar:{self.year}"
