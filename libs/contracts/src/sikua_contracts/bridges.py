"""What bridges say: facts of departments about one project. The only topic that may carry L3. Subject: the project's id."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sikua_contracts.envelope import Level, Said
from sikua_contracts.topics import FACTS
from sikua_contracts.words import Quality


class FieldValue(BaseModel):
    """One catalogue field with its value and level. Amounts carry their unit in the field's name."""

    model_config = ConfigDict(frozen=True)

    field: str
    value: Any
    level: Level


class _OfFact(Said):
    topic: ClassVar[str] = FACTS
    level: ClassVar[Level] = Level.L3

    project_id: str
    department: str
    dataset: str

    def subject(self) -> str:
        return self.project_id


class FactReported(_OfFact):
    """One department states what it knows: the values of one row of one dataset, for one linked project."""

    type: ClassVar[str] = "cn.sikua.fact.reported.v1"

    fact_id: str
    values: list[FieldValue]
    as_of: AwareDatetime
    basis: str
    quality: Quality
    resource_id: str
    batch_id: str | None = None
    row_hash: str


class FactUnavailable(_OfFact):
    """A department was asked and has nothing to say: why, and when it will be asked again (None: not by itself)."""

    type: ClassVar[str] = "cn.sikua.fact.unavailable.v1"

    reason: str
    asked_at: AwareDatetime
    ask_again_at: AwareDatetime | None = None


class FactWithdrawn(_OfFact):
    """A department takes back a fact; the record falls back to what remains."""

    type: ClassVar[str] = "cn.sikua.fact.withdrawn.v1"

    fact_id: str
    reason: str
