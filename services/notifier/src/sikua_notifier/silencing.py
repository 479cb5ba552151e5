"""A silence holds matching notices back until it ends; it never drops one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Field(StrEnum):
    """What a matcher may look at."""

    PROJECT_ID = "project_id"
    ROLE = "role"
    DIVISION = "division"
    RECIPIENT = "recipient"
    CHANNEL = "channel"
    KIND = "kind"


@dataclass(frozen=True)
class Matcher:
    """One field that must equal one of some values."""

    field: Field
    values: frozenset[str]

    def matches(self, facts: Mapping[Field, str]) -> bool:
        """Whether the notice's field is among the values; a field that the notice lacks never is."""
        return facts.get(self.field, "") in self.values


@dataclass(frozen=True)
class Silence:
    """All matchers must match; in force from `starts_at` (included) to `ends_at` (excluded), business time."""

    silence_id: str
    matchers: Sequence[Matcher]
    starts_at: datetime
    ends_at: datetime

    def holds(self, facts: Mapping[Field, str], now: datetime) -> bool:
        """Whether it holds this notice back now."""
        in_force = self.starts_at <= now < self.ends_at
        return in_force and all(matcher.matches(facts) for matcher in self.matchers)


def longest_hold(silences: Iterable[Silence], facts: Mapping[Field, str], now: datetime) -> Silence | None:
    """The silence in force that holds the notice longest, or None."""
    holding = [silence for silence in silences if silence.holds(facts, now)]
    return max(holding, key=lambda silence: (silence.ends_at, silence.silence_id), default=None)
