"""The total a ledger states is held against what was counted and summed; a difference is explained line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from sikua_rules import money
from sikua_rules.characters import without_blanks
from sikua_rules.violations import RuleViolation

from sikua_registry.imports import amounts
from sikua_registry.imports.amounts import Units
from sikua_registry.imports.reading import Row, Sheet
from sikua_registry.imports.report import Total, Unsummed
from sikua_registry.imports.rows import ReadRow

AMOUNT = "total_investment_wan"
_COUNT = re.compile(r"(\d+)(?:个|项|条)")


def reconciled(sheet: Sheet, row: Row, taken: Sequence[ReadRow], refused: Sequence[ReadRow]) -> Total:
    """The total line beside the rows: `taken` are in the sum as far as their amount is known, `refused` are not."""
    stated = _stated_amount(sheet, row)
    count = _stated_count(row)
    total = sum((_amount(read) or Decimal(0) for read in taken), Decimal(0))
    unsummed = _unsummed(taken, refused)
    counted = len(taken) + len(refused)
    difference = None if stated is None else stated - total
    known = sum((Decimal(each.wan) for each in unsummed if each.wan is not None), Decimal(0))
    rest = None if difference is None else difference - known
    return Total(
        line=row.line,
        stated_count=count,
        counted=counted,
        count_agrees=None if count is None else count == counted,
        stated_wan=_text(stated),
        sum_wan=f"{total:.4f}",
        difference_wan=_text(difference),
        agrees=None if difference is None else difference == 0,
        unsummed=unsummed,
        unexplained_wan=_text(rest),
        explanation=_explanation(stated, total, unsummed, rest),
    )


def _stated_count(row: Row) -> int | None:
    for text in row.cells:
        found = _COUNT.search(without_blanks(text))
        if found is not None:
            return int(found[1])
    return None


def _stated_amount(sheet: Sheet, row: Row) -> Decimal | None:
    cells = {
        column.field: (column, text)
        for column, text in zip(sheet.columns, row.cells, strict=False)
        if column is not None
    }
    if AMOUNT not in cells:
        return None
    column, raw = cells[AMOUNT]
    beside = cells["unit"][1] if "unit" in cells else ""
    units = Units(beside, column.unit, sheet.unit)
    cell = amounts.amount(AMOUNT, raw, units)
    return None if cell.value is None else Decimal(cell.value)


def _unsummed(taken: Iterable[ReadRow], refused: Iterable[ReadRow]) -> list[Unsummed]:
    held = [
        Unsummed(
            line=read.line, as_written=hold.as_written, wan=_size(hold.as_written, hold.proposal), reason=hold.reason
        )
        for read in taken
        for hold in read.held
        if hold.field == AMOUNT
    ]
    lost = []
    for read in refused:
        amount = _amount(read)
        if amount is not None:
            reason = "该行未接收 · the line was refused"
            lost.append(Unsummed(line=read.line, as_written=f"{amount:.4f}", wan=f"{amount:.4f}", reason=reason))
    return sorted([*held, *lost], key=lambda each: each.line)


def _size(as_written: str, proposal: str | None) -> str | None:
    """The size a held amount would have; None when its unit is not known."""
    if proposal is not None:
        return proposal
    try:
        stated = money.parse_amount(as_written)
    except RuleViolation:
        return None
    return f"{stated.wan:.4f}" if stated.unit_known and stated.currency == "CNY" else None


def _amount(read: ReadRow) -> Decimal | None:
    value = read.values.get(AMOUNT)
    return None if value is None else Decimal(value)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.4f}"


def _explanation(stated: Decimal | None, total: Decimal, unsummed: Sequence[Unsummed], rest: Decimal | None) -> str:
    said = amounts.in_words(total)
    if stated is None or rest is None:
        return f"已接收金额合计 {said}，台账未写明合计 · the sum is {said}; the ledger states no total that can be read"
    if stated == total:
        return f"与合计相符：{said} · agrees with the stated total: {said}"
    parts_zh, parts_en = [], []
    for each in unsummed:
        size = "?" if each.wan is None else amounts.in_words(Decimal(each.wan))
        parts_zh.append(f"第{each.line}行“{each.as_written}”({size})")
        parts_en.append(f"line {each.line} {each.as_written!r} ({size})")
    open_lines = [each for each in unsummed if each.wan is None]
    left = amounts.in_words(rest)
    zh = f"合计写 {amounts.in_words(stated)}，已接收 {said}，差 {amounts.in_words(stated - total)}"
    en = f"stated {amounts.in_words(stated)}, taken {said}, difference {amounts.in_words(stated - total)}"
    if parts_zh:
        zh += f"；未计入：{'、'.join(parts_zh)}"
        en += f"; not in the sum: {', '.join(parts_en)}"
    if rest == 0:
        return f"{zh}；差额由此说明 · {en}; this explains the difference"
    if open_lines:
        return f"{zh}；其余 {left} 待单位不明的金额确认 · {en}; {left} remain for the amounts without a unit"
    return f"{zh}；尚有 {left} 无法说明 · {en}; {left} remain unexplained"
