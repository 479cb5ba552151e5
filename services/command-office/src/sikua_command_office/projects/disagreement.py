"""Where departments state different things about the same field, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Side:
    """What one department states, and by which fact."""

    value: Any
    stated_by: str
    as_of: datetime | None
    basis: str | None
    quality: str | None
    fact_id: str


@dataclass(frozen=True)
class Disagreement:
    """A field, the value that the record carries, and everything stated about it, newest first."""

    field: str
    record_value: Any
    sides: Sequence[Side]


def disagreements(
    named: Iterable[str], record_values: Mapping[str, Any], stated: Mapping[str, Sequence[Side]]
) -> list[Disagreement]:
    """Fields that the registry named as differing, and fields whose departments' newest statements differ."""
    fields = set(named) | {field for field, sides in stated.items() if _differ(newest_of_each(sides))}
    return [
        Disagreement(field, record_values.get(field), newest_of_each(stated.get(field, ()))) for field in sorted(fields)
    ]


def newest_of_each(sides: Sequence[Side]) -> list[Side]:
    """The newest statement of each department, newest first."""
    newest: dict[str, Side] = {}
    for side in sides:
        known = newest.get(side.stated_by)
        if known is None or _age(side) > _age(known):
            newest[side.stated_by] = side
    return sorted(newest.values(), key=_age, reverse=True)


def _differ(sides: Sequence[Side]) -> bool:
    return len({str(side.value) for side in sides}) > 1


def _age(side: Side) -> tuple[float, str]:
    return (side.as_of.timestamp() if side.as_of else 0.0, side.fact_id)
