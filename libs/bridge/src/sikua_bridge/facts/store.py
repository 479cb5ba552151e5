"""Statements: which row was stated for which project, and which wait for a link. A row is stated once per project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sikua_chassis.session import Session
from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from sikua_bridge.datasets import KeyKind
from sikua_bridge.facts.statement import Statement
from sikua_bridge.tables import BridgeTable


class StatementRow(BridgeTable, table=True):
    """One fact of one project, or a row held under its key (`project_id` null)."""

    __tablename__ = "statement"
    __table_args__ = (
        Index("statement_key", "key_kind", "key"),
        Index("statement_project", "project_id", "stated_at"),
    )

    fact_id: str = Field(primary_key=True)
    dataset: str
    project_id: str | None = None
    key_kind: str
    key: str
    state: str
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    row_hash: str
    batch_id: str | None = None
    stated_at: datetime
    recorded_at: datetime


_INSERT = """INSERT INTO statement (fact_id, dataset, project_id, key_kind, key, state, document, row_hash, batch_id,
  stated_at, recorded_at)
SELECT r.fact_id, r.dataset, r.project_id, r.key_kind, r.key, r.state, r.document, r.row_hash, r.batch_id, $2, $3
FROM jsonb_to_recordset($1::jsonb) AS r(fact_id text, dataset text, project_id text, key_kind text, key text,
  state text, document jsonb, row_hash text, batch_id text)
ORDER BY r.fact_id
ON CONFLICT (fact_id) DO NOTHING RETURNING fact_id"""


async def add(session: Session, statements: Iterable[tuple[Statement, str | None]]) -> set[str]:
    """Keep each statement for its project (None: held); the ids of those that are new."""
    rows = {}
    for statement, project_id in statements:
        fact_id = statement.id_for(project_id)
        state = "held" if project_id is None else "unavailable" if statement.unavailable else "stated"
        rows[fact_id] = {
            "fact_id": fact_id,
            "dataset": statement.dataset,
            "project_id": project_id,
            "key_kind": statement.kind.value,
            "key": statement.key,
            "state": state,
            "document": statement.document,
            "row_hash": statement.row_hash,
            "batch_id": statement.batch_id,
        }
    if not rows:
        return set()
    found = await session.fetch(_INSERT, list(rows.values()), session.now, session.recorded_at)
    return {row["fact_id"] for row in found}


async def under_key(
    session: Session, kind: str, key: str, departments: dict[str, str], project_id: str
) -> list[Statement]:
    """Everything ever stated or held under a key that this project lacks, oldest first.

    `departments` tells the department of each dataset.
    """
    rows = await session.fetch(
        """SELECT DISTINCT ON (dataset, row_hash) * FROM statement AS s
        WHERE key_kind = $1 AND key = $2 AND state <> 'withdrawn'
          AND NOT EXISTS (SELECT FROM statement o
            WHERE o.project_id = $3 AND o.dataset = s.dataset AND o.row_hash = s.row_hash)
        ORDER BY dataset, row_hash, stated_at""",
        kind,
        key,
        project_id,
    )
    ordered = sorted(rows, key=lambda row: (row["stated_at"], row["fact_id"]))
    return [
        Statement(
            row["dataset"],
            departments[row["dataset"]],
            KeyKind(row["key_kind"]),
            row["key"],
            row["document"],
            row["row_hash"],
            row["batch_id"],
            unavailable=row["row_hash"].startswith("unavailable|"),
        )
        for row in ordered
        if row["dataset"] in departments
    ]


async def release(session: Session, kind: str, key: str) -> None:
    """What was held under the key waits no longer."""
    await session.execute(
        "UPDATE statement SET state = 'released' WHERE key_kind = $1 AND key = $2 AND state = 'held'", kind, key
    )


async def withdraw(session: Session, fact_id: str) -> Any | None:
    """Take a stated fact back; None when there is none."""
    return await session.fetchrow(
        """UPDATE statement SET state = 'withdrawn' WHERE fact_id = $1 AND state = 'stated'
        RETURNING fact_id, project_id, dataset""",
        fact_id,
    )


async def dataset_of(session: Session, fact_id: str) -> str | None:
    """The dataset of a stated fact; None when there is none."""
    found = await session.fetchval(
        "SELECT dataset FROM statement WHERE fact_id = $1 AND project_id IS NOT NULL", fact_id
    )
    return str(found) if found is not None else None


async def held(session: Session, after: Sequence[Any] | None, limit: int) -> Sequence[Any]:
    """Rows that no project of ours could be found for, without their values, by id, `limit` + 1 of them."""
    return await session.fetch(
        """SELECT fact_id, dataset, key_kind, key, batch_id, stated_at FROM statement
        WHERE state = 'held' AND ($1::text IS NULL OR fact_id > $1) ORDER BY fact_id LIMIT $2""",
        after[0] if after else None,
        limit + 1,
    )
