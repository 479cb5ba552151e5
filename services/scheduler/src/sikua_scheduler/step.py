"""A step as the scheduler knows it: whose turn, under which limit, since when, and what was raised on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sikua_contracts.scheduler import StepState
from sikua_contracts.words import Owner, Rung, StepCode, StepStatus
from sikua_rules.due import Pause as Standstill
from sikua_rules.limits import Limit

from sikua_scheduler.transitions import OPEN, RUNNING


@dataclass(frozen=True)
class Block:
    """What holds a step up (堵点): since when, why, for whom it waits, and the state to return to."""

    since: datetime
    reason: str
    waiting_for: Owner | None
    before: StepStatus


@dataclass(frozen=True)
class Pause:
    """A time in which the clock stood still. `of_project`: all clocks of the project stopped with it."""

    pause_id: str
    step_id: str
    since: datetime
    until: datetime | None
    reason: str
    document: str
    of_project: bool
    by: str
    resumed_document: str | None = None
    resumed_by: str | None = None

    @property
    def standstill(self) -> Standstill:
        """The interval as the rules count it."""
        return self.since, self.until


@dataclass(frozen=True)
class Extension:
    """The one extension: so many units more, why, and who approved it."""

    amount: int
    reason: str
    approved_by: str
    at: datetime


@dataclass(frozen=True)
class Escalation:
    """A rung that was reached. `forced`: by a block or by order, not by the clock. Open until resolved."""

    escalation_id: str
    step_id: str
    project_id: str
    rung: Rung
    cycle: int
    raised_at: datetime
    reason: str
    recipients: tuple[Owner, ...]
    overdue_working_days: int
    quiet: bool
    forced: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    waits_until: datetime | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None
    resolved_by: str | None = None

    @property
    def open(self) -> bool:
        """Not resolved yet; an acknowledged escalation is still open."""
        return self.resolved_at is None


@dataclass(frozen=True)
class Step:
    """One of the nine steps, or an item inside one. `due_at` is an index of what the rules derive, never the truth.

    `cycle` counts how often the step's clock began; `coordination` how often coordination was put right within it. Both
    name the escalations that belong to the present turn. `refuted` are facts that a reopening set aside: they never
    complete the step again.
    """

    step_id: str
    project_id: str
    project_name: str
    ordinal: int
    code: StepCode
    item: str | None
    name_zh: str
    name_en: str
    owner: Owner
    consulted: tuple[Owner, ...]
    status: StepStatus
    limit: Limit
    cycle: int = 0
    coordination: int = 0
    historic: bool = False
    armed_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    due_at: datetime | None = None
    due_provisional: bool = False
    calendar_version: int = 0
    before_pause: StepStatus | None = None
    block: Block | None = None
    extension: Extension | None = None
    policy: dict[str, Any] | None = None
    proof: dict[str, Any] | None = None
    refuted: tuple[str, ...] = ()
    next_rung: Rung | None = None
    next_rung_at: datetime | None = None
    tracked: bool = False

    @property
    def key(self) -> str:
        """`QUOTA`, or `QUOTA.ENERGY` for an item: the name under which the plan's template knows it."""
        return self.code if self.item is None else f"{self.code}.{self.item}"

    @property
    def is_open(self) -> bool:
        """Somebody's turn."""
        return self.status in OPEN

    @property
    def is_running(self) -> bool:
        """Its clock runs."""
        return self.status in RUNNING

    def state(self) -> StepState:
        """The step as events carry it."""
        return StepState.model_construct(
            step_id=self.step_id,
            project_id=self.project_id,
            project_name=self.project_name,
            code=self.code,
            item=self.item,
            name_zh=self.name_zh,
            name_en=self.name_en,
            owner=self.owner,
            status=self.status,
            limit_amount=self.limit.amount,
            limit_unit=self.limit.unit,
            armed_at=self.armed_at,
            started_at=self.started_at,
            due_at=self.due_at,
            due_provisional=self.due_provisional,
            completed_at=self.completed_at,
            blocked_reason=self.block.reason if self.block else None,
            tracked=self.tracked,
            next_rung=self.next_rung,
            next_rung_at=self.next_rung_at,
            consulted=list(self.consulted),
        )
