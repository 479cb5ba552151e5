"""Text from outside is shown as text: control and bidirectional characters become visible, personal numbers masked."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_BLANK = re.compile(r"[ \t\r\n\u3000]+")
_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_BIRTH_DATE = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY_NUMBER = re.compile(rf"(?<!\d)(\d{{4}})\d{{2}}{_BIRTH_DATE}(\d{{3}}[\dXx])(?![\dA-Za-z])")
_COMPOUND_SURNAMES = (
    *("欧阳", "司马", "诸葛", "上官", "司徒", "东方", "夏侯"),
    *("皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文"),
)
_ELLIPSIS = "…"


def visible(text: str, longest: int = 200) -> str:
    """One line in which nothing is hidden: blanks and line breaks folded, every other control, format or bidirectional
    character written as ⟨U+202E⟩, at most `longest` characters."""
    folded = _BLANK.sub(" ", text).strip()
    shown = "".join(_shown(character) for character in folded)
    return shown if len(shown) <= longest else shown[: longest - 1] + _ELLIPSIS


def without_personal_numbers(text: str) -> str:
    """Free text with mobile numbers as 138****8000 and identity numbers as 3702**********0012 (domain: masking)."""
    return _MOBILE.sub(r"\1****\2", _IDENTITY_NUMBER.sub(r"\1**********\2", text))


def masked_name(name: str) -> str:
    """The family name and stars: 张*, 欧阳**."""
    if not name:
        return ""
    kept = 2 if name.startswith(_COMPOUND_SURNAMES) and len(name) > 2 else 1
    return name[:kept] + "*" * max(len(name) - kept, 1)


def masked_mail(address: str) -> str:
    """First character and the domain: z***@example.org."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}***{at}{domain}" if address else ""


def _shown(character: str) -> str:
    if unicodedata.category(character) in _INVISIBLE_CATEGORIES:
        return f"⟨U+{ord(character):04X}⟩"
    return character
