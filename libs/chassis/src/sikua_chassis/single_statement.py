"""What a unit of work has gathered leaves as one SQL statement where that is possible, else as few, in order for each table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sikua_chassis.gathering import GatheredPart, Part, table_of

_PLACEHOLDER = re.compile(r"\$(\d+)")
_MOST_PARTS = 6


async def send_parts(raw: Any, parts: Sequence[GatheredPart], own: Part | None = None) -> int:
    """Send gathered statements: as one where that is possible, else those of equal text together. How many were sent.

    `own` is the frame's and comes first: it holds what the others need.
    """
    whole = single_statement(parts, own)
    if whole is not None:
        await raw.execute(whole[0], *whole[1])
        return 1
    if own is not None:
        await raw.execute(own[0], *own[1])
    for sql, rows in parts:
        if len(rows) == 1:
            await raw.execute(sql, *rows[0])
        else:
            await raw.executemany(sql, rows)
    return len(parts) + (own is not None)


def single_statement(parts: Sequence[GatheredPart], last: Part | None) -> Part | None:
    """All writes as one statement, or None when there are too many: WITH part, part, … last part.

    Parts of one statement do not see each other's writes, so two on one table go one after the other instead. A part may
    begin with one WITH, closed by a line that begins with `)`. `last` is the frame's own; PostgreSQL runs it first.
    """
    if len(parts) > _MOST_PARTS or any(len(rows) != 1 for _, rows in parts):
        return None
    pieces: list[Part] = [(sql, rows[0]) for sql, rows in parts]
    if last is not None:
        pieces.append(last)
    text = _joined(tuple((sql, len(values)) for sql, values in pieces), last is not None)
    return None if text is None else (text, tuple(value for _, values in pieces for value in values))


@lru_cache(maxsize=256)
def _joined(pieces: tuple[tuple[str, int], ...], ends_with_frame: bool) -> str | None:
    """The text of these statements as one; each comes with how many arguments it takes, the last may be the frame's."""
    writing = pieces[:-1] if ends_with_frame else pieces
    if not pieces or len({table_of(sql) for sql, _ in writing}) != len(writing):
        return None
    shifted: list[str] = []
    taken = 0
    for sql, arguments in pieces:
        shifted.append(_shifted(sql, taken))
        taken += arguments
    *before, tail = shifted
    if not before:
        return tail
    head = ", ".join(_as_query(number, sql) for number, sql in enumerate(before))
    return f"WITH {head}, {tail[5:]}" if tail.startswith("WITH ") else f"WITH {head} {tail}"


def _as_query(number: int, sql: str) -> str:
    """A statement as one of the queries of a WITH; what stands in its own WITH comes before it."""
    if not sql.startswith("WITH "):
        return f"part{number} AS ({sql})"
    leading, _, statement = sql[5:].partition("\n) ")
    return f"{leading}\n), part{number} AS ({statement})"


def _shifted(sql: str, by: int) -> str:
    return sql if by == 0 else _PLACEHOLDER.sub(lambda found: f"${int(found.group(1)) + by}", sql)
