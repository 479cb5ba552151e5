"""How projects, their histories and their facts are shown to those who may see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field
from sikua_contracts.bridges import FieldValue
from sikua_contracts.envelope import Level
from sikua_contracts.registry import Record, Statement
from sikua_contracts.words import Quality

from sikua_registry import merging
from sikua_registry.merging import Fact
from sikua_registry.record import IDENTITY, Held, Project, record_of

_SECRET = frozenset({Level.L4})


class ProjectView(Record):
    """A record with what is held for confirmation and what sources disagree about."""

    held: list[Held] = Field(default_factory=list)
    disagreeing: list[str] = Field(default_factory=list)
    started: bool = False
    merged_into: str | None = None


class ProjectDetail(ProjectView):
    """The same with who declared name, divisions, keys and origins, and since when the version stands."""

    identity: dict[str, Statement] = Field(default_factory=dict)
    valid_from: AwareDatetime


class ProjectPage(BaseModel):
    """A page of projects; `next` is the cursor of the following page, or null."""

    items: list[ProjectView]
    next: str | None


class HistoryLine(BaseModel):
    """One version: what was said, by whom, why, and the record as it then stood. `at` is business time."""

    version: int
    said: str
    by: str
    reason: str | None
    changed: list[str]
    at: AwareDatetime
    recorded_at: AwareDatetime
    record: Record


class HistoryPage(BaseModel):
    """Versions, oldest first."""

    items: list[HistoryLine]
    next: str | None


class FieldStatements(BaseModel):
    """All that is said about one field: what is shown, what the others say, and whether they differ."""

    field: str
    shown: Statement
    others: list[Statement]
    disagree: bool


class FactValueView(BaseModel):
    """One value of a fact. `withheld` when its level is above what the reader may see; `value` is then null."""

    field: str
    level: Level
    value: Any = None
    withheld: bool = False


class FactView(BaseModel):
    """One fact as a department stated it."""

    fact_id: str
    department: str
    dataset: str
    as_of: AwareDatetime
    basis: str
    quality: Quality
    resource_id: str
    batch_id: str | None
    withdrawn_reason: str | None
    values: list[FactValueView]


class UnavailableView(BaseModel):
    """A department had nothing to say: why, and when it will be asked again."""

    department: str
    dataset: str
    reason: str
    asked_at: AwareDatetime
    ask_again_at: AwareDatetime | None


class FactsView(BaseModel):
    """What departments say about a project, field by field with disagreements side by side, and fact by fact."""

    project_id: str
    fields: list[FieldStatements]
    facts: list[FactView]
    unavailable: list[UnavailableView]


def view(project: Project, record: Record | None = None) -> ProjectView:
    """A project for lists and answers; `record` is its own, where it is at hand."""
    return ProjectView(**_shown(project, record or record_of(project)))


def detail(project: Project, valid_from: datetime) -> ProjectDetail:
    """A project for a single reading."""
    identity = {field: project.declared[field] for field in IDENTITY if field in project.declared}
    return ProjectDetail(**_shown(project, record_of(project)), identity=identity, valid_from=valid_from)


def statements(project: Project, facts: Iterable[Fact]) -> list[FieldStatements]:
    """All fields of the shared record with every source's best statement."""
    heard = list(facts)
    by_field: dict[str, list[Statement]] = {field: [shown] for field, shown in project.fields.items()}
    for fact in heard:
        for field, statement in fact.statements().items():
            by_field.setdefault(field, []).append(statement)
    for field, declared in project.declared.items():
        if field in by_field and field not in IDENTITY:
            by_field[field].append(declared)
    shown = []
    for field in sorted(by_field):
        outcome = merging.merged(field, merging.gathered(field, by_field[field]))
        shown.append(
            FieldStatements(field=field, shown=outcome.chosen, others=list(outcome.others), disagree=outcome.disagree)
        )
    return shown


def fact_view(fact: Fact, *, sensitive: bool) -> FactView:
    """A fact with values above L2 withheld, unless the reader may see L3. L4 is never shown."""
    return FactView(
        fact_id=fact.id,
        department=fact.department,
        dataset=fact.dataset,
        as_of=fact.as_of,
        basis=fact.basis,
        quality=fact.quality,
        resource_id=fact.resource_id,
        batch_id=fact.batch_id,
        withdrawn_reason=fact.withdrawn_reason,
        values=[_value(value, sensitive) for value in fact.values],
    )


def _value(value: FieldValue, sensitive: bool) -> FactValueView:
    open_to_reader = value.level not in _SECRET if sensitive else merging.may_be_shared(value)
    if not open_to_reader:
        return FactValueView(field=value.field, level=value.level, withheld=True)
    return FactValueView(field=value.field, level=value.level, value=value.value)


def _shown(project: Project, record: Record) -> dict[str, Any]:
    return {
        **dict(record),
        "held": project.held,
        "disagreeing": project.disagreeing,
        "started": project.started,
        "merged_into": project.merged_into,
    }
