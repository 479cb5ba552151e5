"""What both sides of a hearing write for each message: one upsert."""

from __future__ import annotations

from sikua_contracts.registry import ProjectRegistered

KEEP = """INSERT INTO heard (project_id, name, status, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (project_id) DO UPDATE SET name = excluded.name, status = excluded.status, version = excluded.version"""


def row_of(said: ProjectRegistered) -> tuple[str, str, str, int]:
    """Arguments of KEEP."""
    record = said.record
    return record.project_id, record.name, record.status.value, record.version
