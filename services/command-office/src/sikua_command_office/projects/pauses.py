"""Pauses and extensions of steps, put together from what the feed recorded of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sikua_contracts.scheduler import StepExtended, StepPaused, StepResumed

TYPES = (StepPaused.type, StepResumed.type, StepExtended.type)


class Pause(BaseModel):
    """From when the clock stood still until when (null: it still stands), why, and on which documents."""

    from_at: AwareDatetime
    until_at: AwareDatetime | None = None
    reason: str
    document: str
    by: str
    end_document: str | None = None


class Extension(BaseModel):
    """An extension in the limit's own unit, with its reason and approver."""

    at: AwareDatetime
    amount: int
    reason: str
    approved_by: str


class Interruptions(BaseModel):
    """What changed a step's reckoning, oldest first."""

    pauses: list[Pause] = []
    extensions: list[Extension] = []


def interruptions(entries: Iterable[Any]) -> dict[str, Interruptions]:
    """By step id, from entries (`type`, `time`, `data`) of one project in the order of the feed."""
    found: dict[str, Interruptions] = {}
    for entry in entries:
        data = entry["data"]
        of_step = found.setdefault(data["step"]["step_id"], Interruptions())
        if entry["type"] == StepPaused.type:
            pause = Pause(from_at=entry["time"], reason=data["reason"], document=data["document"], by=data["by"])
            of_step.pauses.append(pause)
        elif entry["type"] == StepResumed.type:
            _end_last(of_step, entry["time"], data["document"])
        elif entry["type"] == StepExtended.type:
            amount, reason, approver = data["extension_amount"], data["reason"], data["approved_by"]
            extension = Extension(at=entry["time"], amount=amount, reason=reason, approved_by=approver)
            of_step.extensions.append(extension)
    return found


def _end_last(of_step: Interruptions, at: Any, document: str) -> None:
    if of_step.pauses and of_step.pauses[-1].until_at is None:
        ended = of_step.pauses[-1].model_copy(update={"until_at": at, "end_document": document})
        of_step.pauses[-1] = ended
