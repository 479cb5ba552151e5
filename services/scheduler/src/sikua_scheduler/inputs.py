"""Bodies of requests, with texts that are words, ids that are ids, and nothing unknown beside them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints, model_validator
from sikua_contracts.words import Owner, Rung

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=2000, pattern=r"^[^\x00]*$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Role = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z_]+(\.[a-z_]+)?$")]
Division = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
MOST_UNITS = 1000
MOST_PROJECTS = 1000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OwnerBody(_Body):
    """A role in a division."""

    role: Role
    division: Division

    def owner(self) -> Owner:
        """The owner meant."""
        return Owner(role=self.role, division=self.division)


class CompleteBody(_Body):
    """The document that proves the step complete (number or address of the file)."""

    document: Words
    note: Words | None = None


class ReasonBody(_Body):
    """Why."""

    reason: Words


class BlockBody(ReasonBody):
    """What holds the step up, and for whom it waits."""

    waiting_for: OwnerBody | None = None


class UnblockBody(_Body):
    """How the block was cleared."""

    resolution: Words


class PauseBody(ReasonBody):
    """Why the clock stops, and the document that says so."""

    document: Words


class ResumeBody(_Body):
    """The document with which the clock runs again."""

    document: Words


class ExtendBody(ReasonBody):
    """How many units of the step's limit more, and who approved it."""

    amount: StrictInt = Field(ge=1, le=MOST_UNITS)
    approved_by: Words


class ReassignBody(ReasonBody):
    """The new owner."""

    owner: OwnerBody


class TrackBody(ReasonBody):
    """The command office puts a project under its scheduling by order."""

    project_id: Id
    document: Words


class CloseTrackBody(ReasonBody):
    """Why the project leaves the scheduling."""


class ReleaseBody(_Body):
    """Which imported projects may speak: named ones, or all. Exactly one of the two."""

    project_ids: list[Id] | None = Field(default=None, max_length=MOST_PROJECTS)
    all: StrictBool = False

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.project_ids is not None) is self.all:
            raise ValueError("project_ids 与 all: true 二选一 · give either project_ids or all: true")
        return self


class RaiseBody(ReasonBody):
    """To which rung by order; the next one by default, TOP for 顶格."""

    rung: Rung | None = None


class ResolveBody(_Body):
    """How it was put right."""

    resolution: Words
