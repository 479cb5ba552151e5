"""The departments' seals: vectors made with openssl, agreement with the bridges' signers, and no way in for others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_bridge.signing import HmacTimestampSigner, PlatformSigner, Signer
from sikua_simulators.departments.signatures import SKEW_SECONDS, PlatformSeal, Seal, TimestampSeal, forged

KEY = "secret-0123456789abcdef"
NOW = datetime.fromtimestamp(1_700_000_000, UTC)
BODY = b'{"nsrsbh":"91370200264574251E"}'
NAMES = ("appId", "timestamp", "sign")

STAMP = TimestampSeal(NAMES, "sikua-tax-bridge", KEY)
WHOLE = TimestampSeal(NAMES, "sikua-tax-bridge", KEY, whole=True)
PLATFORM = PlatformSeal("sikua-reform-bridge", "370200-sikua-reform", KEY)
SEALS = [STAMP, WHOLE, PLATFORM]
SIGNERS: list[tuple[Seal, Signer]] = [
    (STAMP, HmacTimestampSigner("sikua-tax-bridge", KEY)),
    (WHOLE, HmacTimestampSigner("sikua-tax-bridge", KEY, covers_body=True)),
    (PLATFORM, PlatformSigner("sikua-reform-bridge", "370200-sikua-reform", KEY)),
]

moments = st.integers(10**9, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def lowered(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.mark.parametrize(
    ("seal", "sign"),
    [
        (STAMP, "gcm/T2dTZlr6GbSLaypxa6sxokKJdURyN/Kr34/7j5w="),
        (WHOLE, "n8nOvqxKRtivBMqFTBatawc4n2n55ZUrBm41SJp7KS0="),
        (PLATFORM, "rhwZ33yooQ46BnyMgaRnR/Ff55v8MQFkwBzbcZhJEXs="),
    ],
)
def test_signatures_are_those_that_openssl_makes(seal: Seal, sign: str) -> None:
    headers = seal.headers(BODY, NOW)
    assert headers["sign"] == sign
    assert "1700000000000" in headers.values()


@pytest.mark.parametrize(("seal", "signer"), SIGNERS)
@given(st.binary(max_size=200), moments)
def test_department_and_bridge_agree_in_both_directions(seal: Seal, signer: Signer, body: bytes, now: datetime) -> None:
    assert seal.holds(lowered(signer.sign(now, body)), body, now)
    assert signer.flaw(lowered(seal.headers(body, now)), body, now) is None


@pytest.mark.parametrize("seal", SEALS)
@given(data=st.data())
def test_one_changed_character_in_any_header_opens_nothing(seal: Seal, data: st.DataObject) -> None:
    headers = lowered(seal.headers(BODY, NOW))
    name = data.draw(st.sampled_from(sorted(headers)))
    place = data.draw(st.integers(0, len(headers[name]) - 1))
    other = data.draw(st.characters(max_codepoint=255).filter(lambda letter: letter != headers[name][place]))
    changed = headers[name][:place] + other + headers[name][place + 1 :]
    assert not seal.holds({**headers, name: changed}, BODY, NOW)


@pytest.mark.parametrize("seal", SEALS)
def test_a_missing_header_opens_nothing(seal: Seal) -> None:
    headers = lowered(seal.headers(BODY, NOW))
    for name in headers:
        assert not seal.holds({other: value for other, value in headers.items() if other != name}, BODY, NOW)


@pytest.mark.parametrize("seal", SEALS)
@pytest.mark.parametrize(("seconds", "holds"), [(SKEW_SECONDS, True), (SKEW_SECONDS + 1, False)])
def test_ten_minutes_off_is_the_most(seal: Seal, seconds: int, holds: bool) -> None:
    for moment in (NOW + timedelta(seconds=seconds), NOW - timedelta(seconds=seconds)):
        assert seal.holds(lowered(seal.headers(BODY, NOW)), BODY, moment) is holds


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_only_a_whole_seal_minds_the_body(body: bytes, other: bytes) -> None:
    assert STAMP.holds(lowered(STAMP.headers(body, NOW)), other, NOW)
    assert PLATFORM.holds(lowered(PLATFORM.headers(body, NOW)), other, NOW)
    assert WHOLE.holds(lowered(WHOLE.headers(body, NOW)), other, NOW) is (body == other)


@pytest.mark.parametrize("seal", SEALS)
def test_a_forged_signature_opens_nothing_and_changes_nothing_else(seal: Seal) -> None:
    headers = seal.headers(BODY, NOW)
    false = forged(headers)
    assert {name for name in headers if headers[name] != false[name]} == {"sign"}
    assert not seal.holds(lowered(false), BODY, NOW)


@pytest.mark.parametrize("seal", SEALS)
def test_secrets_are_not_shown(seal: Seal) -> None:
    assert KEY not in repr(seal)
