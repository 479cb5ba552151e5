"""Which act a step allows in which state: one total table; what it refuses, it refuses with a named reason in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sikua_contracts.words import StepStatus

from sikua_scheduler.refusals import RuleError


class Act(StrEnum):
    """What can be done to a step. ARM and DISARM are the plan's own, the rest are officers'."""

    ARM = "arm"
    DISARM = "disarm"
    START = "start"
    COMPLETE = "complete"
    REOPEN = "reopen"
    SKIP = "skip"
    BLOCK = "block"
    UNBLOCK = "unblock"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    REASSIGN = "reassign"


class Reason(StrEnum):
    """Why an act is refused: a closed list, part of the API."""

    NOT_ARMED = "not-armed"
    ALREADY_ARMED = "already-armed"
    ALREADY_STARTED = "already-started"
    ALREADY_COMPLETE = "already-complete"
    ALREADY_SKIPPED = "already-skipped"
    NOT_COMPLETE = "not-complete"
    BLOCKED = "blocked"
    ALREADY_BLOCKED = "already-blocked"
    NOT_BLOCKED = "not-blocked"
    PAUSED = "paused"
    NOT_PAUSED = "not-paused"
    ALREADY_EXTENDED = "already-extended"
    EXTENSION_TOO_LONG = "extension-too-long"
    ITEMS_OPEN = "items-open"
    REOPEN_AN_ITEM = "reopen-an-item"
    PREDECESSOR_OPEN = "predecessor-open"
    PROJECT_SUSPENDED = "project-suspended"
    PLAN_CLOSED = "plan-closed"
    SAME_OWNER = "same-owner"


WORDS: dict[Reason, tuple[str, str]] = {
    Reason.NOT_ARMED: (
        "前置环节未办结，本环节尚未开始计时",
        "its predecessors are open, so its clock does not run yet",
    ),
    Reason.ALREADY_ARMED: ("本环节已在计时", "the step's clock runs already"),
    Reason.ALREADY_STARTED: ("本环节已在办理", "the step has been taken up already"),
    Reason.ALREADY_COMPLETE: ("本环节已办结", "the step is complete"),
    Reason.ALREADY_SKIPPED: ("本环节已标为不适用", "the step was skipped as not applicable"),
    Reason.NOT_COMPLETE: ("本环节未办结，无需重开", "the step is not complete, so there is nothing to reopen"),
    Reason.BLOCKED: ("本环节受阻，请先解除堵点", "the step is blocked: clear the block first"),
    Reason.ALREADY_BLOCKED: ("本环节已登记堵点", "the step is blocked already"),
    Reason.NOT_BLOCKED: ("本环节没有堵点", "the step is not blocked"),
    Reason.PAUSED: ("本环节中止计时，请先恢复", "the step's clock stands still: resume it first"),
    Reason.NOT_PAUSED: ("本环节未中止计时", "the step's clock is not paused"),
    Reason.ALREADY_EXTENDED: ("本环节已延期一次，只能延期一次", "the step has had its one extension"),
    Reason.EXTENSION_TOO_LONG: ("延期超过允许的上限", "the extension is longer than allowed"),
    Reason.ITEMS_OPEN: (
        "分项未全部办结，本环节随分项办结",
        "items are open: the step ends with them",
    ),
    Reason.REOPEN_AN_ITEM: ("请重开具体分项", "reopen one of its items instead"),
    Reason.PREDECESSOR_OPEN: ("前置环节未办结，不能重开", "a predecessor is open, so the step cannot be reopened"),
    Reason.PROJECT_SUSPENDED: ("项目已暂停，全部计时中止", "the project is suspended: all its clocks stand still"),
    Reason.PLAN_CLOSED: ("项目已销号，计划已结束", "the project is closed and its plan has ended"),
    Reason.SAME_OWNER: ("责任单位没有变化", "that is the present owner already"),
}


@dataclass(frozen=True)
class Allowed:
    """The act may happen. `to` is the state after it; None: it stays, or (RESUME, UNBLOCK) the one before returns."""

    to: StepStatus | None


@dataclass(frozen=True)
class Refused:
    """The act may not happen, and why."""

    reason: Reason


Verdict = Allowed | Refused

_N, _A, _S = StepStatus.NOT_STARTED, StepStatus.ARMED, StepStatus.STARTED
_B, _P, _C, _K = StepStatus.BLOCKED, StepStatus.PAUSED, StepStatus.COMPLETED, StepStatus.SKIPPED

_STAYS = Allowed(None)
_ORDER = (_N, _A, _S, _B, _P, _C, _K)


def _row(*verdicts: Allowed | StepStatus | Reason) -> dict[StepStatus, Verdict]:
    row: dict[StepStatus, Verdict] = {}
    for status, verdict in zip(_ORDER, verdicts, strict=True):
        if isinstance(verdict, Reason):
            row[status] = Refused(verdict)
        else:
            row[status] = verdict if isinstance(verdict, Allowed) else Allowed(verdict)
    return row


_R = Reason
_OVER = (Reason.ALREADY_COMPLETE, Reason.ALREADY_SKIPPED)
_WAITS = Reason.NOT_ARMED

TABLE: dict[Act, dict[StepStatus, Verdict]] = {
    #               NOT_STARTED      ARMED             STARTED             BLOCKED             PAUSED      over
    Act.ARM: _row(_A, _R.ALREADY_ARMED, _R.ALREADY_STARTED, _R.BLOCKED, _R.PAUSED, *_OVER),
    Act.DISARM: _row(_WAITS, _N, _N, _N, _N, *_OVER),
    Act.START: _row(_WAITS, _S, _R.ALREADY_STARTED, _R.BLOCKED, _R.PAUSED, *_OVER),
    Act.COMPLETE: _row(_WAITS, _C, _C, _C, _C, *_OVER),
    Act.REOPEN: _row(*[_R.NOT_COMPLETE] * 5, _A, _A),
    Act.SKIP: _row(_K, _K, _K, _K, _K, *_OVER),
    Act.BLOCK: _row(_WAITS, _B, _B, _R.ALREADY_BLOCKED, _R.PAUSED, *_OVER),
    Act.UNBLOCK: _row(_WAITS, _R.NOT_BLOCKED, _R.NOT_BLOCKED, _STAYS, _R.PAUSED, *_OVER),
    Act.PAUSE: _row(_WAITS, _P, _P, _P, _R.PAUSED, *_OVER),
    Act.RESUME: _row(_WAITS, _R.NOT_PAUSED, _R.NOT_PAUSED, _R.NOT_PAUSED, _STAYS, *_OVER),
    Act.EXTEND: _row(_WAITS, _STAYS, _STAYS, _STAYS, _R.PAUSED, *_OVER),
    Act.REASSIGN: _row(_STAYS, _STAYS, _STAYS, _STAYS, _STAYS, *_OVER),
}

OPEN = frozenset({_A, _S, _B, _P})
"""States in which a step is somebody's turn."""

RUNNING = frozenset({_A, _S, _B})
"""States in which the clock runs; a block does not stop it."""

DONE = frozenset({_C, _K})
"""States that let successors be armed."""


class ActRefused(RuleError):
    """An act on a step was refused, with a `Reason`."""

    def __init__(self, reason: Reason, **more: Any) -> None:
        super().__init__(reason, *WORDS[reason], **more)


def allow(status: StepStatus, act: Act) -> StepStatus | None:
    """The state after the act, None where it stays or returns. Raises ActRefused."""
    answer = verdict(status, act)
    if isinstance(answer, Refused):
        raise ActRefused(answer.reason)
    return answer.to


def verdict(status: StepStatus, act: Act) -> Verdict:
    """What the table says. Total: every state answers every act."""
    return TABLE[act][status]
