"""The stage of a record is the furthest step that is complete with nothing reopened before it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from sikua_contracts.words import StepCode

_ORDER = tuple(StepCode)


class Progress(BaseModel):
    """Steps known to be complete, and steps that were opened again."""

    model_config = ConfigDict(frozen=True)

    completed: frozenset[StepCode] = frozenset()
    reopened: frozenset[StepCode] = frozenset()

    @property
    def stage(self) -> StepCode | None:
        """The last step completed; None before the first."""
        first_open = min((_ORDER.index(step) for step in self.reopened), default=len(_ORDER))
        reached = [step for step in _ORDER[:first_open] if step in self.completed]
        return reached[-1] if reached else None


def up_to(step: StepCode | None) -> Progress:
    """What a ledger means by naming its last completed step: that one and all before it."""
    if step is None:
        return Progress()
    return Progress(completed=frozenset(_ORDER[: _ORDER.index(step) + 1]))


def completing(progress: Progress, step: StepCode) -> Progress:
    """The scheduler said that a step is complete."""
    return Progress(completed=progress.completed | {step}, reopened=progress.reopened - {step})


def reopening(progress: Progress, step: StepCode) -> Progress:
    """The scheduler said that a step is open again: the stage falls back before it."""
    return Progress(completed=progress.completed - {step}, reopened=progress.reopened | {step})


def skipping(progress: Progress, step: StepCode) -> Progress:
    """The scheduler said that a step does not apply: it was not completed, and no longer keeps the stage before it."""
    return Progress(completed=progress.completed, reopened=progress.reopened - {step})
