"""Our signature is what the standard's own library verifies, and the receiver that stands in agrees with both."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_notifier.kinds import NoticeKind
from sikua_notifier.signing import MOST_BYTES, body, headers, secret_from, signature
from sikua_notifier.wording import Content, Line
from sikua_simulators.channels.receiver import wrong_with
from standardwebhooks import Webhook

SECRET, OLD = secret_from(bytes(range(32))), secret_from(bytes(range(1, 33)))
CREATED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def content(lines: int = 2, longest: int = 20) -> Content:
    return Content(
        NoticeKind.RED, "【红色督办】甲", "Red: 甲", tuple(Line("原因", "Reason", "甲" * longest) for _ in range(lines))
    )


def test_the_standards_library_verifies_our_signature() -> None:
    written = body(content(), CREATED, {"notice_id": "n"})
    signed = headers([SECRET], "msg_1", datetime.now(UTC), written)
    assert Webhook(SECRET).verify(written, signed)["type"] == "notice.red"


def test_while_a_secret_is_changed_either_verifies() -> None:
    written = body(content(), CREATED, {})
    signed = headers([SECRET, OLD], "msg_1", datetime.now(UTC), written)
    for secret in (SECRET, OLD):
        Webhook(secret).verify(written, signed)
        assert wrong_with(signed, written, [secret]) == ""
    assert wrong_with(signed, written, [secret_from(b"x" * 24)]) == "no signature matches"


def test_a_changed_body_id_or_time_is_seen_by_the_receiver() -> None:
    written = body(content(), CREATED, {})
    signed = headers([SECRET], "msg_1", datetime.now(UTC), written)
    assert wrong_with(signed, written + b" ", [SECRET])
    assert wrong_with({**signed, "webhook-id": "msg_2"}, written, [SECRET])
    assert (
        wrong_with({**signed, "webhook-timestamp": "1"}, written, [SECRET]) == "webhook-timestamp is too old or too new"
    )
    assert wrong_with({}, written, [SECRET])


@given(st.binary(min_size=24, max_size=64), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1))
def test_any_secret_of_the_standards_length_signs_as_the_library_does(key: bytes, message_id: str) -> None:
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    secret = secret_from(key)
    ours = signature(secret, message_id, int(moment.timestamp()), b'{"a":"\xe7\x94\xb2"}')
    assert ours == Webhook(secret).sign(message_id, moment, '{"a":"甲"}')


@given(st.integers(0, 40), st.integers(0, 3000))
def test_a_body_never_reaches_twenty_kilobytes(lines: int, longest: int) -> None:
    written = body(content(lines, longest), CREATED, {"notice_id": "n" * 36})
    assert len(written) < MOST_BYTES
    document = json.loads(written)
    assert set(document) == {"type", "timestamp", "data"}
    assert document["timestamp"] == "2026-03-02T01:00:00Z"


@pytest.mark.parametrize("length", [0, 23, 65])
def test_a_secret_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="24 to 64"):
        secret_from(b"x" * length)
