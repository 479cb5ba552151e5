"""A circuit breaker that keeps no clock: after enough failures in a row it lets nobody through, then one to try.

Closed → (failures in a row ≥ threshold) → open → (rest over) → one probe → closed again, or open for longer.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Breaker:
    """State of one upstream. Times are seconds of any steady clock, given by the caller.

    `threshold` failures in a row open it for `rest_seconds`, doubled at each failed probe up to `most_seconds`.
    """

    threshold: int = 5
    rest_seconds: float = 1.0
    most_seconds: float = 30.0
    failures: int = field(default=0, init=False)
    opened_at: float | None = field(default=None, init=False)
    _rest: float = field(default=0.0, init=False)
    _probing_since: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.threshold < 1 or self.rest_seconds <= 0 or self.most_seconds < self.rest_seconds:
            raise ValueError(
                "a breaker needs a threshold of at least 1 and a rest above 0 that does not exceed its most"
            )

    def wait_seconds(self, now: float) -> float:
        """0 when a call may go out now (the caller then must report how it went), else how long the breaker rests."""
        if self.opened_at is None:
            return 0.0
        remaining = self.opened_at + self._rest - now
        if remaining > 0:
            return remaining
        if self._probing_since is not None and now < self._probing_since + self.most_seconds:
            return self.rest_seconds
        self._probing_since = now
        return 0.0

    def succeeded(self) -> None:
        """The upstream answered, whatever it said."""
        self.failures, self.opened_at, self._probing_since, self._rest = 0, None, None, 0.0

    def failed(self, now: float) -> None:
        """The upstream was away, slow or out of order."""
        self.failures += 1
        if self.failures >= self.threshold and (self.opened_at is None or self._probing_since is not None):
            self._rest = min(self._rest * 2 or self.rest_seconds, self.most_seconds)
            self.opened_at, self._probing_since = now, None
