"""A catalogue field knows its level and what its values look like; a wrong value is refused with what was expected.

Values travel as JSON: decimals and dates as text, flags as booleans, counts as integers (field catalogue, types).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sikua_contracts.envelope import Level
from sikua_rules import divisions, project_code, uscc
from sikua_rules.violations import RuleViolation

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LONGEST = 400
_MOST = Decimal(10) ** 14


class WrongValue(ValueError):
    """The value does not fit its field; the message says what was expected."""


Check = Callable[[Any], Any]
"""Takes a JSON value, returns it in its one written form, or raises WrongValue."""


@dataclass(frozen=True)
class Field:
    """One field that a dataset may carry. `granted_only`: dropped unless a grant names the field."""

    name: str
    level: Level
    check: Check
    granted_only: bool = False


def storable(written: str, longest: int) -> str:
    """Any text as PostgreSQL can hold it, NUL and halves of surrogate pairs replaced, cut to so many characters."""
    return _UNSTORABLE.sub("\ufffd", written[:longest])


def text(value: Any) -> str:
    """Text of 1 to 400 characters."""
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST or _UNSTORABLE.search(value):
        raise WrongValue(f"1 至 {_LONGEST} 个字符的文字 · text of 1 to {_LONGEST} characters")
    return value.strip()


def day(value: Any) -> str:
    """A date, YYYY-MM-DD."""
    try:
        if not isinstance(value, str) or date.fromisoformat(value).isoformat() != value:
            raise ValueError
    except ValueError:
        raise WrongValue("日期，如 2026-03-18 · a date like 2026-03-18") from None
    return value


def month(value: Any) -> str:
    """A month, YYYY-MM."""
    if not isinstance(value, str) or not _MONTH.fullmatch(value):
        raise WrongValue("月份，如 2026-03 · a month like 2026-03")
    return value


def moment(value: Any) -> str:
    """An aware moment, ISO 8601 with offset."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise WrongValue("带时区的时间，如 2026-03-18T09:00:00+08:00 · a moment with offset")
    return read.isoformat()


def decimal(places: int) -> Check:
    """A number that is not negative, with at most this many decimal places; written with exactly as many."""

    def check(value: Any) -> str:
        number = _number(value)
        if number is None or not 0 <= number < _MOST or number != round(number, places):
            raise WrongValue(
                f"非负数（文本），至多 {places} 位小数 · a number from 0 with at most {places} decimal places, as text"
            )
        return f"{abs(number):.{places}f}"

    return check


def flag(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise WrongValue("true 或 false · true or false")
    return value


def year(value: Any) -> int:
    """A year from 1990 to 2100."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1990 <= value <= 2100:
        raise WrongValue("1990 至 2100 年 · a year from 1990 to 2100")
    return value


def one_of(*choices: str) -> Check:
    """One of a closed list."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise WrongValue(f"其中之一 · one of {' / '.join(choices)}")
        return value

    return check


def credit_code(value: Any) -> str:
    """A USCC whose check character holds (GB 32100)."""
    try:
        return uscc.parse(text(value))
    except RuleViolation as violation:
        raise WrongValue(f"统一社会信用代码（GB 32100）· {violation.expected}") from violation


def code_of_project(value: Any) -> str:
    """A project code with hyphens (GB/T 40058 or legacy); a failing check digit passes, as the registry only warns."""
    try:
        return project_code.parse(text(value)).text
    except RuleViolation as violation:
        raise WrongValue(f"项目代码（GB/T 40058）· {violation.expected}") from violation


def division(value: Any) -> str:
    """A division's code that the country has (GB/T 2260)."""
    if not isinstance(value, str) or divisions.find(value) is None:
        raise WrongValue("六位行政区划代码（GB/T 2260）· a six-digit division code")
    return value


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < 30 else None
