"""A schema written at once and one that came there migration by migration are the same."""

from __future__ import annotations

import re

import asyncpg
import pytest
from sikua_chassis.migrate import CHASSIS_MIGRATIONS, CHASSIS_VERSION, SERVICE_VERSION, migrate
from sikua_chassis.upgrading import upgrade
from sikua_contracts.topics import SERVICES
from support.postgres import migrations_of

COLUMNS = """SELECT table_name, ordinal_position, column_name, data_type, udt_name, is_nullable, column_default, is_identity,
  is_generated, character_maximum_length FROM information_schema.columns WHERE table_schema = $1"""
INDEXES = "SELECT tablename, replace(indexdef, $1 || '.', '') FROM pg_indexes WHERE schemaname = $1"
CONSTRAINTS = """SELECT t.relname, c.conname, replace(pg_get_constraintdef(c.oid), $1 || '.', '')
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid WHERE c.connamespace = $1::regnamespace"""
STORED = """SELECT t.relname, t.relkind, t.reloptions, a.attname, a.attstorage, a.attcompression
FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 WHERE t.relnamespace = $1::regnamespace"""
# A schema's own namespace is drawn by lot.
ANY_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
AS_0001 = """DROP TABLE older.denial;
DROP INDEX older.idempotency_created, older.lane_id;
ALTER TABLE older.lane ADD UNIQUE (id), DROP CONSTRAINT lane_pkey, ADD PRIMARY KEY (consumer, source, topic, subject);
UPDATE older.chassis_version SET version_num = '0001'"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = $1"


async def found(connection: asyncpg.Connection, schema: str) -> dict[str, list[str]]:
    """All that is in a schema: what it is made of, and the rows that migrations put there."""
    told = {}
    for name, query in {"columns": COLUMNS, "indexes": INDEXES, "constraints": CONSTRAINTS, "stored": STORED}.items():
        told[name] = sorted(str(tuple(row)) for row in await connection.fetch(query, schema))
    for row in await connection.fetch(TABLES, schema):
        rows = await connection.fetch(f'SELECT to_jsonb(t)::text FROM "{schema}".{row[0]} t')
        told[f"rows of {row[0]}"] = sorted(ANY_UUID.sub("a uuid", each[0]) for each in rows)
    return told


@pytest.mark.parametrize("service", [*SERVICES])
async def test_a_schema_written_at_once_is_as_its_migrations_make_it(service: str, database_url: str) -> None:
    own = migrations_of(service)
    assert own is not None
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("CREATE SCHEMA stepwise")
        await upgrade(database_url, "stepwise", CHASSIS_MIGRATIONS, CHASSIS_VERSION)
        await upgrade(database_url, "stepwise", own, SERVICE_VERSION)
        assert await migrate(database_url, "written", own)
        assert not await migrate(database_url, "stepwise", own)
        stepwise = await found(connection, "stepwise")
        assert len(stepwise) > 12
        assert stepwise == await found(connection, "written")
    finally:
        await connection.close()


async def test_a_schema_on_its_way_goes_on_from_where_it_is(database_url: str) -> None:
    own = migrations_of("registry")
    connection = await asyncpg.connect(database_url)
    try:
        await migrate(database_url, "older", None)
        await connection.execute(AS_0001)
        assert await migrate(database_url, "older", own)
        await migrate(database_url, "newer", own)
        assert await found(connection, "older") == await found(connection, "newer")
    finally:
        await connection.close()
