"""Which acts a project's status allows, and what each needs, is one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sikua_contracts.words import ProjectStatus

_ACTIVE, _SUSPENDED, _CLOSED, _MERGED = (
    ProjectStatus.ACTIVE,
    ProjectStatus.SUSPENDED,
    ProjectStatus.CLOSED,
    ProjectStatus.MERGED,
)


class Act(StrEnum):
    """What an officer may do with a whole project."""

    SUSPEND = "suspend"
    RESUME = "resume"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"


@dataclass(frozen=True)
class Transition:
    """From which statuses an act leads where, and what it is called."""

    allowed_from: frozenset[ProjectStatus]
    to: ProjectStatus
    name_zh: str


TRANSITIONS: dict[Act, Transition] = {
    Act.SUSPEND: Transition(frozenset({_ACTIVE}), _SUSPENDED, "暂停"),
    Act.RESUME: Transition(frozenset({_SUSPENDED}), _ACTIVE, "恢复"),
    Act.CLOSE: Transition(frozenset({_ACTIVE, _SUSPENDED}), _CLOSED, "销号"),
    Act.REOPEN: Transition(frozenset({_CLOSED}), _ACTIVE, "重新启动"),
    Act.MERGE: Transition(frozenset({_ACTIVE, _SUSPENDED}), _MERGED, "合并"),
}

AMENDABLE = frozenset({_ACTIVE, _SUSPENDED})
"""Statuses in which fields and crossings of a project may still be changed."""


def refused(act: Act, status: ProjectStatus) -> str | None:
    """Why the act is not possible now, for people; None when it is."""
    transition = TRANSITIONS[act]
    if status in transition.allowed_from:
        return None
    wanted = " / ".join(sorted(transition.allowed_from))
    return (
        f"项目状态为 {status}，不能{transition.name_zh} · a project that is {status} can't {act}; it must be {wanted}"
    )
