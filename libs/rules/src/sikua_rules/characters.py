"""Text as departments really type it becomes text one can compare: half-width, without invisible or doubled blanks."""

from __future__ import annotations

_FULL_WIDTH_FIRST, _FULL_WIDTH_LAST, _OFFSET = 0xFF01, 0xFF5E, 0xFEE0
_HALF = {code: code - _OFFSET for code in range(_FULL_WIDTH_FIRST, _FULL_WIDTH_LAST + 1)}
_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF), None)
_BLANKS = {0x3000: " ", 0x00A0: " ", 0x202F: " ", 0x2007: " "}
_CLEARED = {**_INVISIBLE, **_BLANKS}
_HALVED = {**_CLEARED, **_HALF}
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212, 0xFE63), "-")


def half_width(text: str) -> str:
    """Full-width forms (U+FF01–FF5E) and odd blanks as ASCII: "３０" → "30", "（" → "("."""
    return text.translate(_HALVED)


def trimmed(text: str) -> str:
    """Without line breaks, tabs, doubled or outer blanks; letters and punctuation stay as typed (for names)."""
    return " ".join(text.translate(_CLEARED).split())


def without_blanks(text: str) -> str:
    """Half-width and with no blank at all, for codes and numbers."""
    return "".join(half_width(text).split())


def plain_dashes(text: str) -> str:
    """Typographic dashes as "-"; a dash between digits often arrives as U+2013 or U+2014."""
    return text.translate(_DASHES)
