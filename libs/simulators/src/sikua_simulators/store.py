"""The mark that a database holds a demonstration, beside the turned clock."""

from __future__ import annotations

from typing import Any

_CREATE = """CREATE SCHEMA IF NOT EXISTS clock;
CREATE TABLE IF NOT EXISTS clock.demonstration (id int PRIMARY KEY CHECK (id = 1), marked_at timestamptz NOT NULL)"""

_BRIDGES = ("tax-bridge", "reform-bridge", "finance-bridge")


async def is_marked(connection: Any) -> bool:
    """Whether the mark is there."""
    if await connection.fetchval("SELECT to_regclass('clock.demonstration')") is None:
        return False
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM clock.demonstration)"))


async def holds_real_data(connection: Any) -> bool:
    """Whether the registry holds any project, or a bridge any row that is not simulated."""
    looks = {"registry.project": "SELECT EXISTS (SELECT FROM registry.project)"}
    for bridge in _BRIDGES:
        table = f'"{bridge}".statement'
        looks[table] = f"SELECT EXISTS (SELECT FROM {table} WHERE document ->> 'quality' <> 'simulated')"
    for table, look in looks.items():
        if await connection.fetchval("SELECT to_regclass($1)", table) is not None and await connection.fetchval(look):
            return True
    return False


async def mark(connection: Any) -> None:
    """Set the mark."""
    await connection.execute(_CREATE)
    await connection.execute("INSERT INTO clock.demonstration (id, marked_at) VALUES (1, now()) ON CONFLICT DO NOTHING")
