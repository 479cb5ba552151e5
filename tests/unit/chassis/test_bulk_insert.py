"""Rows of one INSERT leave together only where that means what one row after another means."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_chassis.bulk_insert import BulkInserts, insert_of

KEEP = "INSERT INTO kept (a, b) VALUES ($1, $2)"
UPSERT = f"{KEEP} ON CONFLICT (a) DO UPDATE SET b = excluded.b"


def known(*sent: str, types: tuple[str, ...] = ("text", "int4"), kind: str = "scalar") -> BulkInserts:
    """What is known after the server has told the types of these statements."""
    told = [SimpleNamespace(name=name, schema="pg_catalog", kind=kind) for name in types]

    class Server:
        async def prepare(self, _sql: str) -> Any:
            return SimpleNamespace(get_parameters=lambda: told)

    inserts = BulkInserts()
    asyncio.run(inserts.learn(Server(), [(sql, [(), ()]) for sql in sent]))
    return inserts


def test_rows_leave_as_the_columns_of_one_statement() -> None:
    [(sql, rows)] = known(UPSERT).together([(UPSERT, [("x", 1), ("y", 2)])])
    assert sql == (
        'INSERT INTO kept (a, b) SELECT given.a1, given.a2 FROM unnest($1::text::"pg_catalog"."text"[], '
        '$2::"pg_catalog"."int4"[]) AS given(a1, a2) ON CONFLICT (a) DO UPDATE SET b = excluded.b'
    )
    assert rows == [('{"x","y"}', [1, 2])]


def test_a_statement_that_was_never_sent_goes_row_by_row_because_its_types_are_not_known() -> None:
    parts = [(KEEP, [("x", 1), ("y", 2)])]
    assert BulkInserts().together(parts) == parts


def test_a_single_row_stays_as_it_is() -> None:
    assert known(KEEP).together([(KEEP, [("x", 1)])]) == [(KEEP, [("x", 1)])]


def test_a_row_that_meets_the_conflict_of_one_before_it_follows_by_itself() -> None:
    first, again = known(UPSERT).together([(UPSERT, [("x", 1), ("y", 2), ("x", 3), ("x", 4)])])
    assert first[1] == [('{"x","y"}', [1, 2])]
    assert again == (UPSERT, [("x", 3), ("x", 4)])


def test_rows_of_one_key_go_one_after_the_other() -> None:
    rows = [("x", 1), ("x", 1), ("x", 2)]
    assert known(UPSERT).together([(UPSERT, rows)]) == [(UPSERT, rows[:1]), (UPSERT, rows[1:])]


def test_rows_that_are_skipped_on_conflict_may_be_alike() -> None:
    sql = f"{KEEP} ON CONFLICT ON CONSTRAINT kept_once DO NOTHING"
    [(_, rows)] = known(sql).together([(sql, [("x", 1), ("x", 1)])])
    assert rows == [('{"x","x"}', [1, 1])]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 99)), max_size=12))
def test_for_each_key_the_order_of_its_rows_is_kept(rows: list[tuple[str, int]]) -> None:
    sent: list[tuple[str, int]] = []
    for sql, gathered in known(UPSERT).together([(UPSERT, list(rows))]):
        if sql == UPSERT:
            sent += gathered
        else:
            [(keys, numbers)] = gathered
            sent += zip(keys.strip('{"}').split('","'), numbers, strict=True)
    assert len(sent) == len(rows)
    for key in "abcd":
        assert [row for row in sent if row[0] == key] == [row for row in rows if row[0] == key]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE kept SET b = $2 WHERE a = $1",
        "DELETE FROM kept WHERE a = $1",
        "INSERT INTO kept SELECT $1, $2",
        "INSERT INTO kept VALUES ($1, $2)",
        "INSERT INTO kept (a, b) VALUES ($1, (SELECT max(b) FROM kept))",
        "INSERT INTO kept (a, b) VALUES ($1, DEFAULT)",
        "INSERT INTO kept (a, b) VALUES ($1, $2 + 1)",
        "INSERT INTO kept (a, b) VALUES ($1, $2), ($3, $4)",
        f"{KEEP} RETURNING a",
        f"{KEEP} ON CONFLICT DO NOTHING RETURNING a",
        f"{KEEP} ON CONFLICT (a) DO UPDATE SET b = $2",
        f"{KEEP} ON CONFLICT (a) WHERE b > $2 DO NOTHING",
        f"{KEEP} ON CONFLICT (lower(a)) DO UPDATE SET b = excluded.b",
        f"{KEEP} ON CONFLICT (c) DO UPDATE SET b = excluded.b",
        f"{KEEP} ON CONFLICT ON CONSTRAINT kept_once DO UPDATE SET b = excluded.b",
        "INSERT INTO kept (a, b) VALUES ($1::bigint, $2) ON CONFLICT (a) DO UPDATE SET b = excluded.b",
    ],
)
def test_a_statement_of_which_it_cannot_be_seen_goes_row_by_row(sql: str) -> None:
    assert insert_of(sql) is None


@pytest.mark.parametrize(
    ("sql", "distinct"),
    [
        (KEEP, None),
        ('INSERT INTO "heard" AS h (a, "values", c)\nVALUES ($2, $1::text::json, \'open\')', None),
        (f"{KEEP} ON CONFLICT DO NOTHING", None),
        (f"{KEEP} ON CONFLICT (b, a) DO UPDATE SET b = excluded.b WHERE kept.b < excluded.b", (1, 0)),
        ("INSERT INTO kept (a, b) VALUES (1, $1)\n ON CONFLICT (a) DO UPDATE\n SET b = excluded.b", ()),
    ],
)
def test_what_may_leave_together_is_seen(sql: str, distinct: tuple[int, ...] | None) -> None:
    insert = insert_of(sql)
    assert insert is not None
    assert insert.distinct == distinct


def test_columns_that_are_arrays_themselves_go_row_by_row() -> None:
    parts = [(KEEP, [(["x"], 1), (["y"], 2)])]
    assert known(KEEP, types=("text[]", "int4"), kind="array").together(parts) == parts


def test_keys_whose_equality_is_the_servers_own_affair_go_row_by_row() -> None:
    parts = [(UPSERT, [("x", 1), ("X", 2)])]
    assert known(UPSERT, types=("citext", "int4")).together(parts) == parts
