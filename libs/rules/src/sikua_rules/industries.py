"""Industries: twenty sections, ninety-seven divisions, and the codes below them (GB/T 4754-2017)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from sikua_rules.characters import trimmed, without_blanks
from sikua_rules.tables import rows
from sikua_rules.violations import RuleViolation

_CODE = re.compile(r"([A-T]?)(\d{2,4})?")


@dataclass(frozen=True)
class Section:
    """门类: a letter with its Chinese and English name."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class IndustryDivision:
    """大类: two digits, its section and its Chinese name."""

    code: str
    section: str
    name_zh: str


def section(code: str) -> Section | None:
    """The section of a letter A–T, else None."""
    return _sections().get(code)


def division(code: str) -> IndustryDivision | None:
    """The division of two digits, or of the first two of a longer code; None when there is none."""
    return _divisions().get(code[:2])


def section_of(division: str) -> str:
    """The section's letter of a code ("3921" → "C"); a section's letter is its own. KeyError if there is none."""
    return division if division in _sections() else _divisions()[division[:2]].section


def parse(text: str) -> str:
    """The normalised code: a letter, or two to four digits. Takes "Ｃ", "c", "39", "3921", "C3921", and whole names.

    RuleViolation `unknown` (no such code or name) or `section` (the letter does not fit the digits). Digits three and
    four are not checked against a list.
    """
    by_name = _by_name().get(trimmed(text))
    if by_name is not None:
        return by_name
    match = _CODE.fullmatch(without_blanks(text).upper())
    letter, digits = (match[1], match[2] or "") if match else ("", "")
    if (not letter and not digits) or (digits and digits[:2] not in _divisions()):
        raise RuleViolation(
            "unknown",
            f"“{trimmed(text)}”不是国民经济行业代码",
            f"{trimmed(text)!r} is no industry code",
            "a section A–T, or 2–4 digits whose first two are a division 01–97 (GB/T 4754-2017)",
        )
    if letter and digits and section_of(digits) != letter:
        raise RuleViolation(
            "section",
            f"行业代码{digits}属于门类{section_of(digits)}，不属于{letter}",
            f"industry {digits} belongs to section {section_of(digits)}, not {letter}",
            f"{section_of(digits)}{digits}",
        )
    return digits or letter


@cache
def _sections() -> dict[str, Section]:
    return {
        row["section"]: Section(row["section"], row["name_zh"], row["name_en"]) for row in rows("industry_sections")
    }


@cache
def _divisions() -> dict[str, IndustryDivision]:
    return {
        row["division"]: IndustryDivision(row["division"], row["section"], row["name_zh"])
        for row in rows("industry_divisions")
    }


@cache
def _by_name() -> dict[str, str]:
    names = {found.name_zh: found.code for found in _divisions().values()}
    return names | {found.name_zh: found.code for found in _sections().values()}
