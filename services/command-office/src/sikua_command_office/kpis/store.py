"""What the targets are reckoned from, of the projects that the reader sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sikua_chassis.session import Session

_SEEN = "EXISTS (SELECT 1 FROM unnest(c.divisions) AS division WHERE division LIKE ANY($1::text[]))"
_ON_THE_BOOKS = f"c.status IN ('ACTIVE', 'SUSPENDED') AND ($1::text[] IS NULL OR {_SEEN})"


async def projects(session: Session, visible: Sequence[str] | None) -> list[Any]:
    """Cards of projects on the books with their total investment (万元, as text), by name."""
    return await session.fetch(
        "SELECT c.project_id, c.status, c.name, c.divisions, c.zone, c.chain, c.origins, c.stage, c.historic, c.started, "
        "c.crossings, c.reason, c.record->'fields'->'total_investment_wan'->>'value' AS investment_wan "
        f"FROM project_card c WHERE {_ON_THE_BOOKS} ORDER BY c.name, c.project_id",
        visible,
    )


async def facts(session: Session, dataset: str, visible: Sequence[str] | None) -> list[Any]:
    """Facts of one dataset that were not withdrawn: project_id, field_values, withheld, quality."""
    return await session.fetch(
        "SELECT f.project_id, f.field_values, f.withheld, f.quality FROM fact_card f JOIN project_card c USING (project_id) "
        f"WHERE f.dataset = $2 AND f.withdrawn_at IS NULL AND {_ON_THE_BOOKS}",
        visible,
        dataset,
    )
