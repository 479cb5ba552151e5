"""Who sees which projects: a district sees its own; a project without a division belongs to the city's command office."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sikua_rules import divisions


class Viewer(Protocol):
    """A caller, as far as seeing is concerned."""

    @property
    def sees_all(self) -> bool:
        """Whether every division's projects are visible."""

    @property
    def divisions_seen(self) -> frozenset[str]:
        """The caller's own divisions."""

    def sees(self, division: str) -> bool:
        """Whether projects of this division are visible."""


def visible(divisions_of_project: Sequence[str], viewer: Viewer | None) -> bool:
    """Whether this caller may know that the project exists."""
    if viewer is None:
        return False
    return viewer.sees_all or any(viewer.sees(code) for code in divisions_of_project or (divisions.OURS,))


def prefixes(viewer: Viewer | None) -> list[str] | None:
    """LIKE patterns of the division codes a caller sees; None for all, an empty list for none."""
    if viewer is None:
        return []
    if viewer.sees_all:
        return None
    return sorted(f"{prefix}%" for code in viewer.divisions_seen if (prefix := divisions.prefix_of(code)))
