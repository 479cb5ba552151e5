"""What goes wrong at a gateway: on demand for the next calls or for one key, or now and then by the seed.

Faults by the seed are of the passing kind and meet a question once a business day, so that a second try succeeds: they cost
time and never change what is stated in the end.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from sikua_simulators.departments.chance import drawn_for

MOST_WAITING = 1000
_MOST_REMEMBERED = 20_000


class FaultKind(StrEnum):
    """What goes wrong."""

    SLOW = "slow"
    ERROR = "500"
    WRONG_SIGNATURE = "wrong_signature"
    MALFORMED = "malformed"
    RATE_LIMITED = "rate_limited"
    ASK_LATER = "ask_later"
    REFUSED = "refused"


class Fault(BaseModel):
    """The next `count` calls (of `key`, if given) go wrong.

    `seconds` is how slow, or the Retry-After; `days` how much later.
    """

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    count: int = Field(default=1, ge=1, le=100_000)
    key: str | None = Field(default=None, max_length=300)
    seconds: float = Field(default=1.0, ge=0, le=120)
    days: int = Field(default=7, ge=1, le=400)


class TooManyFaults(Exception):
    """So many faults wait already that one more is not taken."""


@dataclass(frozen=True)
class Background:
    """How often a question meets a passing fault: `rate` of them, 0 to 1, chosen by the seed."""

    seed: int
    rate: float = 0.01
    retry_after_seconds: float = 0.1

    def fault_for(self, dataset: str, key: str, day: date) -> Fault | None:
        """The fault that this question meets on this business day, the first time it is asked."""
        chance = drawn_for(self.seed, "background", dataset, key, day.isoformat())
        if chance.random() >= self.rate:
            return None
        kind = chance.choice((FaultKind.ERROR, FaultKind.RATE_LIMITED))
        return Fault(kind=kind, key=key[:300], seconds=self.retry_after_seconds)


class Faults:
    """The faults in force at one gateway, oldest first, then those of the background."""

    def __init__(self, background: Background | None = None) -> None:
        self.waiting: list[Fault] = []
        self._background = background
        self._met: OrderedDict[tuple[str, str, date], None] = OrderedDict()

    def add(self, fault: Fault) -> None:
        """Let it happen. Raises TooManyFaults."""
        if len(self.waiting) >= MOST_WAITING:
            raise TooManyFaults
        self.waiting.append(fault)

    def clear(self) -> None:
        """Let everything that was asked for go well again."""
        self.waiting.clear()

    def next_for(self, dataset: str, key: str, day: date) -> Fault | None:
        """The fault that meets a call for this key; it is used up by one."""
        for place, fault in enumerate(self.waiting):
            if fault.key is None or fault.key == key:
                left = fault.count - 1
                if left:
                    self.waiting[place] = fault.model_copy(update={"count": left})
                else:
                    del self.waiting[place]
                return fault
        return self._by_chance(dataset, key, day)

    def _by_chance(self, dataset: str, key: str, day: date) -> Fault | None:
        fault = self._background.fault_for(dataset, key, day) if self._background else None
        question = (dataset, key, day)
        if fault is None or question in self._met:
            return None
        self._met[question] = None
        while len(self._met) > _MOST_REMEMBERED:
            self._met.popitem(last=False)
        return fault
