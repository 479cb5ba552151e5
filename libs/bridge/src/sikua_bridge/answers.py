"""What a department can answer, as a closed union: a match over it leaves no other case.

Answer
├── Found           rows in the department's own words; none means: asked, and nothing is recorded
├── NoSuchSubject   the department does not know this key (查无此户)
├── NotYet          being worked on, ask again at a moment of business time
├── Refused         the department says no, and asking again at once will not help
├── TryLater        the way there failed (busy, slow, away): try again in real time
└── Unreadable      something came that is not the agreed form: quarantine
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """Rows of one dataset. `next_change_at` is the department's own word on when its record will next be renewed."""

    rows: tuple[Row, ...]
    simulated: bool = False
    next_change_at: datetime | None = None


@dataclass(frozen=True)
class NoSuchSubject:
    """The key is unknown there."""

    reason: str


@dataclass(frozen=True)
class NotYet:
    """Ask again at this moment of business time, aware."""

    ask_at: datetime
    reason: str


@dataclass(frozen=True)
class Refused:
    """A refusal with the department's own code."""

    code: str
    reason: str


@dataclass(frozen=True)
class TryLater:
    """A fault on the way. `after_seconds` is the department's Retry-After, None when it named none.

    `broken`: it counts against the department's health; being told to slow down, or not having asked, does not.
    """

    reason: str
    after_seconds: float | None = None
    broken: bool = False


@dataclass(frozen=True)
class Unreadable:
    """An answer outside the agreed form, with its text as it came."""

    reason: str
    raw: str


Answer = Found | NoSuchSubject | NotYet | Refused | TryLater | Unreadable
