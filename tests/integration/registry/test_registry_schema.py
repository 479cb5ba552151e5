"""The tables that are declared and the tables that migrating makes are the same."""

from __future__ import annotations

from sikua_chassis.service import Service
from sikua_registry.tables import FactRow, ImportRow, PastRow, ProjectRow, UnavailableRow

TABLES = (ProjectRow, PastRow, FactRow, UnavailableRow, ImportRow)


async def test_declared_tables_are_migrated_tables(registry: Service) -> None:
    rows = await registry.database.pool.fetch(
        """SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
        WHERE table_schema = current_schema()"""
    )
    migrated: dict[str, dict[str, tuple[str, bool]]] = {}
    for row in rows:
        columns = migrated.setdefault(row["table_name"], {})
        columns[row["column_name"]] = (row["data_type"], row["is_nullable"] == "YES")
    for table in TABLES:
        declared = table.metadata.tables[str(table.__tablename__)]
        shown = {column.name: (_named(column.type), column.nullable) for column in declared.columns}
        assert shown == migrated[declared.name], declared.name


async def test_primary_keys_are_migrated_as_declared(registry: Service) -> None:
    rows = await registry.database.pool.fetch(
        """SELECT t.relname AS table_name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
        FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey)
        WHERE i.indisprimary AND t.relnamespace = current_schema()::regnamespace GROUP BY t.relname"""
    )
    migrated = {row["table_name"]: set(row["columns"]) for row in rows}
    for table in TABLES:
        declared = table.metadata.tables[str(table.__tablename__)]
        assert {column.name for column in declared.primary_key} == migrated[declared.name]


def _named(kind: object) -> str:
    shown = str(kind).upper()
    for start, name in (
        ("VARCHAR", "text"),
        ("TEXT", "ARRAY" if shown.endswith("[]") else "text"),
        ("INTEGER", "integer"),
        ("JSON", "jsonb"),
        ("TIMESTAMP", "timestamp with time zone"),
        ("DATETIME", "timestamp with time zone"),
        ("ARRAY", "ARRAY"),
    ):
        if shown.startswith(start):
            return name
    return shown
