"""Rows of the table: both sides measured in turn, the median of the rounds' ratios, and the spread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

Measure = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Row:
    """One comparison. `ours` and `other` are medians, `ratio` the median of the rounds' ratios between `low` and `high`.

    Where there is no other side, `other` is what is allowed, and the goal is a ratio of 1. `note` says what the other side
    leaves out, or how the figures were taken.
    """

    row: str
    unit: str
    ours: float
    other: float
    ratio: float
    low: float
    high: float
    goal: float
    better: str
    note: str = ""

    @property
    def reached(self) -> bool:
        """Whether the median meets the goal."""
        return self.ratio >= self.goal if self.better == "higher" else self.ratio <= self.goal

    def as_json(self) -> dict[str, Any]:
        """The row with figures one can read."""
        named = {name: _short(value) for name, value in asdict(self).items() if value != ""}
        return named | {"reached": self.reached}


async def compared(
    row: str, unit: str, goal: float, ours: Measure, other: Measure, rounds: int, *, note: str = ""
) -> Row:
    """Measure both sides in turn; who begins changes from round to round."""
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        if number % 2:
            theirs = await other()
            pairs.append((await ours(), theirs))
        else:
            mine = await ours()
            pairs.append((mine, await other()))
    return row_of(row, unit, goal, pairs, note=note)


def row_of(
    row: str,
    unit: str,
    goal: float,
    pairs: Sequence[tuple[float, float]],
    *,
    better: str = "higher",
    note: str = "",
) -> Row:
    """The row of measured pairs (ours, other)."""
    ratios = [mine / theirs for mine, theirs in pairs]
    return Row(
        row,
        unit,
        median(mine for mine, _ in pairs),
        median(theirs for _, theirs in pairs),
        median(ratios),
        min(ratios),
        max(ratios),
        goal,
        better,
        note,
    )


def allowed(row: str, unit: str, limit: float, measured: Sequence[float], *, note: str = "") -> Row:
    """The row of something that has a limit instead of another side."""
    shares = [value / limit for value in measured]
    return Row(row, unit, median(measured), limit, median(shares), min(shares), max(shares), 1.0, "lower", note)


def _short(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return round(value, 3) if abs(value) < 100 else round(value, 1)
