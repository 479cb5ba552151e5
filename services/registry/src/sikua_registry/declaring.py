"""How an officer's or an import's word becomes statements of a project: created, amended, crossings declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sikua_contracts.registry import Crossing, Statement
from sikua_contracts.words import CrossingKind, Quality

from sikua_registry.merging import Fact
from sikua_registry.record import Project, composed

_STATEMENTS = TypeAdapter(dict[str, Statement])


@dataclass(frozen=True)
class Voice:
    """Who declares, as of when, and on what basis."""

    stated_by: str
    as_of: datetime
    basis: str
    quality: Quality = Quality.STATED

    def says(self, value: Any) -> Statement:
        """This voice's statement of a value."""
        return Statement(value=value, **self._signed())

    def says_all(self, values: Mapping[str, Any]) -> dict[str, Statement]:
        """This voice's statements of values by field, checked together: one by one they cost twice as much."""
        signed = self._signed()
        return _STATEMENTS.validate_python({field: {"value": value, **signed} for field, value in values.items()})

    def _signed(self) -> dict[str, Any]:
        return {
            "stated_by": self.stated_by,
            "as_of": self.as_of,
            "basis": self.basis,
            "quality": self.quality,
            "fact_id": None,
        }


def opened(project_id: str, values: Mapping[str, Any], voice: Voice) -> Project:
    """A new project with these declared values; nothing is declared for empty ones."""
    declared = voice.says_all({field: value for field, value in values.items() if not _empty(value)})
    return composed(Project(id=project_id, declared=declared))


def amended(project: Project, values: Mapping[str, Any], voice: Voice, facts: Iterable[Fact]) -> Project:
    """The project with these values declared; an empty one takes the declaration back. What was held is confirmed."""
    declared = dict(project.declared)
    for field, value in values.items():
        if _empty(value):
            declared.pop(field, None)
        else:
            declared[field] = voice.says(value)
    held = [hold for hold in project.held if hold.field not in values]
    return composed(project.model_copy(update={"declared": declared, "held": held}), facts)


def really_changed(project: Project, values: Mapping[str, Any]) -> list[str]:
    """Fields whose declared value would differ, or that were held, sorted."""
    held = {hold.field for hold in project.held}
    return sorted(
        field
        for field, value in values.items()
        if field in held or (project.value(field) or None) != (None if _empty(value) else value)
    )


def declaring(project: Project, kind: CrossingKind, reason: str, facts: Iterable[Fact]) -> Project:
    """The project with a crossing declared."""
    others = [crossing for crossing in project.declared_crossings if crossing.kind is not kind]
    stated = [*others, Crossing(kind=kind, declared=True, reason=reason)]
    return composed(project.model_copy(update={"declared_crossings": stated}), facts)


def withdrawing(project: Project, kind: CrossingKind, facts: Iterable[Fact]) -> Project:
    """The project without a declared crossing of this kind."""
    others = [crossing for crossing in project.declared_crossings if crossing.kind is not kind]
    return composed(project.model_copy(update={"declared_crossings": others}), facts)


def _empty(value: Any) -> bool:
    return value is None or value == [] or value == ""
