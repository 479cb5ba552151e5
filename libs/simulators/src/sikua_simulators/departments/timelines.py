"""A department's record changes at known moments: what holds now, and when it will change next."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Timeline:
    """Revisions of one row, by the aware moment from which each holds, in order. ValueError when they are not.

    `announced`: before the first, the department says when to ask again; otherwise it knows nothing yet.
    """

    revisions: tuple[tuple[datetime, Row], ...] = ()
    announced: bool = True

    def __post_init__(self) -> None:
        if any(later <= earlier for (earlier, _), (later, _) in pairwise(self.revisions)):
            raise ValueError("each revision holds from a later moment than the one before it")

    def at(self, now: datetime) -> Row | None:
        """The row that holds, None before the first revision."""
        past = self._past(now)
        return self.revisions[past - 1][1] if past else None

    def next_change(self, now: datetime) -> datetime | None:
        """The next moment at which the row changes."""
        past = self._past(now)
        return self.revisions[past][0] if past < len(self.revisions) else None

    def awaited(self, now: datetime) -> datetime | None:
        """From when there will be a row, as far as the department says so; None when there is one, or no word of one."""
        return self.next_change(now) if self.announced and not self._past(now) else None

    def _past(self, now: datetime) -> int:
        return bisect_right(self.revisions, now, key=lambda revision: revision[0])
