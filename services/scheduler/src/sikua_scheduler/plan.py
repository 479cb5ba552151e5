"""A plan: nine steps with owners, limits and dependencies, laid out for one project from a versioned template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sikua_contracts.registry import Record
from sikua_contracts.words import STEP_NAMES, Owner, Rung, StepCode, StepStatus
from sikua_rules.limits import Limit, LimitUnit

from sikua_scheduler.proof import Proving, Support
from sikua_scheduler.step import Step
from sikua_scheduler.tracking import TrackPolicy
from sikua_scheduler.transitions import DONE


class _Template(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OwnerTemplate(_Template):
    """A role, and whether the city's office or the project's district holds it."""

    role: str
    level: Literal["district", "city"]

    def of(self, division: str, city: str) -> Owner:
        """The owner for a project whose first division is `division`."""
        return _owner(self.role, city if self.level == "city" else division)


class LimitTemplate(_Template):
    """The ordinary limit and the one of the fast lane, in the limit's own unit."""

    amount: int = Field(ge=1)
    fast: int = Field(ge=1)
    unit: LimitUnit = LimitUnit.WORKING_DAY

    def of(self, fast_lane: bool) -> Limit:
        """The limit that counts."""
        return Limit(self.fast if fast_lane else self.amount, self.unit)


class Evidence(_Template):
    """What an officer's document has to show, in both languages."""

    zh: str
    en: str


class NodeTemplate(_Template):
    """What steps and items have in common."""

    owner: OwnerTemplate
    consulted: tuple[OwnerTemplate, ...] = ()
    depends_on: tuple[str, ...] = ()
    limit: LimitTemplate
    rungs: tuple[Rung, ...] = tuple(Rung)
    evidence: Evidence
    basis: str = ""
    proofs: tuple[Proving, ...] = ()
    supports: tuple[Support, ...] = ()


class ItemTemplate(NodeTemplate):
    """An item inside a step."""

    item: str
    names: tuple[str, str]


class StepTemplate(NodeTemplate):
    """One of the nine steps."""

    code: StepCode
    items: tuple[ItemTemplate, ...] = ()


class FastLane(_Template):
    """From which total investment (万元, inclusive) a project takes the fast lane by itself."""

    total_investment_from_wan: Decimal


class PlanTemplate(_Template):
    """One version of the plan. Projects are pinned to the version they were planned with."""

    version: str
    city: str
    extension_at_most: float = Field(gt=0)
    fast_lane: FastLane
    tracking: TrackPolicy
    steps: tuple[StepTemplate, ...]

    def node(self, key: str) -> StepTemplate | ItemTemplate:
        """The template of `QUOTA` or `QUOTA.ENERGY`. Raises KeyError."""
        return self.nodes[key]

    @cached_property
    def nodes(self) -> dict[str, StepTemplate | ItemTemplate]:
        """All steps and items by key, in order."""
        found: dict[str, StepTemplate | ItemTemplate] = {}
        for step in self.steps:
            found[step.code] = step
            found.update({f"{step.code}.{item.item}": item for item in step.items})
        return found

    def ancestors(self, key: str) -> frozenset[str]:
        """Keys that must be done before this one is armed: what it depends on, and so on back to the beginning."""
        return self._ancestors[key]

    @cached_property
    def _ancestors(self) -> dict[str, frozenset[str]]:
        return {key: self._before(key) for key in self.nodes}

    def _before(self, key: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = list(self.node(key).depends_on)
        if "." in key:
            waiting += self.node(key.split(".", 1)[0]).depends_on
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self.node(one).depends_on
        return frozenset(found)

    def fields_that_matter(self) -> frozenset[str]:
        """Record fields that can complete a step, open a track or choose the lane; others change nothing here."""
        fields = {"total_investment_wan", "uscc", "project_codes", "origins", "divisions", "name"}
        for node in self.nodes.values():
            fields |= {field for proving in node.proofs for field in proving.fields()}
        return frozenset(fields)


def parse(document: Mapping[str, Any]) -> PlanTemplate:
    """A template from its YAML document. Raises ValueError naming what is wrong, unknown predecessors too."""
    template = PlanTemplate.model_validate(document)
    known = template.nodes
    if [step.code for step in template.steps] != list(StepCode):
        raise ValueError(f"plan {template.version} must have the nine steps in their order")
    for key, node in known.items():
        unknown = [name for name in node.depends_on if name not in known]
        if unknown:
            raise ValueError(f"plan {template.version}: {key} depends on unknown {', '.join(unknown)}")
    return template


def total_investment_wan(record: Record) -> Decimal | None:
    """万元 as the record states it; None when unknown or unreadable."""
    statement = record.fields.get("total_investment_wan")
    if statement is None or statement.value in (None, ""):
        return None
    try:
        return Decimal(str(statement.value))
    except InvalidOperation:
        return None


def takes_fast_lane(template: PlanTemplate, record: Record) -> bool:
    """Whether the amount alone puts the project on the fast lane."""
    amount = total_investment_wan(record)
    return amount is not None and amount >= template.fast_lane.total_investment_from_wan


def division_of(record: Record, template: PlanTemplate) -> str:
    """The division of district-level owners: the project's first, the city when it names none."""
    return record.divisions[0] if record.divisions else template.city


def lay_out(template: PlanTemplate, record: Record, fast_lane: bool, ids: Sequence[str]) -> list[Step]:
    """All steps and items, those up to the record's stage complete as history, the rest waiting. `ids` in order."""
    division = division_of(record, template)
    done = _codes_done(record)
    steps = []
    for ordinal, (key, node) in enumerate(template.nodes.items()):
        code = StepCode(key.split(".", 1)[0])
        item = node.item if isinstance(node, ItemTemplate) else None
        name_zh, name_en = node.names if isinstance(node, ItemTemplate) else STEP_NAMES[code]
        historic = code in done
        steps.append(
            Step(
                step_id=ids[ordinal],
                project_id=record.project_id,
                project_name=record.name,
                ordinal=ordinal,
                code=code,
                item=item,
                name_zh=name_zh,
                name_en=name_en,
                owner=node.owner.of(division, template.city),
                consulted=tuple(one.of(division, template.city) for one in node.consulted),
                status=StepStatus.COMPLETED if historic else StepStatus.NOT_STARTED,
                limit=node.limit.of(fast_lane),
                historic=historic,
            )
        )
    return steps


def ready(template: PlanTemplate, steps: Mapping[str, Step]) -> list[str]:
    """Keys of waiting steps and items whose time has come: all before them done, and their step (of an item) open."""
    done = {key for key, step in steps.items() if step.status in DONE}
    found = []
    for key, step in steps.items():
        if step.status is not StepStatus.NOT_STARTED:
            continue
        parent = steps[step.code] if step.item is not None else None
        if parent is not None and not parent.is_open:
            continue
        if template.ancestors(key) <= done:
            found.append(key)
    return found


@lru_cache(maxsize=4096)
def _owner(role: str, division: str) -> Owner:
    """A plan names some forty owners, few of them different."""
    return Owner(role=role, division=division)


def _codes_done(record: Record) -> frozenset[StepCode]:
    codes = list(StepCode)
    return frozenset(codes[: codes.index(record.stage) + 1]) if record.stage else frozenset()
