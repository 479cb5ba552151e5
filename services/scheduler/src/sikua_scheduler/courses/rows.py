"""Between rows and values: every row is a JSON document, every value a frozen dataclass."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from sikua_scheduler.course import Plan, Rescheduling, Track
from sikua_scheduler.step import Escalation, Pause, Step

_STEP = TypeAdapter(Step)
_PAUSES = TypeAdapter(list[Pause])
_ESCALATIONS = TypeAdapter(list[Escalation])
_TRACK = TypeAdapter(Track)
_PLAN = TypeAdapter(Plan)

Value = Step | Pause | Escalation | Track | Plan | Rescheduling
_ADAPTERS: dict[type, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (Step, Pause, Escalation, Track, Plan, Rescheduling)
}


def step_of(row: dict[str, Any]) -> Step:
    """A step from its row."""
    owner = {"role": row["owner_role"], "division": row["owner_division"]}
    limit = {"amount": row["limit_amount"], "unit": row["limit_unit"]}
    return _STEP.validate_python({**row, "owner": owner, "limit": limit})


def row_of_step(step: Step) -> dict[str, Any]:
    """The row of a step."""
    row = row_of(step)
    owner, limit = row.pop("owner"), row.pop("limit")
    row |= {"owner_role": owner["role"], "owner_division": owner["division"]}
    row |= {"limit_amount": limit["amount"], "limit_unit": limit["unit"]}
    return row


def pauses_of(rows: list[dict[str, Any]]) -> list[Pause]:
    """Pauses from their rows."""
    return _PAUSES.validate_python(rows)


def escalations_of(rows: list[dict[str, Any]]) -> list[Escalation]:
    """Escalations from their rows."""
    return _ESCALATIONS.validate_python(rows)


def track_of(row: dict[str, Any] | None) -> Track | None:
    """A track from its row; None for none."""
    return _TRACK.validate_python(row) if row else None


def plan_of(row: dict[str, Any]) -> Plan:
    """A plan from its row."""
    return _PLAN.validate_python(row)


def row_of(value: Value) -> dict[str, Any]:
    """The fields of a value as JSON holds them."""
    row: dict[str, Any] = _ADAPTERS[type(value)].dump_python(value, mode="json")
    return row
