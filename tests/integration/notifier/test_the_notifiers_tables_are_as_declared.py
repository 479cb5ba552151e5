"""The tables that the code declares and those that migrating makes are the same."""

from __future__ import annotations

from sikua_notifier.calendars.store import NotifierTable
from sikua_notifier.contacts import store as contacts
from sikua_notifier.notices import store as notices
from sikua_notifier.parcels import store as parcels
from sikua_notifier.silences import store as silences
from sikua_notifier.webhooks import store as webhooks
from support.notices import Desk

STORES = (contacts, notices, parcels, silences, webhooks)


async def test_the_declared_tables_are_the_migrated_ones(desk: Desk) -> None:
    assert all(STORES)
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
