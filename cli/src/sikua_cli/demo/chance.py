"""Chance that comes out the same on every machine: drawn from the seed and stable names, never from ids or time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
_STEPS = 2**53


class Chance:
    """Draws for one thing, for instance one step of one project. Each draw has a name and does not move the others."""

    def __init__(self, seed: int, *names: object) -> None:
        self._root = "\x1f".join((str(seed), *map(str, names)))

    def share(self, draw: str) -> float:
        """A number in [0, 1)."""
        digest = hashlib.sha256(f"{self._root}\x1f{draw}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % _STEPS / _STEPS

    def between(self, draw: str, low: float, high: float) -> float:
        """A number from low to below high (low itself when they are equal)."""
        return low + (high - low) * self.share(draw)

    def days(self, draw: str, limits: tuple[int, int]) -> int:
        """A whole number, both ends included."""
        low, high = limits
        return low + int(self.share(draw) * (high - low + 1))

    def pick(self, draw: str, choices: Sequence[T]) -> T:
        """One of several, all equally likely."""
        return choices[int(self.share(draw) * len(choices))]

    def weighted(self, draw: str, weights: Mapping[str, float]) -> str:
        """One of several by weight, in the order given."""
        point = self.share(draw) * sum(weights.values())
        for name, weight in weights.items():
            point -= weight
            if point < 0:
                return name
        return list(weights)[-1]
