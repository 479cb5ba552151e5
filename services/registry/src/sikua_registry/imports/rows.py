"""One row of a ledger, cell by cell: its values, what was changed, what is held, and why it must be refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sikua_contracts.words import CrossingKind, Quality, StepCode
from sikua_rules.characters import trimmed, without_blanks

from sikua_registry.imports import amounts, cells, vocabulary
from sikua_registry.imports.amounts import Units
from sikua_registry.imports.cells import SEPARATOR, Cell
from sikua_registry.imports.columns import Column
from sikua_registry.imports.reading import Row, Sheet
from sikua_registry.imports.report import Change
from sikua_registry.record import Held

LONGEST_NAME = 200

_READERS: dict[str, Callable[[str, str], Cell]] = {
    "name": cells.text,
    "investor_name": cells.text_list,
    "foreign_capital": cells.yes_no,
    "zone": cells.text_list,
    "industry_chain": cells.text_list,
    "industries": cells.industry_codes,
    "origins": cells.origin_codes,
    "stage": cells.stage,
    "stage_date": cells.moment,
    "crossings": cells.crossings,
    "problem": cells.text,
    "source_date": cells.moment,
    "info_source": cells.text,
    "remark": cells.text,
    "uscc": cells.usccs,
    "project_codes": cells.project_codes,
    "city": cells.places,
}
_NOT_OF_THE_PROJECT = ("stage", "crossings", "source_date", "info_source", "city")
_QUALITIES = {"L": Quality.ESTIMATED, "低": Quality.ESTIMATED}


@dataclass(frozen=True)
class Above:
    """The last division cell that was filled: blanks under it may be one merged cell."""

    as_written: str = ""
    codes: tuple[str, ...] = ()


@dataclass
class ReadRow:
    """A row as understood. `values` are declared values by field; a held field has none."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    stage: StepCode | None = None
    crossings: list[CrossingKind] = field(default_factory=list)
    source_date: str | None = None
    info_source: str | None = None
    quality: Quality = Quality.STATED

    @property
    def name(self) -> str | None:
        """The project's name, if the row has one."""
        return self.values.get("name")

    @property
    def divisions(self) -> list[str]:
        """Divisions taken; empty when none is stated or the field is held."""
        return list(self.values.get("divisions", ()))

    @property
    def started(self) -> bool:
        """Whether construction has begun: such a project needs no plan."""
        return self.stage is StepCode.START


def read_row(row: Row, sheet: Sheet, above: Above, *, fill_down: bool) -> tuple[ReadRow, Above]:
    """Read a row of data. Also the division cell that stands above the next row."""
    written = {column.field: text for column, text in _cells(row, sheet)}
    read = ReadRow(row.line)
    _refuse_shifted(row, sheet, read)
    for name, reader in _READERS.items():
        if name in written:
            _take(read, name, reader(name, written[name]))
    if "divisions" in written:
        above = _take_divisions(read, written["divisions"], above, fill_down)
    _take_amounts(read, written, sheet)
    _take_number(read, written.get("seq", ""))
    _set_apart(read, written)
    _refuse_nameless(read)
    return read, above


def _cells(row: Row, sheet: Sheet) -> list[tuple[Column, str]]:
    pairs = zip(sheet.columns, row.cells, strict=False)
    return [(column, text) for column, text in pairs if column is not None]


def _take(read: ReadRow, name: str, cell: Cell) -> None:
    read.changes.extend(cell.changes)
    read.warnings.extend(cell.warnings)
    if cell.held is not None:
        read.held.append(cell.held)
    elif cell.value is not None:
        read.values[name] = cell.value


def _take_divisions(read: ReadRow, raw: str, above: Above, fill_down: bool) -> Above:
    if raw.strip():
        cell = cells.places("divisions", raw)
        _take(read, "divisions", cell)
        return Above(raw, tuple(cell.value or ()))
    proposal = SEPARATOR.join(above.codes) or None
    if not above.as_written.strip():
        read.warnings.append("未注明区市 · no district is stated")
    elif fill_down and proposal is not None:
        _take(read, "divisions", Cell(list(above.codes), (Change(field="divisions", before=raw, after=proposal),)))
    else:
        shown = trimmed(above.as_written)
        reason = f"空白，上方为“{shown}”，可能是合并单元格 · blank under {shown!r}: it may be a merged cell"
        _take(read, "divisions", cells.held("divisions", raw, reason, proposal))
    return above


def _take_amounts(read: ReadRow, written: dict[str, str], sheet: Sheet) -> None:
    headings = {column.field: column.unit for column in sheet.columns if column is not None}
    if "total_investment_wan" in written:
        beside = written.get("unit", "")
        units = Units(beside, headings["total_investment_wan"], sheet.unit)
        raw = written["total_investment_wan"]
        _take(read, "total_investment_wan", amounts.amount("total_investment_wan", raw, units))
        read.changes.extend(amounts.unit(beside))
    if "contract_capital_wan_usd" in written:
        units = Units(heading=headings["contract_capital_wan_usd"])
        raw = written["contract_capital_wan_usd"]
        _take(read, "contract_capital_wan_usd", amounts.amount("contract_capital_wan_usd", raw, units, "USD"))


def _take_number(read: ReadRow, raw: str) -> None:
    plain = without_blanks(raw)
    if plain != raw:
        read.changes.append(Change(field="seq", before=raw, after=plain))


def _set_apart(read: ReadRow, written: dict[str, str]) -> None:
    apart = {name: read.values.pop(name, None) for name in _NOT_OF_THE_PROJECT}
    word = apart["stage"]
    read.stage = vocabulary.STAGES[word] if word is not None else None
    if word == vocabulary.OPERATING:
        read.values["operating"] = True
    read.crossings = [vocabulary.CROSSINGS[each] for each in apart["crossings"] or ()]
    read.source_date = apart["source_date"]
    read.info_source = apart["info_source"]
    read.quality = _QUALITIES.get(without_blanks(written.get("confidence", "")).upper(), Quality.STATED)
    if apart["city"] and not written.get("divisions", "").strip() and not read.held:
        read.values["divisions"] = apart["city"]
    _doubt_city(read, apart["city"] or [])


def _doubt_city(read: ReadRow, cities: list[str]) -> None:
    if cities and read.divisions and not any(code[:4] == city[:4] for code in read.divisions for city in cities):
        read.warnings.append(
            f"区市 {SEPARATOR.join(read.divisions)} 不在 {SEPARATOR.join(cities)} 内"
            " · the districts do not lie in the stated city"
        )


def _refuse_shifted(row: Row, sheet: Sheet, read: ReadRow) -> None:
    beyond = [text for text in row.cells[len(sheet.columns) :] if text.strip()]
    if beyond:
        read.refusals.append("单元格多于表头，可能错列 · more cells than headings: the row may be shifted")


def _refuse_nameless(read: ReadRow) -> None:
    if read.name is None:
        read.refusals.append("没有项目名称 · no project name")
    elif len(read.name) > LONGEST_NAME:
        read.refusals.append(f"项目名称超过{LONGEST_NAME}字 · the name is longer than {LONGEST_NAME} characters")
