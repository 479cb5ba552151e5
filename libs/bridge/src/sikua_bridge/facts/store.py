"""Statements: which row was stated for which project, and which wait for a link. A row is stated once per project."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sikua_chassis.session import Session

from sikua_bridge.datasets import KeyKind
from sikua_bridge.facts.statement import Statement
from sikua_bridge.tools import BridgeTools


@dataclass(frozen=True)
class Kept:
    """What became of one statement for one project (None: held)."""

    statement: Statement
    project_id: str | None
    fact_id: str
    new: bool


_INSERT = """INSERT INTO statement (fact_id, dataset, project_id, key_kind, key, state, document, row_hash, batch_id,
  stated_at, recorded_at)
SELECT r.fact_id, r.dataset, r.project_id, r.key_kind, r.key, r.state, r.document, r.row_hash, r.batch_id, $2, $3
FROM jsonb_to_recordset($1::jsonb) AS r(fact_id text, dataset text, project_id text, key_kind text, key text,
  state text, document jsonb, row_hash text, batch_id text)
ORDER BY r.fact_id
ON CONFLICT (fact_id) DO NOTHING RETURNING fact_id"""


_ROUNDS = """SELECT s.dataset, s.project_id, s.row_hash, count(*) AS rounds
FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted(dataset, project_id, row_hash)
JOIN statement s USING (dataset, project_id, row_hash) WHERE s.state = 'unlinked' GROUP BY 1, 2, 3"""

_UNDER_KEYS = """SELECT DISTINCT ON (s.dataset, s.row_hash) s.*
FROM unnest($1::text[], $2::text[]) AS borne(key_kind, key) JOIN statement AS s USING (key_kind, key)
WHERE s.state <> 'withdrawn'
  AND NOT EXISTS (SELECT FROM statement o WHERE o.project_id = $3 AND o.dataset = s.dataset AND o.row_hash = s.row_hash
    AND o.state <> 'unlinked')
  AND (s.state = 'stated' OR NOT EXISTS (SELECT FROM statement w WHERE w.key_kind = s.key_kind AND w.key = s.key
    AND w.dataset = s.dataset AND w.row_hash = s.row_hash AND w.state = 'withdrawn'))
  AND (s.state <> 'unavailable' OR s.recorded_at >= (SELECT max(l.recorded_at) FROM statement l
    WHERE l.key_kind = s.key_kind AND l.key = s.key AND l.dataset = s.dataset))
ORDER BY s.dataset, s.row_hash, s.recorded_at"""


async def add(session: Session, statements: Sequence[tuple[Statement, str | None]]) -> list[Kept]:
    """Keep each statement for its project (None: held); what became of each, in order."""
    if not statements:
        return []
    namespace = await _namespace(session)
    rounds = await _rounds(session, statements)
    ids = [
        statement.id_for(
            namespace, project_id, rounds.get((statement.dataset, project_id or "", statement.row_hash), 0)
        )
        for statement, project_id in statements
    ]
    rows = {
        fact_id: {
            "fact_id": fact_id,
            "dataset": statement.dataset,
            "project_id": project_id,
            "key_kind": statement.kind.value,
            "key": statement.key,
            "state": "held" if project_id is None else "unavailable" if statement.unavailable else "stated",
            "document": statement.document,
            "row_hash": statement.row_hash,
            "batch_id": statement.batch_id,
        }
        for fact_id, (statement, project_id) in zip(ids, statements, strict=True)
    }
    found = await session.fetch(_INSERT, list(rows.values()), session.now, session.recorded_at)
    new = {row["fact_id"] for row in found}
    kept = []
    for fact_id, (statement, project_id) in zip(ids, statements, strict=True):
        kept.append(Kept(statement, project_id, fact_id, fact_id in new))
        new.discard(fact_id)
    return kept


async def _namespace(session: Session) -> uuid.UUID:
    tools: BridgeTools = session.tools
    known = tools.namespaces.get(session.service)
    if known is None:
        # The driver's own UUID type is not the standard library's.
        known = uuid.UUID(str(await session.fetchval("SELECT namespace FROM fact_namespace")))
        tools.namespaces[session.service] = known
    return known


async def _rounds(
    session: Session, statements: Sequence[tuple[Statement, str | None]]
) -> dict[tuple[str, str, str], int]:
    wanted = {
        (statement.dataset, project_id, statement.row_hash)
        for statement, project_id in statements
        if project_id is not None
    }
    rows = await session.fetch(_ROUNDS, *([each[place] for each in sorted(wanted)] for place in range(3)))
    return {(row["dataset"], row["project_id"], row["row_hash"]): row["rounds"] for row in rows}


async def standing(session: Session, fact_ids: Sequence[str]) -> frozenset[str]:
    """Those of these facts that were not taken back."""
    if not fact_ids:
        return frozenset()
    rows = await session.fetch(
        "SELECT fact_id FROM statement WHERE fact_id = ANY($1) AND state = 'stated'", sorted(set(fact_ids))
    )
    return frozenset(row["fact_id"] for row in rows)


async def repeat(session: Session, fact_ids: Sequence[str]) -> frozenset[str]:
    """Those of these facts that still hold, noted as said again now."""
    rows = await session.fetch(
        "UPDATE statement SET recorded_at = $2 WHERE fact_id = ANY($1) AND state = 'stated' RETURNING fact_id",
        sorted(set(fact_ids)),
        session.recorded_at,
    )
    return frozenset(row["fact_id"] for row in rows)


async def under_keys(
    session: Session, keys: Sequence[tuple[str, str]], departments: dict[str, str], project_id: str
) -> list[Statement]:
    """Everything ever stated or held under these keys that this project lacks, oldest first, and the last word where that was
    that nothing is known.

    `departments` tells the department of each dataset.
    """
    rows = await session.fetch(_UNDER_KEYS, [kind for kind, _ in keys], [key for _, key in keys], project_id)
    ordered = sorted(rows, key=lambda row: (row["recorded_at"], row["fact_id"]))
    return [
        Statement(
            row["dataset"],
            departments[row["dataset"]],
            KeyKind(row["key_kind"]),
            row["key"],
            row["document"],
            row["row_hash"],
            row["batch_id"],
            unavailable=row["state"] == "unavailable",
        )
        for row in ordered
        if row["dataset"] in departments
    ]


async def unlink(session: Session, project_id: str, kind: str, key: str) -> list[tuple[str, str]]:
    """Mark what was stated for a project under a key that is no longer its own; (fact id, dataset), oldest first."""
    rows = await session.fetch(
        """UPDATE statement SET state = 'unlinked'
        WHERE project_id = $1 AND key_kind = $2 AND key = $3 AND state = 'stated'
        RETURNING fact_id, dataset, recorded_at""",
        project_id,
        kind,
        key,
    )
    ordered = sorted(rows, key=lambda row: (row["recorded_at"], row["fact_id"]))
    return [(row["fact_id"], row["dataset"]) for row in ordered]


async def release(session: Session, keys: Sequence[tuple[str, str]]) -> None:
    """What was held under these keys waits no longer."""
    await session.execute(
        """UPDATE statement SET state = 'released' FROM unnest($1::text[], $2::text[]) AS borne(key_kind, key)
        WHERE statement.key_kind = borne.key_kind AND statement.key = borne.key AND state = 'held'""",
        [kind for kind, _ in keys],
        [key for _, key in keys],
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
