"""Which of our projects a department's row is about: certain, uncertain (a person is asked), or none of them.

By project code or USCC exactly, one company may stand behind many projects; by name and division only the same name is
certain, a similar one never is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

ALIKE = 0.72
_SLACK = 1e-6
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
    """The row is about this project."""

    project_id: str
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


class Candidates:
    """The projects that a name may mean, prepared once for many questions."""

    def __init__(self, projects: Iterable[KnownProject]) -> None:
        self._projects = [_Prepared(project, plain(project.name), _stem(project.name)) for project in projects]

    def by_name(self, name: str, divisions: Sequence[str]) -> Linked:
        """The same name in a shared division is certain when only one project has it; the most similar one is uncertain."""
        wanted = plain(name)
        if not wanted:
            return Unlinked("name_missing")
        near = [each for each in self._projects if not divisions or shares_place(divisions, each.project.divisions)]
        same = [each.project.project_id for each in near if each.plain == wanted]
        if len(same) == 1:
            return Certain(same[0], "name_and_division")
        if same:
            return Uncertain(min(same), 1.0, "name_shared_by_several")
        return self._most_similar(_stem(name), near)

    def _most_similar(self, stem: str, near: Sequence[_Prepared]) -> Linked:
        letters = Counter(stem)
        best, chosen = ALIKE, ""
        for each in near:
            # The share of common letters bounds the ratio from above and costs a fraction of it.
            if 2 * (letters & each.letters).total() < best * (len(stem) + len(each.stem)) - _SLACK:
                continue
            found = _ratio(stem, each.stem)
            if found > best or (found == best and (not chosen or each.project.project_id < chosen)):
                best, chosen = found, each.project.project_id
        return Uncertain(chosen, round(best, 3), "name_similar") if chosen else Unlinked("name_unknown")


@dataclass(frozen=True)
class _Prepared:
    project: KnownProject
    plain: str
    stem: str
    letters: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "letters", Counter(self.stem))


def similarity(one: str, other: str) -> float:
    """From 0 to 1, symmetric, 1 for names that differ only in punctuation, width, the city's name or a final 项目/工程."""
    return _ratio(_stem(one), _stem(other))


def plain(name: str) -> str:
    """A name without width, case, blanks and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", name)).casefold()


def shares_place(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether any two divisions are the same or one contains the other (370200 contains 370211)."""
    places = [_prefix(other) for other in others]
    return any(one.startswith(place) or place.startswith(one) for one in map(_prefix, some) for place in places)


def _ratio(one: str, other: str) -> float:
    first, second = sorted((one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() if first and second else 0.0


def _prefix(division: str) -> str:
    return re.sub(r"(?:00)+$", "", division)


def _stem(name: str) -> str:
    whole = plain(name)
    return _TAIL.sub("", _CITY.sub("", whole)) or whole
