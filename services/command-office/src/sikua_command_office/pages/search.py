"""Finding a project by a part of its name, by the pinyin or the initials of it, by USCC or project code.

"hdxcl" and "huangdaoxin" find 黄岛新材料. Case, blanks, dashes and full-width signs don't matter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Readings = Callable[[str], tuple[str, str]]
"""The pinyin of a text and its initials, in small letters without blanks; what isn't Chinese stays."""

SHORTEST_CODE = 4


@dataclass(frozen=True, slots=True)
class Findable:
    """A project with what it can be found by."""

    project_id: str
    name: str
    uscc: Sequence[str] = ()
    project_codes: Sequence[str] = ()


def found(wanted: str, among: Iterable[Findable], readings: Readings) -> list[Findable]:
    """Those that match, in the order given. An empty wish finds nothing."""
    key = folded(wanted)
    return [one for one in among if key and matches(key, one, readings)]


def matches(key: str, one: Findable, readings: Readings) -> bool:
    """Whether a folded wish names this project."""
    if key in folded(one.name):
        return True
    if not key.isascii():
        return False
    if len(key) >= SHORTEST_CODE and any(key in folded(code) for code in (*one.uscc, *one.project_codes)):
        return True
    return any(key in reading for reading in readings(one.name))


def folded(text: str) -> str:
    """Small letters and digits of any script, nothing between them."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())
