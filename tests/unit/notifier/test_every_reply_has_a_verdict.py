"""Every reply code has an agreed verdict, on every channel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_notifier.channels.verdicts import (
    LONGEST_WAIT_SECONDS,
    Reason,
    Refused,
    Sent,
    TryLater,
    http_verdict,
    retry_after_seconds,
    smtp_verdict,
)
from sikua_notifier.retrying import Retrying

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LATER = {408: Reason.AWAY, 425: Reason.AWAY, 429: Reason.THROTTLED} | dict.fromkeys(range(500, 600), Reason.AWAY)


@pytest.mark.parametrize("status", range(100, 600))
def test_every_http_status_has_its_verdict(status: int) -> None:
    verdict = http_verdict(status, "7", NOW)
    if 200 <= status < 300:
        assert isinstance(verdict, Sent)
    elif status in LATER:
        assert isinstance(verdict, TryLater)
        assert verdict.reason is LATER[status]
        assert verdict.after_seconds == (7.0 if status in (429, 502, 503, 504) else 0.0)
    else:
        assert isinstance(verdict, Refused)
        wanted = Reason.GONE if status == 410 else Reason.REDIRECTED if 300 <= status < 400 else Reason.REJECTED
        assert verdict.reason is wanted


@pytest.mark.parametrize("code", range(200, 600))
def test_every_smtp_reply_has_its_verdict(code: int) -> None:
    wanted = Sent if code < 300 else Refused if code >= 500 else TryLater
    assert isinstance(smtp_verdict(code, "text"), wanted)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("999999", LONGEST_WAIT_SECONDS),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("", 0.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("１２", 0.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(text: str, seconds: float) -> None:
    assert retry_after_seconds(text, NOW) == seconds


@given(st.text(max_size=60))
def test_no_retry_after_is_ever_longer_than_an_hour_or_negative(text: str) -> None:
    assert 0.0 <= retry_after_seconds(text, NOW) <= LONGEST_WAIT_SECONDS


@given(st.uuids(), st.integers(1, 7), st.floats(0, 3600))
def test_waits_are_bounded_and_never_shorter_than_asked(parcel: object, attempts: int, asked: float) -> None:
    policy = Retrying()
    wait = policy.wait_seconds(str(parcel), attempts, asked)
    assert wait is not None
    assert wait >= asked
    grown = min(policy.first_seconds * 2 ** (attempts - 1), policy.longest_seconds)
    assert max(grown / 2, asked) <= wait <= max(grown, asked)
    assert wait == policy.wait_seconds(str(parcel), attempts, asked)


def test_the_last_attempt_is_the_last() -> None:
    assert Retrying(most_attempts=3).wait_seconds("p", 3) is None
    with pytest.raises(ValueError, match="at least once"):
        Retrying(most_attempts=0)
