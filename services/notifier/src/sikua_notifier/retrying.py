"""How long a parcel waits for its next attempt, and when it has had enough; in real time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Retrying:
    """At most `most_attempts`; the wait doubles from `first_seconds` to `longest_seconds`, shortened by up to a half.

    The shortening spreads parcels that failed together; drawn from the parcel's id, it is the same each time.
    """

    most_attempts: int = 8
    first_seconds: float = 5.0
    longest_seconds: float = 1800.0

    def __post_init__(self) -> None:
        if self.most_attempts < 1:
            raise ValueError(f"a parcel is tried at least once, not {self.most_attempts} times")
        if not 0 < self.first_seconds <= self.longest_seconds:
            raise ValueError(f"waits grow from {self.first_seconds} to {self.longest_seconds} s: that is no growth")

    def wait_seconds(self, parcel_id: str, attempts: int, asked_seconds: float = 0.0) -> float | None:
        """Seconds until the next attempt after `attempts` of them; never less than what the other side asked for.

        None when that was the last one.
        """
        if attempts >= self.most_attempts:
            return None
        grown = min(self.first_seconds * 2.0 ** min(attempts - 1, 30), self.longest_seconds)
        return max(grown * (1.0 - _spread(parcel_id, attempts) / 2), asked_seconds)


def _spread(parcel_id: str, attempts: int) -> float:
    digest = hashlib.sha256(f"{parcel_id}:{attempts}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32
