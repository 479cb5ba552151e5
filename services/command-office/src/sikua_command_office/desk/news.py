"""What happened since somebody last looked, told by project: the weightiest first, three sentences of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sikua_contracts import bridges, notifier, registry, scheduler
from sikua_contracts.envelope import Said

from sikua_command_office.feed.wording import WORDINGS

TOLD = 3
_BY_WEIGHT: tuple[tuple[type[Said], ...], ...] = (
    (scheduler.EscalationRaised,),
    (scheduler.StepBlocked, registry.ProjectSuspended, registry.ProjectClosed, notifier.NoticeFailed),
    (scheduler.StepCompleted, scheduler.EscalationResolved, scheduler.StepUnblocked, registry.ProjectReopened),
    (scheduler.EscalationAcknowledged, scheduler.StepReopened, scheduler.StepPaused, scheduler.StepExtended),
    (registry.ProjectRegistered, registry.ProjectCrossed, scheduler.TrackOpened, scheduler.StepReassigned),
    (scheduler.StepArmed, scheduler.StepStarted, scheduler.StepResumed, scheduler.StepRescheduled),
)
_WEIGHTS: dict[str, int] = {said.type: place for place, group in enumerate(_BY_WEIGHT) for said in group}
LIGHTEST = len(_BY_WEIGHT)
_ECHOES = (notifier.NoticeSent, notifier.NoticeAcknowledged, bridges.FactUnavailable, scheduler.CalendarPublished)
NEWS = tuple(sorted(WORDINGS.keys() - {said.type for said in _ECHOES}))
"""Types that are news of a project. That something was told, or asked in vain, only follows from what is."""


@dataclass(frozen=True)
class Change:
    """An entry of the feed in short."""

    number: int
    project_id: str
    project_name: str
    type: str
    time: datetime
    zh: str
    en: str

    @property
    def weight(self) -> int:
        """0 weighs most; facts weigh least."""
        return _WEIGHTS.get(self.type, LIGHTEST)


@dataclass(frozen=True)
class Story:
    """What happened to one project: `told` are its weightiest changes, newest first among equals; `count` are all."""

    project_id: str
    project_name: str
    told: Sequence[Change]
    count: int


def stories(changes: Iterable[Change]) -> list[Story]:
    """By project, the one with the weightiest newest change first. The newest name of a project counts."""
    by_project: dict[str, list[Change]] = {}
    for change in changes:
        by_project.setdefault(change.project_id, []).append(change)
    ordered = {project: sorted(own, key=_order) for project, own in by_project.items()}
    return [
        Story(project, max(own, key=lambda change: change.number).project_name, own[:TOLD], len(own))
        for project, own in sorted(ordered.items(), key=lambda each: _order(each[1][0]))
    ]


def _order(change: Change) -> tuple[int, int]:
    return change.weight, -change.number
