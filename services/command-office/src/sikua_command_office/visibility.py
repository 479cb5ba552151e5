"""Who sees which project: everybody their own division and what lies in it, some see all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sikua_rules.divisions import prefix_of


def visible_to(sees_all: bool, divisions_seen: Iterable[str]) -> list[str] | None:
    """What a caller sees, as patterns of division codes; None sees all."""
    return None if sees_all else patterns(divisions_seen)


def patterns(divisions_seen: Iterable[str]) -> list[str]:
    """LIKE patterns of the codes seen: "370211%", and "3702%" for a city's own 370200."""
    return sorted(f"{prefix}%" for division in divisions_seen if (prefix := prefix_of(division)))


def sees(patterns_seen: Sequence[str] | None, divisions: Iterable[str] | None) -> bool:
    """Whether a project of these divisions is visible under the patterns; None sees all, an unknown project is not."""
    if patterns_seen is None:
        return True
    prefixes = tuple(pattern.rstrip("%") for pattern in patterns_seen)
    return any(division.startswith(prefixes) for division in divisions or ())
