"""A file is examined without a database: every row read, and rows that repeat an earlier one of the file refused."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from sikua_registry.imports import reading
from sikua_registry.imports.matching import Namesake, import_key, same
from sikua_registry.imports.reading import Kind, Row, Sheet
from sikua_registry.imports.rows import Above, ReadRow, read_row
from sikua_registry.naming import name_key

SKIPPED: dict[Kind, str] = {
    Kind.BLANK: "空行 · blank line",
    Kind.TITLE: "标题行 · title line",
    Kind.HEADING: "表头 · heading row",
    Kind.TOTAL: "合计行 · total line",
    Kind.NOTE: "附注 · note",
}


@dataclass(frozen=True)
class Examined:
    """A file, its rows of data in order, and the reason why each other row is no data."""

    sha256: str
    sheet: Sheet
    rows: list[ReadRow]
    skipped: dict[int, str] = field(default_factory=dict)
    total: Row | None = None

    @property
    def name_keys(self) -> list[str]:
        """Names to look up among registered projects."""
        return sorted({name_key(read.name) for read in self.rows if read.name is not None})


def examine(content: bytes, *, fill_down: bool = False) -> Examined:
    """Read a whole file. Raises reading.Unreadable when it can't be read at all."""
    sheet = reading.read(content)
    rows: list[ReadRow] = []
    skipped: dict[int, str] = {}
    above = Above()
    total: Row | None = None
    for row in sheet.rows:
        if row.kind is Kind.DATA:
            read, above = read_row(row, sheet, above, fill_down=fill_down)
            rows.append(read)
        else:
            skipped[row.line] = SKIPPED[row.kind]
            total = row if row.kind is Kind.TOTAL else total
        for line in range(row.line + 1, row.last + 1):
            skipped[line] = f"第 {row.line} 行的续行（单元格内换行）· continues line {row.line}"
    _refuse_repeated(rows)
    return Examined(hashlib.sha256(content).hexdigest(), sheet, rows, skipped, total)


def _refuse_repeated(rows: list[ReadRow]) -> None:
    seen: dict[str, list[tuple[Namesake, ReadRow]]] = {}
    for read in rows:
        if read.name is None or read.refusals:
            continue
        before = seen.setdefault(name_key(read.name), [])
        earlier = same(read.name, read.divisions, [namesake for namesake, _ in before])
        if earlier is not None:
            first = next(row for namesake, row in before if namesake is earlier)
            read.refusals.append(_repetition(first, read))
            continue
        if before:
            lines = ", ".join(str(row.line) for _, row in before)
            read.warnings.append(f"与第 {lines} 行同名，区市不同 · same name as line {lines}, other districts")
        known = Namesake(
            str(read.line), name_key(read.name), tuple(read.divisions), import_key(read.name, read.divisions)
        )
        before.append((known, read))


def _repetition(first: ReadRow, read: ReadRow) -> str:
    fields = sorted({*first.values, *read.values})
    differing = [name for name in fields if first.values.get(name) != read.values.get(name)]
    if not differing:
        return f"与第 {first.line} 行重复 · repeats line {first.line}"
    named = ", ".join(differing)
    return f"与第 {first.line} 行为同一项目，但不同：{named} · the same project as line {first.line}, but differs in {named}"
