"""What people have heard, folded from the command office's feed: in one go or in parts, it gives the same world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sikua_contracts import notifier, registry, scheduler
from sikua_contracts.scheduler import StepState
from sikua_contracts.words import Owner, Rung, StepStatus
from sikua_rules.business_time import SHANGHAI


@dataclass
class KnownStep:
    """A step as people know it: its state, and on which day each thing last happened to it."""

    state: StepState
    historic: bool = False
    days: dict[str, date] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """`QUOTA` or `QUOTA.ENERGY`."""
        return self.state.code if self.state.item is None else f"{self.state.code}.{self.state.item}"

    @property
    def name(self) -> tuple[str, str]:
        """Stable between runs: the project's name and the step's key."""
        return self.state.project_name, self.key

    @property
    def is_open(self) -> bool:
        return self.state.status in {StepStatus.ARMED, StepStatus.STARTED, StepStatus.BLOCKED, StepStatus.PAUSED}


@dataclass
class KnownEscalation:
    """A rung that was reached loudly, until it is resolved."""

    escalation_id: str
    step_id: str
    rung: Rung
    raised_on: date
    acknowledged: bool = False
    resolved: bool = False


@dataclass
class KnownNotice:
    """A notice that a person got."""

    notice_id: str
    owner: Owner
    recipient: str
    step_id: str | None
    sent_on: date
    acknowledged: bool = False


@dataclass
class World:
    """Everything heard so far. `heard` is the number of the last feed entry folded in."""

    heard: int = 0
    steps: dict[str, KnownStep] = field(default_factory=dict)
    escalations: dict[str, KnownEscalation] = field(default_factory=dict)
    notices: dict[str, KnownNotice] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    tracked: set[str] = field(default_factory=set)
    planned: set[str] = field(default_factory=set)

    def hear(self, number: int, type_: str, time: datetime, data: Mapping[str, Any]) -> None:
        """Fold in one feed entry."""
        self.heard = number
        day = time.astimezone(SHANGHAI).date()
        if type_ in _STEP_WORDS:
            self._step(_STEP_WORDS[type_], day, data)
        elif type_ == scheduler.EscalationRaised.type:
            self._raised(day, scheduler.EscalationRaised.model_validate(data))
        elif type_ in {scheduler.EscalationAcknowledged.type, scheduler.EscalationResolved.type}:
            self._answered(type_, data)
        elif type_ == notifier.NoticeSent.type:
            self._sent(day, notifier.NoticeSent.model_validate(data))
        elif type_ == notifier.NoticeAcknowledged.type:
            notice = self.notices.get(str(data["notice_id"]))
            if notice is not None:
                notice.acknowledged = True
        elif type_ == scheduler.TrackOpened.type:
            self.tracked.add(str(data["project_id"]))
        elif type_ == registry.ProjectRegistered.type:
            problem = data["record"]["fields"].get("problem")
            if problem and problem["value"]:
                self.problems[str(data["record"]["project_id"])] = str(problem["value"])

    def _step(self, word: str, day: date, data: Mapping[str, Any]) -> None:
        state = StepState.model_validate(data["step"])
        known = self.steps.setdefault(state.step_id, KnownStep(state))
        known.state = state
        self.planned.add(state.project_id)
        if word == "armed":
            # A clock that begins anew: what happened in an earlier turn does not count in this one.
            known.days.clear()
            known.historic = bool(data.get("historic"))
        known.days[word] = day

    def _raised(self, day: date, said: scheduler.EscalationRaised) -> None:
        known = self.steps.get(said.step.step_id)
        if known is not None:
            known.days[f"rung:{said.rung}"] = day
        if not said.quiet:
            self.escalations[said.escalation_id] = KnownEscalation(
                said.escalation_id, said.step.step_id, said.rung, day
            )

    def _answered(self, type_: str, data: Mapping[str, Any]) -> None:
        escalation = self.escalations.get(str(data["escalation_id"]))
        if escalation is None:
            return
        if type_ == scheduler.EscalationAcknowledged.type:
            escalation.acknowledged = True
        else:
            escalation.resolved = True

    def _sent(self, day: date, said: notifier.NoticeSent) -> None:
        self.notices[said.notice_id] = KnownNotice(said.notice_id, said.owner, said.recipient, said.step_id, day)


_STEP_WORDS = {
    said.type: said.type.split(".")[3]
    for said in (
        scheduler.StepArmed,
        scheduler.StepStarted,
        scheduler.StepCompleted,
        scheduler.StepReopened,
        scheduler.StepSkipped,
        scheduler.StepBlocked,
        scheduler.StepUnblocked,
        scheduler.StepPaused,
        scheduler.StepResumed,
        scheduler.StepExtended,
        scheduler.StepRescheduled,
        scheduler.StepReassigned,
    )
}
