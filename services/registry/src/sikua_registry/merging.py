"""Whoever speaks first or last, the same statements always make the same record: authority, then as-of time, decides.

Statements of one field form a join: the best one of each source is kept, and of these the best one is shown. Joining is
commutative, associative and idempotent, so the order in which facts arrive does not matter. What others say stays beside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sikua_contracts.bridges import FieldValue
from sikua_contracts.catalogue import CATALOGUE
from sikua_contracts.envelope import Level
from sikua_contracts.registry import Statement
from sikua_contracts.words import Quality

OWN_VOICES = frozenset({"registry", "import", "scheduler"})
SHARED = frozenset({Level.L1, Level.L2})
_AMOUNTS = ("_wan", "_wan_usd", "_tce", "_mu", "_t", "_m2", "_intensity")
_QUALITIES = {Quality.SIMULATED: 0, Quality.ESTIMATED: 1, Quality.STATED: 2, Quality.CONFIRMED: 3}

Claims = Mapping[str, Statement]


class Fact(BaseModel):
    """One row of one dataset as a department stated it for a project; `values` hold every level it came with."""

    model_config = ConfigDict(frozen=True)

    id: str
    project_id: str
    department: str
    dataset: str
    values: list[FieldValue]
    as_of: AwareDatetime
    basis: str
    quality: Quality
    resource_id: str
    batch_id: str | None = None
    row_hash: str
    withdrawn_reason: str | None = None

    def statements(self) -> dict[str, Statement]:
        """What may stand in a shared record, by field. Nothing when the fact was withdrawn."""
        if self.withdrawn_reason is not None:
            return {}
        return {value.field: self._statement(value) for value in self.values if may_be_shared(value)}

    def _statement(self, value: FieldValue) -> Statement:
        return Statement(
            value=value.value,
            stated_by=self.department,
            as_of=self.as_of,
            basis=self.basis,
            quality=self.quality,
            fact_id=self.id,
        )


def may_be_shared(value: FieldValue) -> bool:
    """Whether a value may leave on a shared topic: L1 or L2 as stated, and by the catalogue too."""
    return value.level in SHARED and CATALOGUE.may_be_shared(value.field)


@dataclass(frozen=True)
class Merged:
    """The statement that is shown, and the best one of every other source."""

    chosen: Statement
    others: tuple[Statement, ...]
    disagree: bool


def claim(statement: Statement) -> Claims:
    """What one source says, as claims that can be joined."""
    return {_voice(statement): statement}


def join(field: str, one: Claims, other: Claims) -> Claims:
    """Both claims together: per source the statement that takes precedence."""
    joined = dict(one)
    for source, statement in other.items():
        standing = joined.get(source)
        if standing is None or precedence(field, statement) > precedence(field, standing):
            joined[source] = statement
    return joined


def gathered(field: str, statements: Iterable[Statement]) -> Claims:
    """The join of single statements."""
    claims: Claims = {}
    for statement in statements:
        claims = join(field, claims, claim(statement))
    return claims


def merged(field: str, claims: Claims) -> Merged:
    """The statement to show and whether sources differ in value. Claims must not be empty."""
    ordered = sorted(claims.values(), key=lambda statement: precedence(field, statement), reverse=True)
    values = {canonical(field, statement.value) for statement in ordered}
    return Merged(ordered[0], tuple(ordered[1:]), len(values) > 1)


def precedence(field: str, statement: Statement) -> tuple[Any, ...]:
    """A total order of statements about one field; the greater one is shown.

    A real value before a simulated one, then declared authority (the catalogue's source department, another department,
    our own word), then the later as-of time, then the better quality. The value, who states it, the basis, the fact's id and
    how the value is written only break ties.
    """
    return (
        statement.quality is not Quality.SIMULATED,
        _authority(field, statement.stated_by),
        statement.as_of,
        _QUALITIES[statement.quality],
        canonical(field, statement.value),
        statement.stated_by,
        statement.basis,
        statement.fact_id or "",
        _written(statement.value),
    )


def canonical(field: str, value: Any) -> str:
    """Text by which two values are compared: "30" and "30.0000" are the same amount."""
    if field.endswith(_AMOUNTS) and not isinstance(value, bool):
        try:
            return f"{Decimal(str(value)).normalize():f}"
        except InvalidOperation:
            pass
    return _written(value)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _authority(field: str, source: str) -> int:
    if source in OWN_VOICES:
        return 0
    return 2 if source == CATALOGUE.source_department(field) else 1


def _voice(statement: Statement) -> str:
    return "registry" if statement.stated_by in OWN_VOICES else statement.stated_by
