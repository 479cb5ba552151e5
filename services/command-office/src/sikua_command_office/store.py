"""Rows gathered for one statement each: a batch of events costs as many statements as it touches tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sikua_chassis.session import Session


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


def insert_of(table: str, columns: str) -> str:
    """INSERT into these columns (names between spaces) that takes its rows as one JSON array of objects, $1.

    A column that a row leaves out is NULL.
    """
    names = ", ".join(f'"{name}"' for name in columns.split())
    rows = f"jsonb_populate_recordset(NULL::{table}, $1::jsonb)"
    return f"INSERT INTO {table} AS kept ({names}) SELECT {names} FROM {rows}"


def upsert_of(table: str, *, key: str, takes: str, keeps: str = "", newer_by: str | None = None) -> str:
    """The same for rows that may be there already: they take the new values.

    In the columns of `keeps` NULL leaves what was there. With `newer_by` only a row with a higher number there is taken.
    """
    changes = [f'"{name}" = excluded."{name}"' for name in takes.split()]
    changes += [f'"{name}" = coalesce(excluded."{name}", kept."{name}")' for name in keeps.split()]
    condition = f' WHERE kept."{newer_by}" < excluded."{newer_by}"' if newer_by else ""
    named = ", ".join(key.split())
    inserted = insert_of(table, f"{key} {takes} {keeps}")
    return f"{inserted} ON CONFLICT ({named}) DO UPDATE SET {', '.join(changes)}{condition}"
