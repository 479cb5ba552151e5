"""The tables that the code declares and those that migrating makes are the same."""

from __future__ import annotations

from sikua_notifier.tables import NotifierTable
from support.notices import Desk


async def test_the_declared_tables_are_the_migrated_ones(desk: Desk) -> None:
    declared = {
        (table.name, column.name, bool(column.nullable))
        for table in NotifierTable.metadata.tables.values()
        for column in table.columns
    }
    async with desk.system.services["notifier"].database.unit_of_work() as session:
        rows = await session.fetch(
            """SELECT table_name, column_name, is_nullable = 'YES' AS nullable FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = ANY($1)""",
            sorted(NotifierTable.metadata.tables),
        )
    assert {(row["table_name"], row["column_name"], row["nullable"]) for row in rows} == declared
