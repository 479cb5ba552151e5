"""How long to wait before a failed enquiry is tried again, as arithmetic: growing, bounded, jittered by a stable hash."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import timedelta

_WHOLE = 2**32


@dataclass(frozen=True)
class Backoff:
    """Attempt n waits `first_seconds` · 2^(n−1), at most `most_seconds`, of which up to `jitter` is taken off.

    The jitter comes from the key and the attempt, so two runs wait alike while two keys do not wait together.
    """

    first_seconds: float = 0.5
    most_seconds: float = 30.0
    attempts: int = 8
    jitter: float = 0.3

    def __post_init__(self) -> None:
        if self.first_seconds <= 0 or self.most_seconds < self.first_seconds:
            raise ValueError("the first wait is above 0 and at most the longest")
        if self.attempts < 1 or not 0 <= self.jitter < 1:
            raise ValueError("at least one attempt, and a jitter from 0 to below 1")

    def wait(self, key: str, attempt: int, asked_for: float | None = None) -> timedelta | None:
        """The wait after failed attempt number `attempt` (from 1); None when there were enough.

        `asked_for` is a Retry-After in seconds: waited for at least, up to `most_seconds`.
        """
        if attempt >= self.attempts:
            return None
        grown = min(self.first_seconds * 2 ** min(attempt - 1, 30), self.most_seconds)
        share = zlib.crc32(f"{key}#{attempt}".encode()) / _WHOLE
        seconds = grown * (1 - self.jitter * share)
        return timedelta(seconds=max(seconds, min(asked_for or 0.0, self.most_seconds)))
