"""What a unit of work will write: statements with their rows, in order for each table, and events."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sikua_contracts.envelope import AnyEvent

_TABLE = re.compile(
    r"\s*(?:WITH .*?\n\) )?(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?([\w.\"]+)", re.IGNORECASE | re.DOTALL
)

Part = tuple[str, tuple[Any, ...]]
"""A statement and its arguments."""

GatheredPart = tuple[str, list[tuple[Any, ...]]]
"""A statement and the arguments of each time it is to be run."""


@dataclass
class Gathering:
    """What a unit of work will write: statements and events.

    Statements of equal text leave together, unless another statement on the same table came between: per table the order
    is kept, so that the later word wins also within a batch.
    """

    parts: list[GatheredPart] = field(default_factory=list)
    events: list[AnyEvent] = field(default_factory=list)
    _latest: dict[str, GatheredPart] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How much is gathered: rows and events."""
        size = len(self.events)
        for _, rows in self.parts:
            size += len(rows)
        return size

    def add(self, sql: str, arguments: tuple[Any, ...]) -> None:
        rows = self.rows_of(sql)
        if rows is not None:
            rows.append(arguments)
            return
        part: GatheredPart = (sql, [arguments])
        self.parts.append(part)
        self._latest[table_of(sql)] = part

    def rows_of(self, sql: str) -> list[tuple[Any, ...]] | None:
        """The rows gathered for this statement, to be added to; None when it is not the last one on its table."""
        latest = self._latest.get(table_of(sql))
        return latest[1] if latest is not None and latest[0] == sql else None

    def concerns(self, sql: str) -> bool:
        """Whether this statement could tell if what is gathered has been sent: any but a SELECT that names no table of it."""
        if not self.parts:
            return False
        return not sql.startswith("SELECT") or any(_names(sql, table) for table in self._latest)

    def take_parts(self) -> list[GatheredPart]:
        parts, self.parts = self.parts, []
        self._latest.clear()
        return parts

    def take_events(self) -> list[AnyEvent]:
        events, self.events = self.events, []
        return events


@lru_cache(maxsize=1024)
def table_of(sql: str) -> str:
    """The table that an INSERT, UPDATE or DELETE writes to; the statement itself when that cannot be seen."""
    found = _TABLE.match(sql)
    return found.group(1) if found else sql


@lru_cache(maxsize=1024)
def _names(sql: str, table: str) -> bool:
    """Whether a query names a table; one that cannot be seen (`table_of`) may be any."""
    return " " in table or re.search(rf"\b{re.escape(table.rpartition('.')[2].strip(chr(34)))}\b", sql) is not None
