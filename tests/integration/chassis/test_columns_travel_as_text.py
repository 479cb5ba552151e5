"""Whatever a subject is called, PostgreSQL reads a column of texts as it was written."""

from __future__ import annotations

from sikua_chassis.array_text import array_text
from support.system import System

ODD = [
    "",
    "a",
    "NULL",
    "{}",
    ",",
    '"',
    "\\",
    '\\"',
    '","',
    " left",
    "right ",
    "项目-1",
    "line\nline",
    "tab\t",
    "{a,b}",
    "'",
    "\x1f",
]


async def test_texts_come_back_as_they_were_written(system: System) -> None:
    database = await system.speaker("scheduler")
    for column in (ODD, ["a", "b"], ["a"], [""], ['"'], [], [None], ["a", None], [None, *ODD]):
        assert await database.pool.fetchval("SELECT $1::text::text[]", array_text(column)) == column
    assert await database.pool.fetchval("SELECT $1::text::bigint[]", array_text(["1", "20"])) == [1, 20]
