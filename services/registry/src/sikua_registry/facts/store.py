"""Every fact ever heard is kept whole, with all its levels; also who was asked and had nothing to say."""

from __future__ import annotations

from typing import Any

from sikua_chassis.session import Session
from sikua_contracts.bridges import FactUnavailable

from sikua_registry.merging import Fact

_KEEP = """INSERT INTO fact (id, project_id, stated_for, department, dataset, "values", as_of, basis, quality, resource_id,
  batch_id, row_hash, heard_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING"""

_UNAVAILABLE = """INSERT INTO unavailable (project_id, department, dataset, reason, asked_at, ask_again_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (project_id, department, dataset) DO UPDATE
  SET reason = excluded.reason, asked_at = excluded.asked_at, ask_again_at = excluded.ask_again_at"""


def keep(session: Session, fact: Fact, *, stated_for: str) -> None:
    """Write a fact when the unit of work commits."""
    session.gather(
        _KEEP,
        fact.id,
        fact.project_id,
        stated_for,
        fact.department,
        fact.dataset,
        [value.model_dump(mode="json") for value in fact.values],
        fact.as_of,
        fact.basis,
        fact.quality.value,
        fact.resource_id,
        fact.batch_id,
        fact.row_hash,
        session.recorded_at,
    )


def withdraw(session: Session, fact_id: str, reason: str) -> None:
    """Mark a fact as taken back; it stays readable."""
    session.gather("UPDATE fact SET withdrawn_reason = $2 WHERE id = $1", fact_id, reason)


def has_spoken(session: Session, project_id: str, department: str, dataset: str) -> None:
    """The department has something to say after all."""
    session.gather(
        "DELETE FROM unavailable WHERE project_id = $1 AND department = $2 AND dataset = $3",
        project_id,
        department,
        dataset,
    )


def keep_unavailable(session: Session, project_id: str, said: FactUnavailable) -> None:
    """Write that a department had nothing to say."""
    session.gather(
        _UNAVAILABLE, project_id, said.department, said.dataset, said.reason, said.asked_at, said.ask_again_at
    )


async def unavailable_of(session: Session, project_id: str) -> list[dict[str, Any]]:
    """What departments had nothing to say about, by department and dataset."""
    rows = await session.fetch(
        """SELECT department, dataset, reason, asked_at, ask_again_at FROM unavailable WHERE project_id = $1
        ORDER BY department, dataset""",
        project_id,
    )
    return [dict(row) for row in rows]
