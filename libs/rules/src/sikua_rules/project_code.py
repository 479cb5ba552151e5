"""投资项目统一代码: twenty digits that say when and where a project was coded (GB/T 40058-2021, legacy before)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sikua_rules import divisions
from sikua_rules.characters import plain_dashes, without_blanks
from sikua_rules.violations import RuleViolation

SHAPE = "YYMM-DDDDDD-MM-TT-RRRRRC"
_PARTS = re.compile(r"(\d{4})-?(\d{6})-?(\d{2})-?(\d{2})-?(\d{6})")
_LEGACY_YEARS = range(2013, 2021)
_MONTHS = range(1, 13)


@dataclass(frozen=True)
class ProjectCode:
    """A code as written with hyphens. `month` is None for legacy codes, which say only their year and have no check.

    `warnings` are slugs: `check` (the check digit fails), `division_unknown`, `division_retired`.
    """

    text: str
    legacy: bool
    year: int
    month: int | None
    division: str
    warnings: tuple[str, ...] = ()


def parse(text: str, strict: bool = False) -> ProjectCode:
    """Read a code with or without hyphens. RuleViolation `shape` or `month`; `check` only when strict, else a warning.

    A first part of 2013…2020 is the year of a legacy code; otherwise it is YYMM, so 2009…2012 means 2020-09…2020-12.
    """
    match = _PARTS.fullmatch(plain_dashes(without_blanks(text)))
    if match is None:
        raise RuleViolation(
            "shape",
            "项目代码应为20位数字，形如 2105-370211-04-01-123455",
            "a project code is 20 digits, written like 2105-370211-04-01-123455",
            SHAPE,
        )
    first, division = match[1], match[2]
    written = "-".join(match.groups())
    if int(first) in _LEGACY_YEARS:
        return ProjectCode(written, True, int(first), None, division, _division_warnings(division))
    year, month = 2000 + int(first[:2]), int(first[2:])
    if month not in _MONTHS:
        raise RuleViolation(
            "month",
            f"项目代码前四位为年月，月份不能是{first[2:]}",
            f"the first four digits are year and month, and there is no month {first[2:]}",
            "a month of 01–12 in digits 3 and 4",
        )
    return ProjectCode(
        written, False, year, month, division, _check_warnings(written, strict) + _division_warnings(division)
    )


def check_digit(first19: str) -> str:
    """The 20th digit for 19 digits (ISO/IEC 7064 MOD 11,10; GB/T 17710)."""
    product = 10
    for digit in first19:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def with_check(first19: str) -> str:
    """The whole code, with hyphens, for its first 19 digits (hyphens allowed). ValueError when they are not 19."""
    digits = first19.replace("-", "")
    if not re.fullmatch(r"[0-9]{19}", digits):
        raise ValueError(f"19 digits wanted, not {first19!r}")
    whole = digits + check_digit(digits)
    return "-".join((whole[:4], whole[4:10], whole[10:12], whole[12:14], whole[14:]))


def _check_warnings(written: str, strict: bool) -> tuple[str, ...]:
    digits = written.replace("-", "")
    if check_digit(digits[:-1]) == digits[-1]:
        return ()
    if strict:
        raise RuleViolation(
            "check",
            "项目代码校验位不符，请核对是否有错字或颠倒",
            "the check digit of the project code does not hold: a typing error or swapped digits",
            "a last digit that fits the 19 before it (ISO/IEC 7064 MOD 11,10)",
        )
    return ("check",)


def _division_warnings(code: str) -> tuple[str, ...]:
    found = divisions.find(code)
    if found is None:
        return ("division_unknown",)
    return ("division_retired",) if found.status == "retired" else ()
