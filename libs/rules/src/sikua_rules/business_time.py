"""Where moments meet days: rules count days of Asia/Shanghai, storage keeps moments in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
CLOSE = time(17, 30)
OPEN = time(9, 0)


def shanghai_day(moment: datetime) -> date:
    """The calendar day in Shanghai of an aware moment. China keeps no summer time, so eight hours always hold."""
    return moment.astimezone(SHANGHAI).date()


def close_of_business(day: date) -> datetime:
    """17:30 in Shanghai of that day, in UTC: when a limit that ends on it runs out."""
    return datetime.combine(day, CLOSE, SHANGHAI).astimezone(UTC)


def open_of_business(day: date) -> datetime:
    """09:00 in Shanghai of that day, in UTC."""
    return datetime.combine(day, OPEN, SHANGHAI).astimezone(UTC)
