"""A department's record changes at known moments: what holds now, and when it will change next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Timeline:
    """Revisions of one row, by the moment from which each holds. `announced`: before the first, the department says when
    to ask again; otherwise it knows nothing yet."""

    revisions: tuple[tuple[datetime, Row], ...] = ()
    announced: bool = True

    def at(self, now: datetime) -> Row | None:
        """The row that holds, None before the first revision."""
        past = [row for moment, row in self.revisions if moment <= now]
        return past[-1] if past else None

    def next_change(self, now: datetime) -> datetime | None:
        """The next moment at which the row changes."""
        return min((moment for moment, _ in self.revisions if moment > now), default=None)


def merged_change(timelines: list[Timeline], now: datetime) -> datetime | None:
    """The next change of any of them."""
    return min((change for each in timelines if (change := each.next_change(now)) is not None), default=None)
