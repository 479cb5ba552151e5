"""An even pace of calls that keeps no clock: whoever wants to call is told how long to wait for a turn.

Over any span of t seconds at most `burst` + `per_second` · t calls get their turn (generic cell rate algorithm).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass
class Pace:
    """The pace of one upstream. Times are seconds of any steady clock, given by the caller."""

    per_second: float
    burst: int = 1
    _next: float = field(default=-math.inf, init=False)

    def __post_init__(self) -> None:
        if self.per_second <= 0 or self.burst < 1:
            raise ValueError("a pace above 0, and a burst of at least 1")

    def turn(self, now: float) -> float:
        """Take the next turn; the seconds until it comes, 0 when it has come."""
        interval = 1.0 / self.per_second
        at = max(self._next, now - (self.burst - 1) * interval)
        self._next = at + interval
        return max(0.0, at - now)
