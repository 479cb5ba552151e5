"""One record per project: what officers and imports declared, what departments stated, and what follows from both.

`Project` is the whole state the registry keeps; `record_of` is the part that may be shared, and `composed` computes anew all
that follows from facts, so a record is always a pure function of its declarations and its facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sikua_contracts.catalogue import CATALOGUE
from sikua_contracts.registry import Crossing, Record, Statement
from sikua_contracts.words import ProjectStatus, StepCode
from sikua_rules import industries, project_code, uscc
from sikua_rules.violations import RuleViolation

from sikua_registry import crossing, merging
from sikua_registry.merging import Claims, Fact
from sikua_registry.progress import Progress

IDENTITY = ("name", "divisions", "uscc", "project_codes", "industries", "origins", "zone", "campaigns", "task_forces")
"""Declared fields that stand in the record itself; all other declared fields stand among its `fields`."""

_USCC_FIELDS = ("uscc", "applicant_uscc")


class Held(BaseModel):
    """A field that stays empty until a person confirms it: what was written, why it is held, what it probably means."""

    model_config = ConfigDict(frozen=True)

    field: str
    as_written: str
    reason: str
    proposal: str | None = None


class Found(BaseModel):
    """Keys and industries that departments stated for the project."""

    model_config = ConfigDict(frozen=True)

    uscc: list[str] = Field(default_factory=list)
    project_codes: list[str] = Field(default_factory=list)
    industries: list[str] = Field(default_factory=list)


class Project(BaseModel):
    """All that the registry knows of one project, apart from its facts."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int = 1
    status: ProjectStatus = ProjectStatus.ACTIVE
    historic: bool = False
    started: bool = False
    merged_into: str | None = None
    declared: dict[str, Statement]
    declared_crossings: list[Crossing] = Field(default_factory=list)
    held: list[Held] = Field(default_factory=list)
    progress: Progress = Field(default_factory=Progress)
    stage: Statement | None = None
    enriched: dict[str, Statement] = Field(default_factory=dict)
    found: Found = Field(default_factory=Found)
    crossings: list[Crossing] = Field(default_factory=list)
    disagreeing: list[str] = Field(default_factory=list)

    def value(self, field: str) -> Any:
        """The declared value of a field, or None."""
        statement = self.declared.get(field)
        return None if statement is None else statement.value

    def many(self, field: str) -> list[str]:
        """A declared list, empty when nothing was declared."""
        return list(self.value(field) or ())

    @property
    def name(self) -> str:
        """The name as officers use it. Not unique."""
        return str(self.value("name"))

    @property
    def divisions(self) -> list[str]:
        """Divisions in declared order; the first is the owner's. Empty when no export ever said one."""
        return self.many("divisions")

    @property
    def uscc(self) -> list[str]:
        """Declared codes first, then those departments stated."""
        return _union(self.many("uscc"), self.found.uscc)

    @property
    def project_codes(self) -> list[str]:
        """Declared codes first, then those departments stated."""
        return _union(self.many("project_codes"), self.found.project_codes)

    @property
    def industries(self) -> list[str]:
        """Declared industries first, then those departments stated."""
        return _union(self.many("industries"), self.found.industries)

    @property
    def fields(self) -> dict[str, Statement]:
        """The statement shown for each catalogue field. What is declared and not in the catalogue stays with us."""
        own = {field: statement for field, statement in self.declared.items() if _shown(field)}
        stage = {} if self.stage is None else {"stage": self.stage}
        return own | self.enriched | stage


def record_of(project: Project) -> Record:
    """The part of a project that may be shared: L1 and L2 only."""
    return Record(
        project_id=project.id,
        version=project.version,
        status=project.status,
        name=project.name,
        divisions=project.divisions,
        uscc=project.uscc,
        project_codes=project.project_codes,
        industries=project.industries,
        origins=project.many("origins"),
        zone=project.value("zone"),
        stage=project.progress.stage,
        historic=project.historic,
        crossings=project.crossings,
        fields=project.fields,
    )


def composed(project: Project, facts: Iterable[Fact] = ()) -> Project:
    """The same project with all that follows from its declarations and these facts computed anew."""
    heard = list(facts)
    claims = _claims(project.declared, heard)
    enriched: dict[str, Statement] = {}
    disagreeing: list[str] = []
    for field in sorted(claims):
        outcome = merging.merged(field, claims[field])
        if outcome.chosen.stated_by not in merging.OWN_VOICES:
            enriched[field] = outcome.chosen
        if outcome.disagree:
            disagreeing.append(field)
    found = found_in(heard)
    return project.model_copy(
        update={
            "enriched": enriched,
            "disagreeing": disagreeing,
            "found": found,
            "crossings": _crossings(project, _union(project.many("industries"), found.industries)),
        },
    )


def changed_fields(before: Project, after: Project) -> list[str]:
    """Names of record fields that differ, sorted."""
    names = {field for field in before.fields.keys() | after.fields.keys() if _differs(field, before, after)}
    lists = {
        "uscc": before.uscc != after.uscc,
        "project_codes": before.project_codes != after.project_codes,
        "industries": before.industries != after.industries,
    }
    return sorted(names | {name for name, differs in lists.items() if differs})


def found_in(facts: Iterable[Fact]) -> Found:
    """Keys and industries in facts, as far as they are valid; sorted, so that the order of facts does not matter."""
    codes: set[str] = set()
    project_codes: set[str] = set()
    industry_codes: set[str] = set()
    for fact in facts:
        stated = fact.statements()
        for field in _USCC_FIELDS:
            codes |= _valid(stated.get(field), uscc.parse)
        project_codes |= _valid(stated.get("project_code"), lambda text: project_code.parse(text).text)
        industry_codes |= _valid(stated.get("industry_code"), industries.parse)
    return Found(uscc=sorted(codes), project_codes=sorted(project_codes), industries=sorted(industry_codes))


def stage_of(project: Project, progress: Progress, statement: Statement) -> Project:
    """The project after the scheduler's word about a step: the stage is a statement like any other."""
    stage = progress.stage
    stated = statement.model_copy(update={"value": None if stage is None else stage.value})
    return project.model_copy(
        update={
            "progress": progress,
            "stage": stated,
            "started": project.started or stage is StepCode.START,
            "held": [hold for hold in project.held if hold.field != "stage"],
        }
    )


def _claims(declared: Mapping[str, Statement], facts: Iterable[Fact]) -> dict[str, Claims]:
    claims: dict[str, Claims] = {}
    for fact in facts:
        for field, statement in fact.statements().items():
            claims[field] = merging.join(field, claims.get(field, {}), merging.claim(statement))
    for field, statement in declared.items():
        if field in claims and field not in IDENTITY:
            claims[field] = merging.join(field, claims[field], merging.claim(statement))
    return claims


def _crossings(project: Project, industry_codes: list[str]) -> list[Crossing]:
    by_rule = crossing.computed(
        project.divisions,
        industry_codes,
        project.many("campaigns"),
        project.many("task_forces"),
        project.value("industry_chain"),
    )
    return crossing.together(by_rule, project.declared_crossings)


def _shown(field: str) -> bool:
    return field not in IDENTITY and CATALOGUE.may_be_shared(field)


def _differs(field: str, before: Project, after: Project) -> bool:
    return before.fields.get(field) != after.fields.get(field)


def _valid(statement: Statement | None, parse: Any) -> set[str]:
    if statement is None or not isinstance(statement.value, str):
        return set()
    try:
        return {parse(statement.value)}
    except RuleViolation:
        return set()


def _union(first: list[str], second: list[str]) -> list[str]:
    return list(dict.fromkeys([*first, *second]))
