"""Which of our projects a department's row is about: certain, uncertain (a person is asked), or none of them.

By project code or USCC exactly, one company may stand behind many projects; by name and division only the same name is
certain, a similar one never is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ALIKE = 0.72
_NOISE = re.compile(r"[\s\W_]+")
_TAIL = re.compile(r"(?:建设|改造|开发)?(?:项目|工程)$")
_CITY = re.compile(r"^(?:山东省?)?青岛市?")


@dataclass(frozen=True)
class KnownProject:
    """What linking needs to know of a project."""

    project_id: str
    name: str
    divisions: tuple[str, ...]


@dataclass(frozen=True)
class Certain:
    """The row is about these projects."""

    project_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Uncertain:
    """It may be about this project; `similarity` from 0 to 1 is shown to the person who decides."""

    project_id: str
    similarity: float
    reason: str


@dataclass(frozen=True)
class Unlinked:
    """No project of ours fits; the row waits, visible."""

    reason: str


Linked = Certain | Uncertain | Unlinked


def by_key(project_ids: Iterable[str], kind: str) -> Linked:
    """Projects that bear the key exactly, one or many."""
    found = tuple(sorted(set(project_ids)))
    return Certain(found, f"{kind}_exact") if found else Unlinked(f"{kind}_unknown")


def by_name(name: str, divisions: Sequence[str], projects: Iterable[KnownProject]) -> Linked:
    """The same name in a shared division is certain when only one project has it; the most similar one is uncertain."""
    wanted = plain(name)
    if not wanted:
        return Unlinked("name_missing")
    near = [project for project in projects if not divisions or shares_place(divisions, project.divisions)]
    same = [project for project in near if plain(project.name) == wanted]
    if len(same) == 1:
        return Certain((same[0].project_id,), "name_and_division")
    if same:
        return Uncertain(min(project.project_id for project in same), 1.0, "name_shared_by_several")
    scored = sorted((-similarity(name, project.name), project.project_id) for project in near)
    if scored and -scored[0][0] >= ALIKE:
        return Uncertain(scored[0][1], round(-scored[0][0], 3), "name_similar")
    return Unlinked("name_unknown")


def similarity(one: str, other: str) -> float:
    """From 0 to 1, symmetric, 1 for names that differ only in punctuation, width, the city's name or a final 项目/工程."""
    first, second = sorted((_stem(one), _stem(other)))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() if first and second else 0.0


def plain(name: str) -> str:
    """A name without width, case, blanks and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", name)).casefold()


def shares_place(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether any two divisions are the same or one contains the other (370200 contains 370211)."""
    places = [_prefix(other) for other in others]
    return any(one.startswith(place) or place.startswith(one) for one in map(_prefix, some) for place in places)


def _prefix(division: str) -> str:
    return re.sub(r"(?:00)+$", "", division)


def _stem(name: str) -> str:
    whole = plain(name)
    return _TAIL.sub("", _CITY.sub("", whole)) or whole
