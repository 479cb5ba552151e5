"""What every unit of work finds as its tools: the plan's versions, the ladder in force, calendars seen so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sikua_rules.working_days import WorkCalendar

from sikua_scheduler.ladder import LadderPolicy
from sikua_scheduler.plan import PlanTemplate


@dataclass(frozen=True)
class Policies:
    """Loaded once at start. `plan` is the version new projects get; `calendars` remembers immutable calendars by version."""

    plans: Mapping[str, PlanTemplate]
    plan: PlanTemplate
    ladder: LadderPolicy
    calendars: dict[int, WorkCalendar] = field(default_factory=dict)

    @cached_property
    def fields_that_matter(self) -> frozenset[str]:
        """Record fields that any version of the plan looks at; a change of others changes no plan."""
        return frozenset().union(*(plan.fields_that_matter() for plan in self.plans.values()))

    def pinned(self, version: str) -> PlanTemplate:
        """The version a project was planned with. Raises LookupError when it was not shipped."""
        try:
            return self.plans[version]
        except KeyError:
            raise LookupError(f"plan version {version} is not among {', '.join(sorted(self.plans))}") from None
