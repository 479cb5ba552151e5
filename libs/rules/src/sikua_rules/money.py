"""Money as officials write it becomes Decimal 万元 (or 万美元) with four places; a missing unit is never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sikua_rules.characters import trimmed, without_blanks
from sikua_rules.violations import RuleViolation

_PLACES = Decimal("0.0001")
_FEN_PER_WAN = 1_000_000
_FACTORS = {
    "亿": Decimal(10_000),
    "千万": Decimal(1_000),
    "百万": Decimal(100),
    "万": Decimal(1),
    "": Decimal("0.0001"),
}
_UNIT_CODES = {"CNY_YI": "亿元", "CNY_WAN": "万元", "CNY": "元", "USD_WAN": "万美元", "USD_YI": "亿美元", "USD": "美元"}
_AMOUNT = re.compile(
    r"(?P<before>人民币|RMB|CNY|¥|USD|US\$|\$)?"
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?P<unit>(?:亿|千万|百万|万)?(?:元人民币|人民币|美元|美金|元|USD|RMB|CNY)?)"
)
_UNIT = re.compile(r"(?P<scale>亿|千万|百万|万)?(?P<currency>元人民币|人民币|美元|美金|元|USD|RMB|CNY)?")
_ABOUT = re.compile(r"^(?:约|大约|近|超过|超|逾|不低于|不少于|至少|预计|暂定|拟)+|(?:左右|以上|以内|余|多|\+)+$")
_ABOUT_INSIDE = re.compile(r"(?<=[\d亿万])(?:余|多)(?=[亿万元美])")
_OTHER_CURRENCY = re.compile(r"港元|港币|欧元|日元|英镑|韩元|新元|HKD|EUR|JPY|GBP")


@dataclass(frozen=True)
class Amount:
    """An amount in units of ten thousand of its currency (`CNY` 万元, `USD` 万美元), four places, never negative.

    When `unit_known` is False, `wan` is only the bare number as written: ask for the unit, do not store it.
    """

    wan: Decimal
    currency: str = "CNY"
    unit_known: bool = True
    approximate: bool = False


def parse_amount(text: str, unit: str | None = None) -> Amount:
    """Read "３０亿元", "300,000万元", "约100亿", "3000万美元"; `unit` is that of a neighbouring column or heading.

    A unit in the text wins over `unit` (Chinese like 亿元, or a code like CNY_YI). RuleViolation `empty`, `number`,
    `negative`, `currency` or `unit`.
    """
    written = without_blanks(text).upper().removesuffix("。")
    if written in ("", "-", "—", "/", "无", "待定", "未定", "暂无"):
        raise _violation("empty", text, "没有金额", "there is no amount")
    if written.startswith(("-", "负", "−")):
        raise _violation("negative", text, "金额不能为负", "an amount is never negative")
    if _OTHER_CURRENCY.search(written):
        raise _violation("currency", text, "只接受人民币和美元", "only CNY and USD are taken")
    exact = _ABOUT_INSIDE.sub("", _ABOUT.sub("", written))
    match = _AMOUNT.fullmatch(exact)
    if match is None:
        raise _violation("number", text, "不是金额", "is no amount")
    approximate = exact != written
    number = Decimal(match["number"].replace(",", ""))
    unit_text = match["unit"] or (_unit_text(unit) if unit else "")
    if not unit_text and not match["before"]:
        return Amount(_rounded(number), unit_known=False, approximate=approximate)
    factor, currency = _factor_and_currency(unit_text, match["before"] or "")
    return Amount(_rounded(number * factor), currency, True, approximate)


def to_fen(wan: Decimal) -> int:
    """万元 as whole 分 (1 万元 = 1,000,000 分), half up."""
    return int((wan * _FEN_PER_WAN).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_fen(fen: int) -> Decimal:
    """Whole 分 as 万元 with four places, half up."""
    return _rounded(Decimal(fen) / _FEN_PER_WAN)


def tax_band(amount_wan: Decimal) -> str:
    """The band under which a tax amount may be shared (field catalogue). Lower ends inclusive; refunds count as 0."""
    if amount_wan <= 0:
        return "0"
    for upper, band in ((100, "<100万"), (500, "100-500万"), (1000, "500-1000万")):
        if amount_wan < upper:
            return band
    return "1000-5000万" if amount_wan <= 5000 else ">5000万"


def _unit_text(unit: str) -> str:
    cleaned = without_blanks(unit).upper().strip("()")
    cleaned = _UNIT_CODES.get(cleaned, cleaned)
    if not cleaned or not _UNIT.fullmatch(cleaned):
        raise RuleViolation(
            "unit",
            f"不认识的金额单位“{trimmed(unit)}”",
            f"{trimmed(unit)!r} is no unit of money",
            "亿元, 万元, 元, 亿美元, 万美元 or 美元",
        )
    return cleaned


def _factor_and_currency(unit: str, before: str) -> tuple[Decimal, str]:
    match = _UNIT.fullmatch(unit)
    scale, named = (match["scale"] or "", match["currency"] or "") if match else ("", "")
    dollars = named in ("美元", "美金", "USD") or before in ("USD", "US$", "$")
    return _FACTORS[scale], "USD" if dollars else "CNY"


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_PLACES, rounding=ROUND_HALF_UP)


def _violation(reason: str, text: str, zh: str, en: str) -> RuleViolation:
    shown = trimmed(text)
    return RuleViolation(
        reason, f"“{shown}”：{zh}", f"{shown!r}: {en}", "a number with its unit, like 30亿元 or 3000万美元"
    )
