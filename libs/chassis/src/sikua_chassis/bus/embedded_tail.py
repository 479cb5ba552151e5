"""The newest records of a log stay in memory, so that readers of one process who are in step seldom ask the database.

Only what was read, or marked here, without a gap is answered from here; a reader elsewhere in the log asks for itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from itertools import islice

from sikua_chassis.bus.port import Placed

MOST_RECORDS = 256


class Tail:
    """What was read or marked last of one log, and who reads on from there: one at a time, the others wait for what is found."""

    def __init__(self, most_records: int = MOST_RECORDS) -> None:
        self.reading = asyncio.Lock()
        self._most_records = most_records
        self._records: deque[Placed] = deque()
        self._start = 0
        self._end = 0
        self._has_all = False

    def is_behind(self, position: int) -> bool:
        """Whether a reader here has more before it than is kept."""
        return position < self._start

    def after(self, position: int, limit: int) -> list[Placed]:
        """Records after this position; none when nothing is known to follow it."""
        if not self._start <= position < self._end:
            return []
        return list(islice((placed for placed in self._records if placed[0] > position), limit))

    def ends_at(self, position: int) -> bool:
        """Whether nothing follows this position, as far as this process's relay has said."""
        return self._has_all and position == self._end

    def told(self, marked: Sequence[Placed], topics: Collection[str]) -> None:
        """The relay has marked these, or, when there are none, more than it tells of."""
        if marked:
            self.keep(marked[0][0] - 1, [placed for placed in marked if placed[1].topic in topics], marked[-1][0])
        self._has_all = bool(marked) and self._end >= marked[-1][0]

    def keep(self, position: int, found: Sequence[Placed], until: int) -> None:
        """These are all that came after this position, up to the position `until`."""
        if position < self._end or until <= position:
            return
        if position > self._end:
            self.forget(position)
        self._records.extend(found)
        self._end, self._has_all = until, False
        while len(self._records) > self._most_records:
            self._start = self._records.popleft()[0]

    def forget(self, position: int = 0) -> None:
        """Keep nothing; whoever reads next begins anew."""
        self._records.clear()
        self._has_all = False
        self._start = self._end = position
