"""What the registry says: one record per project, with the provenance of every field. Subject: the project's id."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sikua_contracts.envelope import Said
from sikua_contracts.topics import PROJECTS
from sikua_contracts.words import CrossingKind, ProjectStatus, Quality, StepCode


class Statement(BaseModel):
    """One field's value with who stated it, as of when, on what basis, of what quality, and by which fact."""

    model_config = ConfigDict(frozen=True)

    value: Any
    stated_by: str
    as_of: AwareDatetime
    basis: str
    quality: Quality
    fact_id: str | None = None


class Crossing(BaseModel):
    """One of the four crossings, computed by rule or declared by an officer, with its reason."""

    model_config = ConfigDict(frozen=True)

    kind: CrossingKind
    declared: bool
    reason: str
    evidence: list[str] = []


class Record(BaseModel):
    """The merged view of one project, as far as it may be shared (fields of level L1 and L2 only).

    `fields` is keyed by catalogue field. `stage` is the last step completed, as the scheduler or the import stated it.
    """

    model_config = ConfigDict(frozen=True)

    project_id: str
    version: int
    status: ProjectStatus
    name: str
    divisions: list[str]
    uscc: list[str] = []
    project_codes: list[str] = []
    industries: list[str] = []
    origins: list[str] = []
    zone: str | None = None
    stage: StepCode | None = None
    historic: bool = False
    crossings: list[Crossing] = []
    fields: dict[str, Statement] = {}


class _OfProject(Said):
    topic: ClassVar[str] = PROJECTS

    record: Record

    def subject(self) -> str:
        return self.record.project_id


class ProjectRegistered(_OfProject):
    """A project entered the registry. `started` tells that construction had begun before: it gets no plan."""

    type: ClassVar[str] = "cn.sikua.project.registered.v1"

    started: bool = False
    registered_by: str


class ProjectAmended(_OfProject):
    """An officer changed fields of the record."""

    type: ClassVar[str] = "cn.sikua.project.amended.v1"

    changed: list[str]
    amended_by: str


class ProjectEnriched(_OfProject):
    """Facts stated by departments changed the record. `disagreeing` names fields whose sources differ.

    `withdrawn_reason`: the facts were taken back, and the record fell back to what remains.
    """

    type: ClassVar[str] = "cn.sikua.project.enriched.v1"

    changed: list[str]
    fact_ids: list[str]
    disagreeing: list[str] = Field(default_factory=list)
    withdrawn_reason: str | None = None


class ProjectAdvanced(_OfProject):
    """The record's stage moved because the scheduler said that a step is complete, open again, or not needed."""

    type: ClassVar[str] = "cn.sikua.project.advanced.v1"

    step: StepCode


class ProjectCrossed(_OfProject):
    """What the project crosses changed. `added` and `removed` are kinds."""

    type: ClassVar[str] = "cn.sikua.project.crossed.v1"

    added: list[CrossingKind]
    removed: list[CrossingKind]


class _Ordered(_OfProject):
    reason: str
    document: str | None = None
    ordered_by: str


class ProjectSuspended(_Ordered):
    """An officer stopped all clocks of the project, with a reason and a document."""

    type: ClassVar[str] = "cn.sikua.project.suspended.v1"


class ProjectResumed(_Ordered):
    """A suspended project runs again."""

    type: ClassVar[str] = "cn.sikua.project.resumed.v1"


class ProjectClosed(_Ordered):
    """A project left the books (销号), finished or given up."""

    type: ClassVar[str] = "cn.sikua.project.closed.v1"


class ProjectReopened(_Ordered):
    """A closed project is live again."""

    type: ClassVar[str] = "cn.sikua.project.reopened.v1"


class ProjectMerged(_OfProject):
    """Two entries were one project; `record` is the one that ends, `into` the id of the one that stays."""

    type: ClassVar[str] = "cn.sikua.project.merged.v1"

    into: str
    merged_by: str
