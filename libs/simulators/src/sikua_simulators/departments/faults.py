"""What goes wrong at a gateway: on demand for the next calls, or for a share of all questions chosen by the seed.

Faults on demand are used up by calls, in the order they were asked for. Those of the background follow from the seed, the
question (dataset and key) and the business day alone, whatever the order of calls: passing ones (slow, 500, rate limited)
meet a question once a business day, so that a second try succeeds; lasting ones meet it all day long.
"""

from __future__ import annotations

from collections import OrderedDict
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


PASSING = frozenset({FaultKind.SLOW, FaultKind.ERROR, FaultKind.RATE_LIMITED})


class Fault(BaseModel):
    """The next `count` calls (of this `dataset`, for this `key`, where given) go wrong.

    `seconds` is how slow, or the Retry-After; `days` how much later to ask.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    count: int = Field(default=1, ge=1, le=100_000)
    dataset: str | None = Field(default=None, max_length=100)
    key: str | None = Field(default=None, max_length=300)
    seconds: float = Field(default=1.0, ge=0, le=120)
    days: int = Field(default=7, ge=1, le=400)

    def meets(self, dataset: str, key: str) -> bool:
        """Whether it is meant for this question."""
        return self.dataset in (None, dataset) and self.key in (None, key)


class Background(BaseModel):
    """How many questions meet a fault on a business day: `rate` of them, 0 to 1, each with one of these `kinds`.

    `seconds` and `days` as of a Fault.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate: float = Field(ge=0, le=1)
    kinds: tuple[FaultKind, ...] = Field(default=(FaultKind.ERROR, FaultKind.RATE_LIMITED), min_length=1, max_length=20)
    seconds: float = Field(default=0.1, ge=0, le=120)
    days: int = Field(default=7, ge=1, le=400)

    def fault_for(self, seed: int, dataset: str, key: str, day: date) -> Fault | None:
        """The fault that this question meets on this business day."""
        chance = drawn_for(seed, "background", dataset, key, day.isoformat())
        if chance.random() >= self.rate:
            return None
        return Fault(kind=chance.choice(self.kinds), seconds=self.seconds, days=self.days)


class TooManyFaults(Exception):
    """So many faults wait already that one more is not taken."""


class Faults:
    """The faults in force at one gateway: those on demand, oldest first, then the background's."""

    def __init__(self, seed: int = 0, background: Background | None = None) -> None:
        self.seed = seed
        self.background = background
        self.waiting: list[Fault] = []
        self._met: OrderedDict[tuple[str, str, date], None] = OrderedDict()

    def add(self, fault: Fault) -> None:
        """Let it happen. Raises TooManyFaults."""
        if len(self.waiting) >= MOST_WAITING:
            raise TooManyFaults
        self.waiting.append(fault)

    def clear(self) -> None:
        """Let everything go well again."""
        self.waiting.clear()
        self.background = None
        self._met.clear()

    def next_for(self, dataset: str, key: str, day: date) -> Fault | None:
        """The fault that meets a call with this question on this business day; one on demand is used up by it."""
        for place, fault in enumerate(self.waiting):
            if fault.meets(dataset, key):
                self._use_up(place, fault)
                return fault
        return self._by_chance(dataset, key, day)

    def _use_up(self, place: int, fault: Fault) -> None:
        if fault.count > 1:
            self.waiting[place] = fault.model_copy(update={"count": fault.count - 1})
        else:
            del self.waiting[place]

    def _by_chance(self, dataset: str, key: str, day: date) -> Fault | None:
        fault = self.background.fault_for(self.seed, dataset, key, day) if self.background else None
        if fault is None or fault.kind not in PASSING:
            return fault
        question = (dataset, key, day)
        if question in self._met:
            return None
        self._met[question] = None
        while len(self._met) > _MOST_REMEMBERED:
            self._met.popitem(last=False)
        return fault
