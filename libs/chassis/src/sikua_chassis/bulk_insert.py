"""Rows gathered for one INSERT leave as one statement over their columns: the server plans, starts and answers once, not per row.

Only where that means what one row after another means: parameters and constants in VALUES, nothing returned, and a row that
meets the same conflict as one before it follows by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sikua_chassis.array_text import array_text
from sikua_chassis.gathering import GatheredPart
from sikua_chassis.json_text import json_text

_INSERT = re.compile(
    r"\s*(?P<head>INSERT\s+INTO\s+[\w.\"]+(?:\s+AS\s+\w+)?\s*\((?P<columns>[^()]*)\))\s*VALUES\s*\((?P<values>[^()]*)\)"
    r"(?P<tail>.*)",
    re.IGNORECASE | re.DOTALL,
)
_PARAMETER = re.compile(r"\$(\d+)")
_VALUE = re.compile(r"\$\d+(?:::\w+)*|'[^',]*'|-?\d+|NULL|TRUE|FALSE", re.IGNORECASE)
_ON_CONFLICT = re.compile(
    r"\s*ON\s+CONFLICT\s*(?:\((?P<columns>[^()]*)\))?(?P<more>.*?)\s*DO\s+(?P<action>NOTHING|UPDATE)\b",
    re.IGNORECASE | re.DOTALL,
)
_COMPARED_ALIKE = frozenset({"text", "varchar", "int2", "int4", "int8", "date", "bool"})
"""Types whose values are equal in Python where they are in PostgreSQL: two rows of one conflict are told by them."""
MOST_KNOWN = 1024

Column = Callable[[Sequence[Any]], Any]
"""How the values of a column travel."""


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT whose rows may leave together. `distinct`: the arguments by which rows must differ to do so, None for no need."""

    head: str
    values: str
    tail: str
    distinct: tuple[int, ...] | None


@lru_cache(maxsize=MOST_KNOWN)
def insert_of(sql: str) -> Insert | None:
    """A statement taken to pieces; None where its rows have to go one after the other."""
    found = _INSERT.fullmatch(sql)
    if found is None:
        return None
    tail, values = found["tail"], [value.strip() for value in found["values"].split(",")]
    if not all(_VALUE.fullmatch(value) for value in values) or _PARAMETER.search(tail):
        return None
    conflict = _ON_CONFLICT.match(tail)
    if conflict is None:
        return Insert(found["head"], found["values"], tail, None) if not tail.strip() else None
    if "RETURNING" in tail.upper():
        return None
    if conflict["action"].upper() == "NOTHING":
        return Insert(found["head"], found["values"], tail, None)
    distinct = _distinct(conflict["columns"], found["columns"], values)
    return None if distinct is None else Insert(found["head"], found["values"], tail, distinct)


def _distinct(conflicting: str | None, columns: str, values: Sequence[str]) -> tuple[int, ...] | None:
    """Which arguments (from 0) the columns of a conflict are given; None where that cannot be seen."""
    if conflicting is None:
        return None
    given = dict(zip((column.strip() for column in columns.split(",")), values, strict=False))
    arguments: list[int] = []
    for column in conflicting.split(","):
        value = given.get(column.strip())
        if value is None:
            return None
        parameter = _PARAMETER.fullmatch(value)
        if parameter is not None:
            arguments.append(int(parameter[1]) - 1)
        elif value.startswith("$"):
            return None
    return tuple(arguments)


class BulkInserts:
    """The INSERTs of one schema whose rows leave together: those that were sent before, since types are the server's to tell."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Sequence[Column]] | None] = {}

    def together(self, parts: Sequence[GatheredPart]) -> list[GatheredPart]:
        """The same writes with the rows of each INSERT in one, as far as that may be; the order per table is kept."""
        joined: list[GatheredPart] = []
        for sql, rows in parts:
            known = self._known.get(sql) if len(rows) > 1 else None
            insert = insert_of(sql)
            if known is None or insert is None:
                joined.append((sql, rows))
                continue
            first, again = _first_of_each(rows, insert.distinct)
            joined.append((known[0], [_travelling(first, known[1])]) if len(first) > 1 else (sql, first))
            if again:
                joined.append((sql, again))
        return joined

    async def learn(self, raw: Any, parts: Sequence[GatheredPart]) -> None:
        """Ask the server for the types of what went row by row and may go together the next time."""
        for sql, rows in parts:
            insert = insert_of(sql) if len(rows) > 1 and sql not in self._known else None
            if insert is not None and len(self._known) < MOST_KNOWN:
                statement = await raw.prepare(sql)
                self._known[sql] = _over_columns(insert, statement.get_parameters())


def _over_columns(insert: Insert, types: Sequence[Any]) -> tuple[str, Sequence[Column]] | None:
    """The statement over columns, and how these travel. None where a type stands against it."""
    if any(kind.kind != "scalar" for kind in types):
        return None
    if any(types[each].name not in _COMPARED_ALIKE for each in insert.distinct or ()):
        return None
    columns = [_AS_TEXT.get(kind.name, list) for kind in types]
    given = ", ".join(
        f'${number}{"" if column is list else "::text"}::"{kind.schema}"."{kind.name}"[]'
        for number, (kind, column) in enumerate(zip(types, columns, strict=True), start=1)
    )
    names = ", ".join(f"a{number}" for number in range(1, len(types) + 1))
    values = _PARAMETER.sub(r"given.a\1", insert.values)
    return f"{insert.head} SELECT {values} FROM unnest({given}) AS given({names}){insert.tail}", columns


def _json_array_text(values: Sequence[Any]) -> str:
    return array_text([None if value is None else json_text(value) for value in values])


_AS_TEXT: dict[str, Column] = {
    **dict.fromkeys(("text", "varchar"), array_text),
    # The driver would take a list among the values for an array in the array.
    **dict.fromkeys(("json", "jsonb"), _json_array_text),
}


def _first_of_each(
    rows: list[tuple[Any, ...]], distinct: tuple[int, ...] | None
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The first row for each conflict, and those that come after it."""
    if distinct is None:
        return rows, []
    first: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    again: list[tuple[Any, ...]] = []
    for row in rows:
        key = tuple([row[each] for each in distinct])
        if key in first:
            again.append(row)
        else:
            first[key] = row
    return list(first.values()), again


def _travelling(rows: Sequence[tuple[Any, ...]], columns: Sequence[Column]) -> tuple[Any, ...]:
    return tuple(travels(column) for travels, column in zip(columns, zip(*rows, strict=True), strict=True))
