"""The schema that a service declares in its tables is the schema that its migrations reach."""

import importlib
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sikua_contracts.topics import SERVICES
from sqlalchemy import Connection, MetaData
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

CHASSIS = {
    "stream",
    "outbox",
    "publication",
    "published",
    "position",
    "lane",
    "held",
    "discarded",
    "idempotency",
    "denial",
}
VERSIONS = {"chassis_version", "service_version"}


def declared_by(service: str) -> MetaData:
    """The tables that the service (a bridge: the shared bridge) declares."""
    name = "sikua_bridge" if service.endswith("-bridge") else "sikua_" + service.replace("-", "_")
    declared = vars(importlib.import_module(f"{name}.tables")).values()
    (metadata,) = {
        id(model.metadata): model.metadata
        for model in declared
        if isinstance(model, type) and issubclass(model, SQLModel) and model is not SQLModel
    }.values()
    return metadata


def written(column_type: Any) -> str:
    """The type as PostgreSQL writes it; text and varchar without a length are the same to it."""
    return str(column_type.compile(dialect=postgresql.dialect())).replace("VARCHAR", "TEXT")


def differences(connection: Connection, declared: MetaData) -> list[Any]:
    def ours(_object: Any, name: str | None, kind: str, reflected: bool, _to: Any) -> bool:
        return not (
            kind == "table" and reflected and (name in CHASSIS | VERSIONS or str(name).startswith("published_"))
        )

    def types_differ(_context: Any, _found: Any, _declared: Any, found: Any, declared: Any) -> bool | None:
        return False if written(found) == written(declared) else None

    context = MigrationContext.configure(
        connection, opts={"include_object": ours, "compare_type": types_differ, "compare_server_default": False}
    )
    assert declared.tables, "nothing is declared"
    return [
        difference
        for difference in compare_metadata(context, declared)
        if not (isinstance(difference, tuple) and str(difference[0]).endswith(("_index", "_constraint")))
    ]


@pytest.mark.parametrize("service", SERVICES)
async def test_declared_tables_are_what_migrations_make(service: str, database_url: str) -> None:
    async def connect() -> Any:
        return await asyncpg.connect(database_url, server_settings={"search_path": f'"{service}"'})

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(differences, declared_by(service))
    finally:
        await engine.dispose()
    assert found == []
