"""Rows gathered for one statement each: a batch of events costs as many statements as it touches tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sikua_chassis.session import Session
from sqlalchemy import ARRAY, Column, DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB, dialect
from sqlmodel import SQLModel

_DIALECT: Any = dialect
_POSTGRESQL = _DIALECT()


class OfficeTable(SQLModel):
    """The command office's tables, apart from every other service's."""

    metadata = MetaData()


def text_column(*, nullable: bool = True, key: bool = False) -> Any:
    """A text column."""
    return Column(Text, primary_key=key, nullable=nullable and not key)


def moment_column(*, nullable: bool = True) -> Any:
    """A moment, aware, kept in UTC."""
    return Column(DateTime(timezone=True), nullable=nullable)


def texts_column(*, nullable: bool = False) -> Any:
    """A list of texts."""
    return Column(ARRAY(Text), nullable=nullable)


def document_column(*, nullable: bool = False) -> Any:
    """A JSON document."""
    return Column(JSONB, nullable=nullable)


def gather_row(session: Session, sql: str, key: object, row: Mapping[str, Any]) -> None:
    """Write a row at commit. `sql` takes its rows as one JSON array, $1.

    A later row of the same key in this unit goes over the earlier one; what it leaves out stays. One statement may not
    touch a row twice, so they must be one.
    """
    places: dict[object, int] = session.memo.setdefault(sql, {})
    gathered = session.gathering.rows_of(sql)
    if gathered is None:
        places.clear()
        places[key] = 0
        session.gather(sql, [row])
        return
    rows: list[Mapping[str, Any]] = gathered[0][0]
    if key in places:
        rows[places[key]] = {**rows[places[key]], **row}
    else:
        places[key] = len(rows)
        rows.append(row)


def insert_of(table: type[OfficeTable]) -> str:
    """INSERT that takes its rows as one JSON array of objects, $1; a column that a row leaves out is NULL."""
    columns = table.metadata.tables[str(table.__tablename__)].columns
    names = ", ".join(f'"{column.name}"' for column in columns)
    typed = ", ".join(f'"{column.name}" {column.type.compile(dialect=_POSTGRESQL)}' for column in columns)
    return (
        f"INSERT INTO {table.__tablename__} AS kept ({names}) "
        f"SELECT {names} FROM jsonb_to_recordset($1::jsonb) AS given({typed})"
    )


def upsert_of(table: type[OfficeTable], *, keeps: tuple[str, ...] = (), newer_by: str | None = None) -> str:
    """The same for rows that may be there already: they take the new values.

    In the columns of `keeps` NULL leaves what was there. With `newer_by` only a row with a higher number there is taken.
    """
    declared = table.metadata.tables[str(table.__tablename__)]
    key = ", ".join(f'"{column.name}"' for column in declared.primary_key)
    changes = ", ".join(
        f'"{name}" = coalesce(excluded."{name}", kept."{name}")' if name in keeps else f'"{name}" = excluded."{name}"'
        for name in (column.name for column in declared.columns if not column.primary_key)
    )
    condition = f' WHERE kept."{newer_by}" < excluded."{newer_by}"' if newer_by else ""
    return f"{insert_of(table)} ON CONFLICT ({key}) DO UPDATE SET {changes}{condition}"
