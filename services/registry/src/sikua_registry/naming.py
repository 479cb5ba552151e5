"""Names are compared as people read them: width, blanks and case do not matter. They are not unique."""

from __future__ import annotations

from sikua_rules.characters import without_blanks


def name_key(name: str) -> str:
    """By what names are compared: half-width, no blanks, lower case."""
    return without_blanks(name).lower()
