"""When a department is asked again: at the moment it named, when what it said goes stale, or later after a failure.

Every pause has a floor and a ceiling, so that no word of a department makes us ask in a circle or never again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sikua_bridge.datasets import Dataset

AFTER_FAILURE = timedelta(days=1)
AFTER_OUTAGE = timedelta(hours=1)
AHEAD = timedelta(days=1)
LEAST_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(days=400)


def after_found(dataset: Dataset, now: datetime, settled: bool, next_change_at: datetime | None) -> datetime:
    """Business time of the next asking. The department's own word counts when it lies before the answer goes stale."""
    stale_at = now + timedelta(days=dataset.settled_days if settled else dataset.fresh_days)
    if next_change_at is not None and now < next_change_at < stale_at:
        return max(next_change_at, now + LEAST_PAUSE)
    return stale_at


def after_absence(dataset: Dataset, now: datetime) -> datetime:
    """The department did not know the key; it may come to know it."""
    return now + timedelta(days=dataset.absent_days)


def after_not_yet(now: datetime, named: datetime) -> datetime:
    """At the moment the department named, within bounds; one that has passed means tomorrow."""
    if named <= now:
        return now + AFTER_FAILURE
    return min(max(named, now + LEAST_PAUSE), now + LONGEST_PAUSE)


def latest_as_of(now: datetime) -> datetime:
    """The latest moment as of which anybody can state something; clocks of departments may run a little ahead."""
    return now + AHEAD


def is_stale(dataset: Dataset, answered_at: datetime | None, now: datetime) -> bool:
    """Whether what was last said is older than the dataset stays fresh, or was never said."""
    return answered_at is None or now > answered_at + timedelta(days=dataset.fresh_days)
