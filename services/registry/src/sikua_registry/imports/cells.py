"""One cell of a ledger becomes a value, a change from what was written, or a held field. Nothing is ever invented."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sikua_rules import divisions, industries, project_code, uscc
from sikua_rules.characters import half_width, plain_dashes, trimmed, without_blanks
from sikua_rules.violations import RuleViolation

from sikua_registry import origins
from sikua_registry.imports import vocabulary
from sikua_registry.imports.report import Change
from sikua_registry.record import Held

LONGEST_TEXT = 2000
SEPARATOR = ";"
_LIST = re.compile(r"[;；、,，/|\s]+")
_BREAK = re.compile(r"(.?)[ \t\u3000]*[\r\n]+[ \t\u3000]*(.?)", re.DOTALL)
_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")
_DAY_DIGITS = re.compile(r"(19|20)(\d{2})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})[-./年](\d{1,2})月?")
_YEAR = re.compile(r"((?:19|20)\d{2})年?")
_SERIAL = re.compile(r"\d{5}")
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range(29_221, 58_440)


@dataclass(frozen=True)
class Cell:
    """What became of a cell. `value` is None when the field is empty or held."""

    value: Any = None
    changes: tuple[Change, ...] = ()
    held: Held | None = None
    warnings: tuple[str, ...] = ()


def is_nothing(raw: str) -> bool:
    """Whether a cell says that nothing is known: blank, a dash, 待定 …"""
    return without_blanks(raw).lower() in vocabulary.NOTHING


def nothing(field: str, raw: str) -> Cell:
    """An empty cell; a word for nothing is recorded as a change to nothing."""
    return Cell(changes=(Change(field=field, before=raw, after=None),) if raw.strip() else ())


def taken(field: str, raw: str, value: Any, shown: str, warnings: Sequence[str] = ()) -> Cell:
    """A value; a change when it is written differently in the file."""
    changes = () if raw == shown else (Change(field=field, before=raw, after=shown),)
    return Cell(value, changes, None, tuple(warnings))


def held(field: str, raw: str, reason: str, proposal: str | None = None) -> Cell:
    """A field that stays empty until a person confirms it."""
    return Cell(held=Held(field=field, as_written=raw, reason=reason, proposal=proposal))


def text(field: str, raw: str) -> Cell:
    """Text without outer or doubled blanks; a line break inside a Chinese word vanishes."""
    if is_nothing(raw):
        return nothing(field, raw)
    value = one_line(raw)
    if len(value) > LONGEST_TEXT:
        return held(field, raw[:100] + "…", f"文字超过{LONGEST_TEXT}字 · longer than {LONGEST_TEXT} characters")
    return taken(field, raw, value, value)


def one_line(raw: str) -> str:
    """The text in one line: a break between two Latin letters or digits becomes a blank, elsewhere nothing."""

    def mend(found: re.Match[str]) -> str:
        before, after = found[1], found[2]
        both_latin = before.isascii() and after.isascii() and before.isalnum() and after.isalnum()
        return f"{before} {after}" if both_latin else before + after

    return trimmed(_BREAK.sub(mend, raw))


def text_list(field: str, raw: str) -> Cell:
    """Names separated by any usual mark, joined by ";"."""
    if is_nothing(raw):
        return nothing(field, raw)
    parts = [trimmed(part) for part in re.split(r"[;；、，\n]+", one_line(raw)) if part.strip()]
    shown = SEPARATOR.join(dict.fromkeys(parts))
    return taken(field, raw, shown, shown)


def moment(field: str, raw: str) -> Cell:
    """A date as precise as it is written: 2020-03-24, 2020-03 or 2020. Serial days of a spreadsheet become dates."""
    if is_nothing(raw):
        return nothing(field, raw)
    found = read_date(raw)
    if found is None:
        return held(field, raw, f"不是日期：“{trimmed(raw)}” · {trimmed(raw)!r} is no date")
    return taken(field, raw, found, found)


def read_date(raw: str) -> str | None:
    """YYYY-MM-DD, YYYY-MM or YYYY; None for what is no date."""
    written = plain_dashes(without_blanks(raw))
    day = _DAY.fullmatch(written)
    if day is not None:
        return _day(int(day[1]), int(day[2]), int(day[3]))
    digits = _DAY_DIGITS.fullmatch(written)
    if digits is not None:
        return _day(int(digits[1] + digits[2]), int(digits[3]), int(digits[4]))
    month = _MONTH.fullmatch(written)
    if month is not None:
        known = 1 <= int(month[2]) <= 12
        return f"{month[1]}-{int(month[2]):02d}" if known else None
    year = _YEAR.fullmatch(written)
    if year is not None:
        return year[1]
    if _SERIAL.fullmatch(written) and int(written) in _SERIALS:
        return (_SERIAL_ZERO + timedelta(days=int(written))).isoformat()
    return None


def yes_no(field: str, raw: str) -> Cell:
    """True or False, written Y and N."""
    if is_nothing(raw):
        return nothing(field, raw)
    word = vocabulary.yes_no_word(without_blanks(raw))
    if word is None:
        return held(field, raw, f"应为 Y/N 或 是/否 · {trimmed(raw)!r} is neither yes nor no")
    return taken(field, raw, vocabulary.YES_NO[word], word)


def places(field: str, raw: str) -> Cell:
    """Division codes, from codes or names with any separator. One that doesn't exist holds the whole field."""
    if is_nothing(raw):
        return nothing(field, raw)
    codes: list[str] = []
    unknown: list[str] = []
    warnings: list[str] = []
    for part in _split(raw):
        found = divisions.named(part)
        if found is None:
            unknown.append(part)
            continue
        if found.code != divisions.current(found.code):
            now = divisions.current(found.code)
            warnings.append(f"{part} 已撤销，现为 {now} · {part} is retired, now {now}")
        codes.append(divisions.current(found.code))
    codes = list(dict.fromkeys(codes))
    if unknown or not codes:
        named = "、".join(unknown)
        reason = f"没有这个行政区划：{named} · no such division: {', '.join(unknown)}"
        return held(field, raw, reason, SEPARATOR.join(codes) or None)
    return taken(field, raw, codes, SEPARATOR.join(codes), warnings)


