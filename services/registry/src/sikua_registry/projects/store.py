"""The projects table holds each project as it stands; what it was before lies in project_past, version by version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sikua_chassis.session import Session

from sikua_registry.merging import Fact
from sikua_registry.naming import name_key
from sikua_registry.record import Project


@dataclass(frozen=True)
class Version:
    """One version of a project: its state and what brought it there (`said` is the last part of the event's type)."""

    project: Project
    said: str
    said_by: str
    reason: str | None
    changed: list[str]
    valid_from: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Stored:
    """A project as it stands, with its history line and its facts."""

    version: Version
    registered_at: datetime
    facts: list[Fact]

    @property
    def project(self) -> Project:
        """The state."""
        return self.version.project


ADD = """INSERT INTO project (id, version, status, name_key, import_key, divisions, uscc, project_codes, document,
  registered_at, valid_from, recorded_at, said, said_by, reason, changed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12, $13, $14, $15)"""

_KEEP_PAST = """INSERT INTO project_past (project_id, version, document, valid_from, valid_to, recorded_at, said, said_by,
  reason, changed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""

_REPLACE = """UPDATE project SET version = $2, status = $3, name_key = $4, divisions = $5, uscc = $6, project_codes = $7,
  document = $8, valid_from = $9, recorded_at = $10, said = $11, said_by = $12, reason = $13, changed = $14
WHERE id = $1"""

_COLUMNS = "p.document, p.said, p.said_by, p.reason, p.changed, p.valid_from, p.recorded_at"
_FACTS = """coalesce((SELECT jsonb_agg(to_jsonb(f) - 'heard_at' ORDER BY f.heard_at, f.id) FROM fact f
  WHERE f.project_id = p.id), '[]'::jsonb) AS facts"""
_ONE = f"SELECT {_COLUMNS}, p.registered_at, {_FACTS} FROM project p WHERE p.id = $1"
_LOCKED = f"{_ONE} FOR UPDATE OF p"

_AS_OF = """SELECT document, said, said_by, reason, changed, valid_from, recorded_at FROM (
  SELECT version, document, said, said_by, reason, changed, valid_from, recorded_at FROM project WHERE id = $1
  UNION ALL
  SELECT version, document, said, said_by, reason, changed, valid_from, recorded_at FROM project_past
  WHERE project_id = $1
) every WHERE valid_from <= $2 ORDER BY version DESC LIMIT 1"""

_HISTORY = """SELECT document, said, said_by, reason, changed, valid_from, recorded_at FROM (
  SELECT version, document, said, said_by, reason, changed, valid_from, recorded_at FROM project WHERE id = $1
  UNION ALL
  SELECT version, document, said, said_by, reason, changed, valid_from, recorded_at FROM project_past
  WHERE project_id = $1
) every WHERE version > $2::bigint ORDER BY version LIMIT $3"""

_LIST = f"SELECT {_COLUMNS}, p.registered_at FROM project p WHERE p.id > $1"
_IN_SIGHT = """EXISTS (
  SELECT 1 FROM unnest(CASE WHEN p.divisions = '{}' THEN ARRAY['370200'] ELSE p.divisions END) d WHERE d LIKE ANY (?))"""


@dataclass(frozen=True)
class Wanted:
    """What a list asks for; `visible` are LIKE patterns of divisions, None for all."""

    uscc: str | None = None
    project_code: str | None = None
    name: str | None = None
    status: str | None = None
    division: str | None = None
    visible: list[str] | None = None


def add(session: Session, project: Project, *, by: str, import_key: str | None = None) -> None:
    """Write a new project when the unit of work commits. Reads nothing."""
    session.gather(
        ADD,
        project.id,
        project.version,
        project.status.value,
        name_key(project.name),
        import_key,
        project.divisions,
        project.uscc,
        project.project_codes,
        project,
        session.now,
        session.recorded_at,
        "registered",
        by,
        None,
        [],
    )


def replace(
    session: Session,
    stored: Stored,
    project: Project,
    *,
    said: str,
    by: str,
    reason: str | None,
    changed: Sequence[str],
) -> Stored:
    """Put a new version in place of the stored one, which goes to the past. The caller holds the project's lock."""
    before = stored.version
    session.gather(
        _KEEP_PAST,
        project.id,
        before.project.version,
        before.project,
        before.valid_from,
        session.now,
        before.recorded_at,
        before.said,
        before.said_by,
        before.reason,
        before.changed,
    )
    session.gather(
        _REPLACE,
        project.id,
        project.version,
        project.status.value,
        name_key(project.name),
        project.divisions,
        project.uscc,
        project.project_codes,
        project,
        session.now,
        session.recorded_at,
        said,
        by,
        reason,
        list(changed),
    )
    version = Version(project, said, by, reason, list(changed), session.now, session.recorded_at)
    return Stored(version, stored.registered_at, stored.facts)


def move_facts(session: Session, ending: str, staying: str) -> None:
    """Facts of a merged project belong to the one that stays; `stated_for` keeps whom they were stated for."""
    session.gather("UPDATE fact SET project_id = $2 WHERE project_id = $1", ending, staying)


async def find(session: Session, project_id: str) -> Stored | None:
    """A project as it stands, with its facts."""
    row = await session.fetchrow(_ONE, project_id)
    return None if row is None else _stored(row)


async def locked(session: Session, project_id: str) -> Stored | None:
    """A project with its facts, locked until the unit of work ends."""
    row = await session.fetchrow(_LOCKED, project_id)
    return None if row is None else _stored(row)


async def as_of(session: Session, project_id: str, moment: datetime) -> Version | None:
    """The version that stood at this moment of business time; None before the project was registered."""
    row = await session.fetchrow(_AS_OF, project_id, moment)
    return None if row is None else _version(row)


async def history(session: Session, project_id: str, after: int, limit: int) -> list[Version]:
    """Versions after this one, oldest first."""
    return [_version(row) for row in await session.fetch(_HISTORY, project_id, after, limit)]


async def listed(session: Session, wanted: Wanted, after: str, limit: int) -> list[Version]:
    """Projects in the order of their ids, from the one after `after`."""
    asked = (
        ("p.uscc <> '{}' AND p.uscc @> ARRAY[?]::text[]", wanted.uscc),
        ("p.project_codes <> '{}' AND p.project_codes @> ARRAY[?]::text[]", wanted.project_code),
        ("strpos(p.name_key, ?) > 0", None if wanted.name is None else name_key(wanted.name)),
        ("p.status = ?", wanted.status),
        ("p.divisions @> ARRAY[?]::text[]", wanted.division),
        (_IN_SIGHT, wanted.visible),
    )
    clauses: list[str] = [_LIST]
    arguments: list[Any] = [after]
    for clause, value in asked:
        if value is not None:
            arguments.append(value)
            clauses.append(clause.replace("?", f"${len(arguments)}"))
    sql = " AND ".join(clauses) + f" ORDER BY p.id LIMIT {limit:d}"
    return [_version(row) for row in await session.fetch(sql, *arguments)]


def _stored(row: Any) -> Stored:
    return Stored(_version(row), row["registered_at"], [Fact.model_validate(fact) for fact in row["facts"]])


def _version(row: Any) -> Version:
    return Version(
        project=Project.model_validate(row["document"]),
        said=row["said"],
        said_by=row["said_by"],
        reason=row["reason"],
        changed=list(row["changed"]),
        valid_from=row["valid_from"],
        recorded_at=row["recorded_at"],
    )
