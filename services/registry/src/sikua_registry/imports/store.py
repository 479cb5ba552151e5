"""Reports of imports are kept; imports of one registry take turns, so that two of the same ledger can't both add it."""

from __future__ import annotations

from collections.abc import Sequence

from sikua_chassis.session import Session

from sikua_registry.imports.matching import Namesake
from sikua_registry.imports.report import ImportLine, ImportReport

_TURN = "SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('imports'))"
_NAMESAKES = """SELECT id, name_key, divisions, import_key FROM project
WHERE name_key = ANY ($1) AND status <> 'MERGED' ORDER BY id"""
_KEEP = """INSERT INTO import_report (id, source, sha256, imported_at, recorded_at, imported_by, summary, rows)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""
_LISTED = """SELECT id, imported_at, imported_by, summary FROM import_report
WHERE $1::text IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"""


async def take_turn(session: Session) -> None:
    """Wait until no other import runs; held until the unit of work ends."""
    await session.fetchval(_TURN)


async def namesakes(session: Session, name_keys: Sequence[str]) -> list[Namesake]:
    """Registered projects of these names."""
    rows = await session.fetch(_NAMESAKES, list(name_keys))
    return [Namesake(row["id"], row["name_key"], tuple(row["divisions"]), row["import_key"]) for row in rows]


async def same_file(session: Session, sha256: str) -> str | None:
    """The first import of the very same bytes."""
    found = await session.fetchval("SELECT id FROM import_report WHERE sha256 = $1 ORDER BY id LIMIT 1", sha256)
    return None if found is None else str(found)


def keep(session: Session, report: ImportReport, by: str) -> None:
    """Write a report when the unit of work commits."""
    session.gather(
        _KEEP,
        report.id,
        report.summary.source,
        report.summary.sha256,
        session.now,
        session.recorded_at,
        by,
        report.summary,
        [row.model_dump(mode="json") for row in report.rows],
    )


async def find(session: Session, import_id: str) -> ImportReport | None:
    """A report by its id."""
    row = await session.fetchrow("SELECT id, summary, rows FROM import_report WHERE id = $1", import_id)
    return None if row is None else ImportReport.model_validate(dict(row))


async def listed(session: Session, before: str | None, limit: int) -> list[ImportLine]:
    """Imports, newest first."""
    return [ImportLine.model_validate(dict(row)) for row in await session.fetch(_LISTED, before, limit)]
