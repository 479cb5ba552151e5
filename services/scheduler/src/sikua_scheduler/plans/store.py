"""Plans as they are asked for: one by one, counted, with those projects that have none and why."""

from __future__ import annotations

from typing import Any

from sikua_chassis.session import Session

_SEEN = """($1::text[] IS NULL OR EXISTS (
  SELECT 1 FROM unnest(j.divisions) division, unnest($1::text[]) seen WHERE starts_with(division, seen)))"""

_PAGE = f"""SELECT j.project_id, j.name, j.divisions, j.planless_reason, p.version, p.status, p.fast_lane, p.quiet,
  p.created_at, t.reasons AS track_reasons
FROM project j LEFT JOIN plan p USING (project_id)
LEFT JOIN track t ON t.project_id = j.project_id AND t.closed_at IS NULL
WHERE {_SEEN} AND ($2::text IS NULL OR j.project_id > $2)
  AND ($3::text IS NULL OR p.status = $3) AND ($4::boolean IS NULL OR (p.project_id IS NULL) = $4)
ORDER BY j.project_id LIMIT $5"""

_SUMMARY = f"""SELECT count(p.project_id) AS plans, count(*) FILTER (WHERE p.project_id IS NULL) AS planless,
  count(*) FILTER (WHERE p.fast_lane) AS fast_lane, count(*) FILTER (WHERE p.quiet) AS quiet
FROM project j LEFT JOIN plan p USING (project_id) WHERE {_SEEN}"""
_BY_STATUS = f"""SELECT p.status, count(*) AS number FROM project j JOIN plan p USING (project_id)
WHERE {_SEEN} GROUP BY p.status ORDER BY p.status"""
_BY_REASON = f"""SELECT j.planless_reason, count(*) AS number FROM project j
WHERE {_SEEN} AND j.planless_reason IS NOT NULL GROUP BY j.planless_reason ORDER BY j.planless_reason"""
_BY_STEP = f"""SELECT s.code, s.status, count(*) AS number FROM step s JOIN project j USING (project_id)
WHERE {_SEEN} AND s.item IS NULL GROUP BY s.code, s.status ORDER BY min(s.ordinal), s.status"""
_PROJECT = "SELECT name, divisions, planless_reason FROM project WHERE project_id = $1"
_RELEASE = """UPDATE plan SET quiet = false, released_at = $2, released_by = $3
WHERE quiet AND ($1::text[] IS NULL OR project_id = ANY($1)) RETURNING project_id"""


async def page(
    session: Session, seen: list[str] | None, after: str | None, status: str | None, planless: bool | None, limit: int
) -> list[Any]:
    """Projects in order of id with their plan or the reason why there is none. `seen`: division prefixes, None for all."""
    return await session.fetch(_PAGE, seen, after, status, planless, limit)


async def summary(session: Session, seen: list[str] | None) -> dict[str, Any]:
    """Counts: plans, planless by reason, lanes, plans by status, steps by state."""
    row = await session.fetchrow(_SUMMARY, seen)
    steps: dict[str, dict[str, int]] = {}
    for one in await session.fetch(_BY_STEP, seen):
        steps.setdefault(one["code"], {})[one["status"]] = one["number"]
    return {
        **dict(row or {}),
        "by_status": {one["status"]: one["number"] for one in await session.fetch(_BY_STATUS, seen)},
        "by_reason": {one["planless_reason"]: one["number"] for one in await session.fetch(_BY_REASON, seen)},
        "steps": steps,
    }


async def project(session: Session, project_id: str) -> Any | None:
    """Name, divisions and the reason of having no plan."""
    return await session.fetchrow(_PROJECT, project_id)


async def planless_reason(session: Session, project_id: str) -> str | None:
    """Why the project has no plan; None when it has one or isn't known."""
    reason = await session.fetchval("SELECT planless_reason FROM project WHERE project_id = $1", project_id)
    return str(reason) if reason is not None else None


async def planned(session: Session, project_id: str) -> None:
    """The project has a plan now."""
    await session.execute("UPDATE project SET planless_reason = NULL WHERE project_id = $1", project_id)


async def release(session: Session, project_ids: list[str] | None, by: str) -> int:
    """Let quiet plans speak; how many there were."""
    return len(await session.fetch(_RELEASE, project_ids, session.now, by))
