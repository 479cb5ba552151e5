"""What became of a parcel, as one of three answers, and the tables that read it from reply codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

LONGEST_WAIT_SECONDS = 3600.0


class Reason(StrEnum):
    """Why a parcel was refused or must wait: a closed list."""

    REJECTED = "rejected"
    REDIRECTED = "redirected"
    GONE = "gone"
    THROTTLED = "throttled"
    AWAY = "away"
    UNREACHABLE = "unreachable"
    MISCONFIGURED = "misconfigured"
    FORBIDDEN_ADDRESS = "forbidden_address"
    NO_ADDRESS = "no_address"
    NO_ROSTER = "no_roster"
    ENDPOINT_DISABLED = "endpoint_disabled"


@dataclass(frozen=True)
class Sent:
    """The channel took it."""

    detail: str = ""


@dataclass(frozen=True)
class TryLater:
    """It may succeed later. `after_seconds` is what the other side asked for, 0 when it named nothing."""

    reason: Reason
    detail: str = ""
    after_seconds: float = 0.0


@dataclass(frozen=True)
class Refused:
    """Trying again does not help."""

    reason: Reason
    detail: str = ""


Verdict = Sent | TryLater | Refused


def smtp_verdict(code: int, text: str = "") -> Verdict:
    """RFC 5321 §4.2.1: 2xx taken, 4xx later (421 and 45x often mean a rate limit), 5xx never; anything else: later."""
    detail = f"{code} {text}".strip()[:300]
    if 200 <= code < 300:
        return Sent(detail)
    if 500 <= code < 600:
        return Refused(Reason.REJECTED, detail)
    return TryLater(Reason.AWAY, detail)


def http_verdict(status: int, retry_after: str = "", now: datetime | None = None) -> Verdict:
    """Standard Webhooks: 2xx taken, 410 disables, 429/502/503/504 wait as `Retry-After` says; so do 408, 425 and other
    5xx without it; every redirect and every other 4xx is refused."""
    detail = f"HTTP {status}"
    if 200 <= status < 300:
        return Sent(detail)
    if status == 410:
        return Refused(Reason.GONE, detail)
    if status in (429, 503, 502, 504):
        reason = Reason.THROTTLED if status == 429 else Reason.AWAY
        return TryLater(reason, detail, retry_after_seconds(retry_after, now))
    if status >= 500 or status in (408, 425):
        return TryLater(Reason.AWAY, detail)
    if 300 <= status < 400:
        return Refused(Reason.REDIRECTED, detail)
    return Refused(Reason.REJECTED, detail)


def retry_after_seconds(text: str, now: datetime | None = None) -> float:
    """`Retry-After` as seconds from now (RFC 9110 §10.2.3: seconds or a date), at most an hour; 0 when unreadable."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WAIT_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if now is None:
        return 0.0
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST_WAIT_SECONDS)
