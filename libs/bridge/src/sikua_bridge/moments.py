"""How departments write days and moments, read into aware ones; what can't be read is refused without repeating it.

A refusal never carries the value, because its reason is shown to people who may not see the value itself.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sikua_rules.business_time import SHANGHAI

from sikua_bridge.fields import WrongValue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(1949, 10, 1, tzinfo=UTC)
"""Before the republic there is nothing that a department could state."""

_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def milliseconds(value: Any) -> datetime:
    """Milliseconds since 1970 in UTC, a whole number, as a moment in Shanghai."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**13:
        raise WrongValue("milliseconds since 1970, a whole number")
    return _within(_EPOCH + timedelta(milliseconds=value))


def stamp(value: Any) -> datetime:
    """`2026-03-02 09:00:00` in Shanghai, as the platform and the tax office write it."""
    return _read(value, "%Y-%m-%d %H:%M:%S", "a moment like 2026-03-02 09:00:00")


def iso(value: Any) -> datetime:
    """ISO 8601 with offset."""
    expected = "a moment with offset like 2026-03-18T09:00:00+08:00"
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise WrongValue(expected)
    return _within(read)


def compact_day(value: Any) -> str:
    """`20260318`, as the tax office writes days; given back as 2026-03-18."""
    return _read(value, "%Y%m%d", "a day like 20260318").date().isoformat()


def _read(value: Any, pattern: str, expected: str) -> datetime:
    try:
        if not isinstance(value, str):
            raise ValueError
        read = datetime.strptime(value, pattern).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise WrongValue(expected) from None
    if read.strftime(pattern) != value:
        raise WrongValue(expected)
    return _within(read)


def _within(moment: datetime) -> datetime:
    # Beyond these years the database or a change of zone may overflow, and no record of an investment project lies there.
    try:
        inside = EARLIEST <= moment < _LATEST
    except OverflowError:
        inside = False
    if not inside:
        raise WrongValue("a moment between 1949 and 2200")
    return moment.astimezone(SHANGHAI)
