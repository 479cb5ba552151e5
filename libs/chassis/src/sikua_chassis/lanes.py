"""A lane is one stream for one consumer: what to do with a record is decided from the lane alone.

Pure: a lane and a record in, a named decision out (delivery rules 2, 3, 16, 20). Retry policy is arithmetic.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from sikua_chassis.bus.port import Record

MOST_ATTEMPTS = 6
FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 60.0
WAITING_RETRY_SECONDS = 10.0


class LaneState(StrEnum):
    """Why a lane does not flow."""

    WAITING = "waiting"
    GAP = "gap"
    RETRYING = "retrying"
    PARKED = "parked"


class Cause(StrEnum):
    """Closed list of why a lane is held."""

    NOT_YET = "not_yet"
    GAP = "gap"
    FORKED = "forked"
    UNREADABLE = "unreadable"
    HANDLER_FAILED = "handler_failed"


class Decision(StrEnum):
    """What becomes of one record."""

    APPLY = "apply"
    DUPLICATE = "duplicate"
    HOLD = "hold"
    GAP = "gap"
    FORK = "fork"


LaneKey = tuple[str, str, str]
"""(source, topic, subject)"""


@dataclass(slots=True)
class Lane:
    """The last sequence handled and its event; `state` is None while the lane flows."""

    source: str
    topic: str
    subject: str
    sequence: int = 0
    last_id: str | None = None
    state: LaneState | None = None
    cause: Cause | None = None
    detail: str | None = None
    attempts: int = 0

    @property
    def key(self) -> LaneKey:
        """What the lane is found by."""
        return (self.source, self.topic, self.subject)

    def moved(self, record: Record) -> None:
        """The record was handled, or there was nothing to do with it."""
        self.sequence = record.sequence
        self.last_id = record.id

    def hold(self, state: LaneState, cause: Cause, detail: str) -> None:
        """From now on records of this lane wait."""
        self.state = state
        self.cause = cause
        self.detail = detail[:500]


def decide(lane: Lane, record: Record) -> Decision:
    """What to do with this record. A sequence already passed is a duplicate: that is the whole deduplication."""
    if record.sequence == lane.sequence and lane.last_id is not None and record.id != lane.last_id:
        return Decision.FORK
    if record.sequence <= lane.sequence:
        return Decision.DUPLICATE
    if lane.state is not None:
        return Decision.HOLD
    if record.sequence > lane.sequence + 1:
        return Decision.GAP
    if lane.last_id is not None and record.previousid is not None and record.previousid != lane.last_id:
        return Decision.FORK
    return Decision.APPLY


def key_of(record: Record) -> LaneKey:
    """The lane a record belongs to."""
    return (record.source, record.topic, record.subject)


def retry_after(attempts: int, chance: random.Random) -> float | None:
    """Seconds until the next try, growing with jitter; None when it is time to park."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return float(min(FIRST_RETRY_SECONDS * 2.0**attempts, LONGEST_RETRY_SECONDS) * chance.uniform(0.5, 1.0))


@dataclass
class FailureWatch:
    """Many lanes failing alike within a minute are a bad deployment, not many bad events (delivery rule 17)."""

    most: int = 20
    within_seconds: float = 60.0

    def __post_init__(self) -> None:
        self._failures: list[tuple[float, str]] = []

    def too_many(self, now: float, alike: str) -> bool:
        """Count one more failure of this kind; True when the consumer must stop and say so."""
        self._failures = [(at, kind) for at, kind in self._failures if now - at < self.within_seconds]
        self._failures.append((now, alike))
        self._failures = self._failures[-10 * self.most :]
        return sum(kind == alike for _, kind in self._failures) > self.most
