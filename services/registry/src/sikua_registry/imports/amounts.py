"""An amount is taken only with a unit that is certain: in the cell, beside it, in the heading or in the title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from sikua_rules import money
from sikua_rules.characters import trimmed, without_blanks
from sikua_rules.money import Amount
from sikua_rules.violations import RuleViolation

from sikua_registry.imports.cells import Cell, held, is_nothing, nothing
from sikua_registry.imports.report import Change

_PLAIN = re.compile(r"\d+(\.\d+)?")
_UNITS = {"亿": "亿元", "万": "万元", "亿人民币": "亿元", "万人民币": "万元", "万美金": "万美元", "亿美金": "亿美元"}
_CURRENCIES = {"CNY": "万元", "USD": "万美元"}


@dataclass(frozen=True)
class Units:
    """Where a unit may stand beside the cell: the row's unit column, else the heading, else the title of the ledger."""

    beside: str = ""
    heading: str | None = None
    title: str | None = None

    @property
    def certain(self) -> str | None:
        """The unit for a bare number; None when nobody says it."""
        beside = without_blanks(self.beside)
        return _UNITS.get(beside, beside) or self.heading or self.title


def amount(field: str, raw: str, units: Units, currency: str = "CNY") -> Cell:
    """An amount in ten thousands of `currency`, as text with four places; held when unit, currency or size is unsure."""
    if is_nothing(raw):
        return nothing(field, raw)
    try:
        stated = money.parse_amount(raw)
        if not stated.unit_known and units.certain is not None:
            stated = money.parse_amount(raw, units.certain)
        elif stated.unit_known and units.beside.strip():
            _refuse_conflict(raw, stated, units.beside)
    except RuleViolation as violation:
        return held(field, raw, str(violation))
    return _judged(field, raw, stated, currency)


def unit(raw: str) -> tuple[Change, ...]:
    """What the unit cell should have said: "亿" → "亿元"."""
    written = without_blanks(raw)
    plain = _UNITS.get(written, written)
    return () if raw == plain or not written else (Change(field="unit", before=raw, after=plain),)


def in_words(wan: Decimal) -> str:
    """An amount for people: 亿元 from one 亿 on, else 万元."""
    return f"{(wan / 10_000).normalize():f}亿元" if abs(wan) >= 10_000 else f"{wan.normalize():f}万元"


def _judged(field: str, raw: str, stated: Amount, currency: str) -> Cell:
    shown = f"{stated.wan:.4f}"
    if not stated.unit_known:
        return held(
            field,
            raw,
            f"金额“{trimmed(raw)}”没有单位 · the amount {trimmed(raw)!r} has no unit",
        )
    if stated.currency != currency:
        wanted = _CURRENCIES[currency]
        return held(field, raw, f"应以{wanted}计 · this column is in {wanted}, not {stated.currency}")
    if stated.approximate:
        reason = f"约数“{trimmed(raw)}”待核实 · {trimmed(raw)!r} is only approximate"
        return held(field, raw, reason, shown)
    if _PLAIN.fullmatch(raw):
        return Cell(shown)
    return Cell(shown, (Change(field=field, before=raw, after=shown),))


def _refuse_conflict(raw: str, stated: Amount, beside: str) -> None:
    number = re.match(r"[\d,.]+", without_blanks(raw))
    if number is None:
        return
    other = money.parse_amount(number[0].rstrip(","), beside)
    if (other.wan, other.currency) != (stated.wan, stated.currency):
        raise RuleViolation(
            "unit",
            f"单元格内单位与单位列“{trimmed(beside)}”不一致",
            f"the unit in the cell and the unit column ({trimmed(beside)}) differ",
            "one unit",
        )
