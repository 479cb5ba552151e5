"""What the office knows of a project and its steps, as values that the pure parts reckon with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sikua_contracts.scheduler import Proof, StepState
from sikua_contracts.words import CrossingKind, Light, Owner, ProjectStatus, Rung, StepCode, StepStatus
from sikua_rules.due import overdue_working_days
from sikua_rules.lights import light, working_days_left
from sikua_rules.working_days import WorkCalendar

STEP_ORDER = {code: place for place, code in enumerate(StepCode)}
OPEN_STATUSES = frozenset({StepStatus.ARMED, StepStatus.STARTED, StepStatus.BLOCKED, StepStatus.PAUSED})
WORST_FIRST = (Light.RED, Light.YELLOW, Light.BLUE, Light.GREEN, Light.GREY)
_BADNESS = {colour: place for place, colour in enumerate(WORST_FIRST)}
_FAR = 10**6


@dataclass(frozen=True, slots=True)
class Project:
    """A project without its fields. `started`: construction had begun when it was registered, so it has no plan."""

    project_id: str
    name: str
    status: ProjectStatus
    divisions: tuple[str, ...] = ()
    zone: str | None = None
    chain: str | None = None
    origins: tuple[str, ...] = ()
    crossings: tuple[CrossingKind, ...] = ()
    stage: StepCode | None = None
    historic: bool = False
    started: bool = False
    tracked: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step as its last event told. `waiting_for`: whom its block waits for; `reason`: of its pause or its skipping."""

    state: StepState
    waiting_for: Owner | None = None
    reason: str | None = None
    proof: Proof | None = None
    late_working_days: int = 0
    historic: bool = False
    rung: Rung | None = None
    accepted: bool = False

    @property
    def open(self) -> bool:
        """Whether it is somebody's turn."""
        return self.state.status in OPEN_STATUSES

    @property
    def turn(self) -> Owner:
        """Whose turn it is: whom the block waits for, else the owner."""
        return self.waiting_for or self.state.owner


@dataclass(frozen=True, slots=True)
class Lit:
    """A step with its light at a moment. `left` counts working days to the due day; negative when overdue, None without."""

    step: Step
    light: Light
    left: int | None

    @property
    def overdue(self) -> int:
        """Working days over the due day, 0 when in time."""
        return max(0, -(self.left or 0))

    @property
    def badness(self) -> tuple[int, int, int, int, str]:
        """Orders steps worst first: colour, most overdue, blocked, nearest to due, then a fixed order."""
        left = _FAR if self.left is None else self.left
        blocked = 0 if self.step.state.status is StepStatus.BLOCKED else 1
        return _BADNESS[self.light], min(left, 0), blocked, left, self.step.state.step_id


class Lamps:
    """Lights of many steps at one moment under one calendar; days are counted once for each due moment, steps lit once."""

    def __init__(self, now: datetime, calendar: WorkCalendar) -> None:
        self._now = now
        self._calendar = calendar
        self._known: dict[tuple[StepStatus, datetime | None], tuple[Light, int | None]] = {}
        self._lit: dict[str, Lit] = {}

    def lit(self, step: Step) -> Lit:
        """The step with its light; a step that is complete, waiting or at rest has no days left."""
        found = self._lit.get(step.state.step_id)
        if found is None or found.step is not step:
            found = self._lit[step.state.step_id] = Lit(step, *self._reckoned(step.state.status, step.state.due_at))
        return found

    def worst(self, steps: Sequence[Step]) -> Lit:
        """The worst of these steps (at least one) with its light."""
        if len(steps) == 1:
            return self.lit(steps[0])
        return min((self.lit(step) for step in steps), key=lambda lit: lit.badness)

    def _reckoned(self, status: StepStatus, due_at: datetime | None) -> tuple[Light, int | None]:
        known = self._known.get((status, due_at))
        if known is None:
            colour = Light(light(status.value, due_at, self._now, self._calendar))
            runs = due_at is not None and status in OPEN_STATUSES and status is not StepStatus.PAUSED
            left = working_days_left(due_at, self._now, self._calendar) if due_at is not None and runs else None
            known = self._known[status, due_at] = colour, left
        return known

    def overdue(self, due_at: datetime, at: datetime | None = None) -> int:
        """Working days over the due day at a moment, by default this one."""
        return overdue_working_days(due_at, at or self._now, self._calendar)


def project_of_row(row: Any, tracked: bool = False) -> Project:
    """A project from its card's row."""
    return Project(
        project_id=row["project_id"],
        name=row["name"],
        status=ProjectStatus(row["status"]),
        divisions=tuple(row["divisions"]),
        zone=row["zone"],
        chain=row["chain"],
        origins=tuple(row["origins"]),
        crossings=tuple(CrossingKind(kind) for kind in row["crossings"]),
        stage=StepCode(row["stage"]) if row["stage"] else None,
        historic=row["historic"],
        started=bool(row["started"]),
        tracked=tracked,
        reason=row["reason"],
    )


def step_of_row(row: Any, rung: Rung | None = None, accepted: bool = False) -> Step:
    """A step from its card's row."""
    return Step(
        state=StepState.model_validate(row["state"]),
        waiting_for=Owner.model_validate(row["waiting_for"]) if row["waiting_for"] else None,
        reason=row["reason"],
        proof=Proof.model_validate(row["proof"]) if row["proof"] else None,
        late_working_days=row["late_working_days"] or 0,
        historic=bool(row["historic"]),
        rung=rung,
        accepted=accepted,
    )
