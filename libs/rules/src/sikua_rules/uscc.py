"""统一社会信用代码: eighteen characters that prove themselves by their last one (GB 32100-2015)."""

from __future__ import annotations

from sikua_rules.characters import plain_dashes, without_blanks
from sikua_rules.violations import RuleViolation

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
_WEIGHTS = tuple(pow(3, position, 31) for position in range(LENGTH - 1))
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def parse(text: str) -> str:
    """The code in half-width capitals without blanks. RuleViolation `length`, `alphabet` or `check` otherwise."""
    code = without_blanks(plain_dashes(text)).replace("-", "").upper()
    if len(code) != LENGTH:
        raise RuleViolation(
            "length",
            f"统一社会信用代码应为18位，实为{len(code)}位",
            f"a USCC has 18 characters, not {len(code)}",
            "18 characters (GB 32100)",
        )
    strange = sorted({character for character in code if character not in ALPHABET})
    if strange:
        shown = "".join(strange)
        raise RuleViolation(
            "alphabet",
            f"统一社会信用代码不使用字符“{shown}”",
            f"a USCC never contains {shown!r}",
            f"characters of {ALPHABET} (no I, O, S, V, Z)",
        )
    if check_character(code[:-1]) != code[-1]:
        raise RuleViolation(
            "check",
            "统一社会信用代码校验位不符，请核对是否有错字或颠倒",
            "the check character of the USCC does not hold: a typing error or swapped characters",
            "a check character that fits the 17 before it (GB 32100)",
        )
    return code


def check_character(first17: str) -> str:
    """The 18th character for 17 characters of the alphabet."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def with_check(first17: str) -> str:
    """The whole code for its first 17 characters. ValueError when they are not 17 characters of the alphabet."""
    return first17 + check_character(first17)


def inner_check_holds(text: str) -> bool:
    """Whether characters 9–17 hold as organisation code (GB 11714). False is a warning, never a reason to refuse."""
    body, check = text[8:16], text[16]
    total = sum(int(character, 36) * weight for character, weight in zip(body, _INNER_WEIGHTS, strict=True))
    return check == "0123456789X0"[(11 - total % 11)]
