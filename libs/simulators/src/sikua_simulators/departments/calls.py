"""What a gateway was asked and how it answered: counts for ever, single calls for the newest few."""

from __future__ import annotations

from collections import Counter, deque
from enum import StrEnum
from typing import Any

_NEWEST = 200
_LONGEST_KEY = 300


class Outcome(StrEnum):
    """How a call ended; a fault ends it under the fault's own word."""

    ANSWERED = "answered"
    BAD_SIGNATURE = "bad_signature"
    NO_KEY = "no_key"
    TOO_LARGE = "too_large"


def printable(text: str) -> str:
    """A text that can be sent back, whatever came: half characters become question marks."""
    return text.encode("utf-8", "replace").decode()


class Calls:
    """The counts of one gateway."""

    def __init__(self) -> None:
        self.by_dataset: Counter[str] = Counter()
        self.by_outcome: Counter[str] = Counter()
        self.newest: deque[dict[str, str]] = deque(maxlen=_NEWEST)

    @property
    def total(self) -> int:
        """All calls so far."""
        return self.by_dataset.total()

    def note(self, dataset: str, key: str, outcome: str) -> None:
        """Count one call."""
        self.by_dataset[dataset] += 1
        self.by_outcome[outcome] += 1
        self.newest.append({"dataset": dataset, "key": printable(key)[:_LONGEST_KEY], "outcome": outcome})

    def shown(self) -> dict[str, Any]:
        """As `GET /_calls` shows it."""
        return {
            "calls": self.total,
            "by_dataset": dict(sorted(self.by_dataset.items())),
            "by_outcome": dict(sorted(self.by_outcome.items())),
            "newest": list(self.newest),
        }
