"""The mark that a database holds a demonstration, beside the turned clock."""

from __future__ import annotations

from typing import Any

_CREATE = """CREATE SCHEMA IF NOT EXISTS clock;
CREATE TABLE IF NOT EXISTS clock.demonstration (id int PRIMARY KEY CHECK (id = 1), marked_at timestamptz NOT NULL)"""


async def is_marked(connection: Any) -> bool:
    """Whether the mark is there."""
    if await connection.fetchval("SELECT to_regclass('clock.demonstration')") is None:
        return False
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM clock.demonstration)"))


async def holds_projects(connection: Any) -> bool:
    """Whether the registry holds any project."""
    if await connection.fetchval("SELECT to_regclass('registry.project')") is None:
        return False
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM registry.project)"))


async def mark(connection: Any) -> None:
    """Set the mark."""
    await connection.execute(_CREATE)
    await connection.execute("INSERT INTO clock.demonstration (id, marked_at) VALUES (1, now()) ON CONFLICT DO NOTHING")
