"""Projects heard of, one row each, as far as linking and asking need them."""

from __future__ import annotations

from collections.abc import Sequence

from sikua_chassis.session import Session

from sikua_bridge.linking import KnownProject


async def signature_of(session: Session, project_id: str) -> str | None:
    """The stored signature; None for a project not heard of."""
    found = await session.fetchval("SELECT signature FROM known_project WHERE project_id = $1", project_id)
    return str(found) if found is not None else None


def note(session: Session, project: KnownProject, active: bool, signature: str) -> None:
    """Keep the project as it now is, before the next read."""
    session.gather(
        """INSERT INTO known_project (project_id, name, divisions, active, signature, heard_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (project_id) DO UPDATE SET name = excluded.name, divisions = excluded.divisions,
          active = excluded.active, signature = excluded.signature, heard_at = excluded.heard_at""",
        project.project_id,
        project.name,
        list(project.divisions),
        active,
        signature,
        session.recorded_at,
    )


async def active_projects(session: Session, project_ids: Sequence[str] | None = None) -> list[KnownProject]:
    """Active projects, all of them or those named, in a stable order."""
    rows = await session.fetch(
        """SELECT project_id, name, divisions FROM known_project
        WHERE active AND ($1::text[] IS NULL OR project_id = ANY($1)) ORDER BY project_id""",
        None if project_ids is None else list(project_ids),
    )
    return [KnownProject(row["project_id"], row["name"], tuple(row["divisions"])) for row in rows]


async def is_known(session: Session, project_id: str) -> bool:
    """Whether the project was heard of."""
    return bool(await session.fetchval("SELECT true FROM known_project WHERE project_id = $1", project_id))
