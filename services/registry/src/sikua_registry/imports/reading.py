"""A file as departments send it becomes rows that know their line: encoding, delimiter, heading row, what is data.

Encodings: UTF-8 with or without mark, UTF-16 with mark, GB18030 (which holds GBK and GB2312). The line of a row is the
physical line where it starts; a quoted cell may span several.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sikua_rules.characters import half_width, without_blanks

from sikua_registry.imports.columns import Column, column_of

MOST_ROWS = 5_000
MOST_CELLS = 200
_LONGEST_CELL = 10_000
_HEADING_WITHIN = 40
_TOTAL = re.compile(r"(合计|总计|小计|共计|total)", re.IGNORECASE)
_NOTE = re.compile(r"(注|备注|说明|填报|制表|审核|联系)")
_TITLE_UNIT = re.compile(r"单位[::]\(?(亿元|万元|元|亿美元|万美元|美元)")


class Unreadable(ValueError):
    """The file as a whole can't be read; the message says why, in both languages."""


class Kind(StrEnum):
    """What a row of a file is."""

    BLANK = "blank"
    TITLE = "title"
    HEADING = "heading"
    DATA = "data"
    TOTAL = "total"
    NOTE = "note"


@dataclass(frozen=True)
class Row:
    """One row: the physical lines where it starts and ends, its cells as written, and what it is."""

    line: int
    last: int
    cells: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True)
class Sheet:
    """A file taken apart. `columns` are in the order of the headings, None where nobody knows the heading."""

    encoding: str
    lines: int
    rows: list[Row]
    headings: tuple[str, ...]
    columns: tuple[Column | None, ...]
    unit: str | None = None
    unknown: list[str] = field(default_factory=list)


def read(content: bytes) -> Sheet:
    """Take a file apart. Raises Unreadable."""
    text, encoding = decoded(content)
    raw = list(_rows(text))
    heading = _heading(raw)
    if heading is None:
        raise Unreadable("没有找到含“项目名称”的表头 · no heading row with 项目名称 (name_zh) was found")
    headings = raw[heading][1]
    columns = tuple(column_of(text) for text in headings)
    _refuse_doubles(headings, columns)
    title_cells = [cell for _, cells in raw[:heading] for cell in cells]
    rows = [
        Row(line, last, tuple(cells), _kind(number, heading, cells, headings))
        for number, ((line, last), cells) in enumerate(raw)
    ]
    if sum(row.kind is Kind.DATA for row in rows) > MOST_ROWS:
        raise Unreadable(f"数据超过 {MOST_ROWS} 行，请分批导入 · more than {MOST_ROWS} rows of data: split the file")
    return Sheet(
        encoding=encoding,
        lines=rows[-1].last,
        rows=rows,
        headings=tuple(headings),
        columns=columns,
        unit=_unit_in(title_cells),
        unknown=[name for name, column in zip(headings, columns, strict=True) if column is None and name.strip()],
    )


def decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding. Raises Unreadable for empty files and for bytes of no such encoding."""
    if not content.strip():
        raise Unreadable("文件为空 · the file is empty")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates: Sequence[str] = ("utf-16",)
    elif content.startswith(b"\xef\xbb\xbf"):
        candidates = ("utf-8-sig",)
    else:
        candidates = ("utf-8", "gb18030")
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text, encoding
    raise Unreadable("编码不是 UTF-8、UTF-16 或 GB18030 · the bytes are not text in UTF-8, UTF-16 or GB18030")


def _rows(text: str) -> Iterator[tuple[tuple[int, int], list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    line = 1
    try:
        for cells in reader:
            if len(cells) > MOST_CELLS:
                raise Unreadable(f"第 {line} 行超过 {MOST_CELLS} 列 · line {line} has more than {MOST_CELLS} cells")
            if any(len(cell) > _LONGEST_CELL for cell in cells):
                raise Unreadable(
                    f"第 {line} 行有过长的单元格，引号可能未闭合 · line {line}: a cell is too long; an open quote?"
                )
            yield (line, reader.line_num), cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(f"第 {line} 行无法解析 · line {line} can't be parsed: {error}") from error


def _delimiter(text: str) -> str:
    counted = {delimiter: text.count(delimiter) for delimiter in (",", "\t", ";")}
    lines = max(text.count("\n"), 1)
    return "\t" if counted["\t"] > lines and counted["\t"] > counted[","] else ","


def _heading(raw: list[tuple[tuple[int, int], list[str]]]) -> int | None:
    for number, (_, cells) in enumerate(raw[:_HEADING_WITHIN]):
        known = {column.field for cell in cells if (column := column_of(cell)) is not None}
        if "name" in known and len(known) > 1:
            return number
    return None


def _kind(number: int, heading: int, cells: list[str], headings: list[str]) -> Kind:
    filled = [without_blanks(cell) for cell in cells if cell.strip()]
    if not filled:
        return Kind.BLANK
    if number < heading:
        return Kind.TITLE
    if number == heading or cells == headings:
        return Kind.HEADING
    if _TOTAL.match(filled[0]):
        return Kind.TOTAL
    if len(filled) == 1 and _NOTE.match(filled[0]):
        return Kind.NOTE
    return Kind.DATA


def _refuse_doubles(headings: Sequence[str], columns: Sequence[Column | None]) -> None:
    seen: dict[str, str] = {}
    for name, column in zip(headings, columns, strict=True):
        if column is None:
            continue
        if column.field in seen:
            other = seen[column.field]
            raise Unreadable(f"两列含义相同：{other}、{name} · two columns mean the same: {other!r} and {name!r}")
        seen[column.field] = name


def _unit_in(cells: Sequence[str]) -> str | None:
    for cell in cells:
        found = _TITLE_UNIT.search(half_width(cell).replace(" ", ""))
        if found is not None:
            return found[1]
    return None
