"""Chance that can be had again: every draw follows from the seed and from what is drawn for, never from an order of calls."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta

from sikua_rules.business_time import SHANGHAI

OPENING = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
"""When the made-up future begins; everything before it lies in the departments' past."""


def drawn_for(seed: int, *parts: str) -> random.Random:
    """A generator that belongs to these words alone."""
    digest = hashlib.sha256("\x1f".join((str(seed), *parts)).encode("utf-8", "surrogatepass")).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))


def day_after_opening(days: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment so many calendar days after the opening (negative: before), in Shanghai."""
    return OPENING.replace(hour=hour, minute=minute) + timedelta(days=days)


def stamp(moment: datetime) -> str:
    """A moment as tax office and approval platform write it, in Shanghai."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def millis(moment: datetime) -> int:
    """A moment as the finance system writes it: milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def real_now() -> datetime:
    """The machine's clock, for signatures only."""
    return datetime.now(UTC)