def industry_codes(field: str, raw: str) -> Cell:
    """Industries of GB/T 4754."""
    return _codes(field, raw, industries.parse)


def usccs(field: str, raw: str) -> Cell:
    """USCCs; one that doesn't hold holds the field."""
    return _codes(field, raw, uscc.parse)


def project_codes(field: str, raw: str) -> Cell:
    """Project codes; a check digit that doesn't hold is a warning."""
    cell = _codes(field, raw, lambda part: project_code.parse(part).text)
    doubtful = [code for code in cell.value or () if "check" in project_code.parse(code).warnings]
    said = tuple(f"项目代码 {code} 校验位不符 · the check digit of {code} does not hold" for code in doubtful)
    return Cell(cell.value, cell.changes, cell.held, said)


def origin_codes(field: str, raw: str) -> Cell:
    """Channels by their codes. The word itself is how ledgers write it, so only a respelling is a change."""
    if is_nothing(raw):
        return nothing(field, raw)
    parts = _split(raw)
    codes = [origins.code_of(part) for part in parts]
    if None in codes or not parts:
        return held(field, raw, f"不认识的项目来源：{trimmed(raw)} · unknown channel: {trimmed(raw)}")
    return taken(field, raw, list(dict.fromkeys(codes)), SEPARATOR.join(dict.fromkeys(parts)))


def stage(field: str, raw: str) -> Cell:
    """The plain word for the last step completed."""
    if is_nothing(raw):
        return nothing(field, raw)
    word = vocabulary.stage_word(without_blanks(raw))
    if word is None:
        return held(field, raw, f"不认识的阶段：{trimmed(raw)} · unknown stage: {trimmed(raw)}")
    return taken(field, raw, word, word)


def crossings(field: str, raw: str) -> Cell:
    """What the ledger says is crossed, as plain words."""
    if is_nothing(raw):
        return nothing(field, raw)
    words = [vocabulary.crossing_word(part) for part in _split(raw)]
    if None in words or not words:
        return held(field, raw, f"不认识的四跨情况：{trimmed(raw)} · unknown crossing: {trimmed(raw)}")
    known = [word for word in dict.fromkeys(words) if word is not None]
    return taken(field, raw, known, SEPARATOR.join(known))


def _codes(field: str, raw: str, parse: Callable[[str], str]) -> Cell:
    if is_nothing(raw):
        return nothing(field, raw)
    codes: list[str] = []
    for part in _split(raw):
        try:
            codes.append(parse(part))
        except RuleViolation as violation:
            return held(field, raw, str(violation))
    codes = list(dict.fromkeys(codes))
    return taken(field, raw, codes, SEPARATOR.join(codes)) if codes else nothing(field, raw)


def _split(raw: str) -> list[str]:
    return [part for part in _LIST.split(half_width(raw)) if part]


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
