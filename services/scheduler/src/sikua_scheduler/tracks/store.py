"""Tracks as they are asked for."""

from __future__ import annotations

from typing import Any

from sikua_chassis.session import Session

_PAGE = """SELECT t.* FROM track t JOIN project j USING (project_id)
WHERE ($1::text[] IS NULL OR EXISTS (
    SELECT 1 FROM unnest(j.divisions) division, unnest($1::text[]) seen WHERE starts_with(division, seen)))
  AND ($2::text IS NULL OR t.track_id > $2) AND ($3::text IS NULL OR t.project_id = $3)
  AND ($4::boolean IS NULL OR (t.closed_at IS NULL) = $4) AND ($5::text IS NULL OR t.reasons ? $5)
ORDER BY t.track_id LIMIT $6"""


async def page(
    session: Session,
    seen: list[str] | None,
    after: str | None,
    project_id: str | None,
    is_open: bool | None,
    reason: str | None,
    limit: int,
) -> list[Any]:
    """Tracks in order of id."""
    return await session.fetch(_PAGE, seen, after, project_id, is_open, reason, limit)
