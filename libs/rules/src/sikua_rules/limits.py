"""A limit carries its own unit: working days, calendar days or months (domain: statutory limits)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LimitUnit(StrEnum):
    """Unit in which a limit counts."""

    WORKING_DAY = "WORKING_DAY"
    CALENDAR_DAY = "CALENDAR_DAY"
    MONTH = "MONTH"


@dataclass(frozen=True)
class Limit:
    """An amount of time in its own unit; the amount is at least 1."""

    amount: int
    unit: LimitUnit = LimitUnit.WORKING_DAY

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError(f"a limit is at least 1 {self.unit}, not {self.amount}")
