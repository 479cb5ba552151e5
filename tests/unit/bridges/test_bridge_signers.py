"""Both signers: against published vectors, against the departments' own seals, and against tampering."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_bridge.signing import Flaw, HmacTimestampSigner, PlatformSigner, Signer
from sikua_simulators.departments.signatures import PlatformSeal, Seal, TimestampSeal

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
"""1700000000000 milliseconds since 1970."""

BODY = b'{"nsrsbh":"91370200264574251E"}'
TAX = HmacTimestampSigner("sikua-tax-bridge", "opens-sesame")
WHOLE = HmacTimestampSigner("sikua-tax-bridge", "opens-sesame", covers_body=True)
PLATFORM = PlatformSigner("sikua-reform-bridge", "370200-sikua-reform", "opens-sesame")
SIGNERS: list[Signer] = [TAX, WHOLE, PLATFORM]


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def signed(text: str, secret: str = "opens-sesame") -> str:
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def test_the_timestamp_form_signs_the_milliseconds() -> None:
    assert TAX.sign(AT, BODY) == {
        "appId": "sikua-tax-bridge",
        "timestamp": "1700000000000",
        "sign": signed("1700000000000"),
    }


def test_the_body_form_signs_the_milliseconds_and_the_body_s_hash() -> None:
    assert WHOLE.sign(AT, BODY)["sign"] == signed(f"1700000000000\n{hashlib.sha256(BODY).hexdigest()}")


def test_the_platform_form_signs_service_requester_and_time_without_a_separator() -> None:
    headers = PLATFORM.sign(AT, BODY)
    assert headers["sign"] == signed("370200-sikua-reformsikua-reform-bridge1700000000000")
    assert (headers["rid"], headers["sid"], headers["rtime"]) == (
        "sikua-reform-bridge",
        "370200-sikua-reform",
        "1700000000000",
    )


@pytest.mark.parametrize(
    ("service", "requester", "key", "expected"),
    [
        # RFC 4231, test case 2.
        ("what do ya want ", "for nothing?", "Jefe", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="),
        # The DingTalk robot's vector: the same HMAC over a text with a line break in it.
        (
            "1700000000000\n",
            "SECtest0123456789abcdef",
            "SECtest0123456789abcdef",
            "/lfnxUUu80FwVTsIlv2F1cMGBb+PxEKAwYh/bsRxXcc=",
        ),
    ],
)
def test_the_hmac_is_the_one_of_the_published_vectors(service: str, requester: str, key: str, expected: str) -> None:
    assert PlatformSigner(requester, service, key)._signature("") == expected


def test_what_a_department_seals_our_signers_accept_and_the_other_way_round() -> None:
    pairs: list[tuple[Signer, Seal]] = [
        (TAX, TimestampSeal(("appId", "timestamp", "sign"), "sikua-tax-bridge", "opens-sesame")),
        (WHOLE, TimestampSeal(("appId", "timestamp", "sign"), "sikua-tax-bridge", "opens-sesame", whole=True)),
        (PLATFORM, PlatformSeal("sikua-reform-bridge", "370200-sikua-reform", "opens-sesame")),
    ]
    for signer, seal in pairs:
        assert signer.flaw(lower(seal.headers(BODY, AT)), BODY, AT) is None
        assert seal.holds(lower(signer.sign(AT, BODY)), BODY, AT)


@pytest.mark.parametrize("signer", SIGNERS)
@given(seconds=st.integers(-(10**9), 10**9), body=st.binary())
def test_what_a_signer_signs_it_accepts_within_ten_minutes(signer: Signer, seconds: int, body: bytes) -> None:
    moment = AT + timedelta(seconds=seconds)
    headers = lower(signer.sign(moment, body))
    assert signer.flaw(headers, body, moment) is None
    assert signer.flaw(headers, body, moment + timedelta(minutes=9)) is None
    assert signer.flaw(headers, body, moment + timedelta(minutes=11)) is Flaw.SKEW
    assert signer.flaw(headers, body, moment - timedelta(minutes=11)) is Flaw.SKEW


@pytest.mark.parametrize("signer", SIGNERS)
@given(data=st.data())
def test_a_changed_or_missing_header_is_noticed(signer: Signer, data: st.DataObject) -> None:
    headers = lower(signer.sign(AT, BODY))
    name = data.draw(st.sampled_from(sorted(headers)))
    changed = data.draw(st.text(max_size=40).filter(lambda text: text != headers[name]))
    assert signer.flaw({**headers, name: changed}, BODY, AT) is not None
    assert signer.flaw({other: value for other, value in headers.items() if other != name}, BODY, AT) is Flaw.MISSING


@given(st.binary(), st.binary())
def test_a_changed_body_is_noticed_where_the_signature_covers_it(one: bytes, other: bytes) -> None:
    headers = lower(WHOLE.sign(AT, one))
    assert (WHOLE.flaw(headers, other, AT) is None) == (one == other)


@pytest.mark.parametrize("written", ["", "now", "-1", "1700000000000.5", "１７００００００", "9" * 16, "1e12"])
def test_a_time_that_is_none_is_a_flaw_and_never_an_error(written: str) -> None:
    headers = {**lower(TAX.sign(AT, BODY)), "timestamp": written}
    assert TAX.flaw(headers, BODY, AT) in {Flaw.BAD_TIME, Flaw.MISSING}


def test_a_wrong_secret_and_a_wrong_name_are_told_apart() -> None:
    headers = lower(TAX.sign(AT, BODY))
    assert HmacTimestampSigner("sikua-tax-bridge", "another").flaw(headers, BODY, AT) is Flaw.MISMATCH
    assert HmacTimestampSigner("somebody", "opens-sesame").flaw(headers, BODY, AT) is Flaw.UNKNOWN_KEY


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_secret_is_never_shown(signer: Signer) -> None:
    assert "opens-sesame" not in repr(signer)
    assert "opens-sesame" not in "".join(signer.sign(AT, BODY).values())
