"""Values are taken in one written form or refused with what was expected; no refusal repeats the value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_bridge import moments
from sikua_bridge.documents import read_document
from sikua_bridge.fields import (
    WrongValue,
    code_of_project,
    credit_code,
    day,
    decimal,
    division,
    flag,
    moment,
    month,
    one_of,
    storable,
    text,
    year,
)
from sikua_rules import project_code, uscc
from sikua_rules.business_time import SHANGHAI

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CHECKS: list[Callable[[Any], Any]] = [
    text,
    day,
    month,
    moment,
    decimal(4),
    flag,
    year,
    one_of("通过", "不通过"),
    credit_code,
    code_of_project,
    division,
]
READERS: list[Callable[[Any], Any]] = [moments.milliseconds, moments.stamp, moments.iso, moments.compact_day]


@given(st.sampled_from(CHECKS), JSON)
def test_a_check_gives_its_one_written_form_or_refuses_and_raises_nothing_else(
    check: Callable[[Any], Any], value: Any
) -> None:
    try:
        written = check(value)
    except WrongValue:
        return
    assert check(written) == written
    assert isinstance(written, str | bool | int)
    if isinstance(written, str):
        assert storable(written, 1000) == written


@given(st.sampled_from(READERS), JSON | st.integers(-(10**16), 10**16))
def test_a_reader_of_moments_reads_or_refuses_and_raises_nothing_else(reader: Callable[[Any], Any], value: Any) -> None:
    try:
        read = reader(value)
    except WrongValue:
        return
    if isinstance(read, datetime):
        assert read.utcoffset() == timedelta(hours=8)
        assert read.astimezone(UTC) == read


@given(st.integers(-600_000_000, 7_200_000_000))
def test_every_form_of_a_moment_is_read_back_as_the_moment_it_was(seconds: int) -> None:
    when = datetime(1970, 1, 1, tzinfo=SHANGHAI) + timedelta(seconds=seconds)
    assert moments.stamp(f"{when:%Y-%m-%d %H:%M:%S}") == when
    assert moments.milliseconds(int(when.timestamp()) * 1000) == when
    assert moments.iso(when.isoformat()) == when
    assert moments.iso(when.astimezone(UTC).isoformat()) == when
    assert moments.compact_day(f"{when:%Y%m%d}") == when.date().isoformat()


@pytest.mark.parametrize(
    ("reader", "wrong"),
    [
        (moments.stamp, "2026-3-2 9:00:00"),
        (moments.stamp, "2026-02-30 09:00:00"),
        (moments.stamp, "1926-03-02 09:00:00"),
        (moments.stamp, "２０２６-03-02 09:00:00"),
        (moments.compact_day, "2026318"),
        (moments.compact_day, 20260319),
        (moments.iso, "2026-03-19T09:00:00"),
        (moments.iso, "0001-01-01T00:00:00+08:00"),
        (moments.iso, "9999-12-31T23:59:59-08:00"),
        (moments.milliseconds, True),
        (moments.milliseconds, 1.5),
        (moments.milliseconds, "1772413200000"),
        (moments.milliseconds, 10**30),
    ],
)
def test_what_is_no_moment_is_refused_without_repeating_it(reader: Callable[[Any], Any], wrong: Any) -> None:
    with pytest.raises(WrongValue) as refused:
        reader(wrong)
    assert str(wrong) not in str(refused.value)


@given(st.decimals(0, 10**13, places=4))
def test_an_amount_is_written_with_exactly_its_places_and_loses_none(amount: Decimal) -> None:
    written = decimal(4)(str(amount))
    assert Decimal(written) == amount
    assert written.partition(".")[2].isdigit()
    assert len(written.partition(".")[2]) == 4


@pytest.mark.parametrize(
    "wrong", ["-1", "1.00001", "NaN", "Infinity", "1e30", "", "一百", 1.5, True, None, [], "1" * 50]
)
def test_what_is_no_amount_is_refused(wrong: Any) -> None:
    with pytest.raises(WrongValue):
        decimal(4)(wrong)


def test_minus_nothing_is_nothing() -> None:
    assert decimal(2)("-0") == "0.00"


@pytest.mark.parametrize("wrong", ["2026-W10-1", "20260318", "2026-3-18", "2026-02-30", "", 20260318, None])
def test_a_day_has_one_form_only(wrong: Any) -> None:
    with pytest.raises(WrongValue):
        day(wrong)


@given(st.dates())
def test_every_day_in_that_form_is_taken_as_it_stands(when: date) -> None:
    assert day(when.isoformat()) == when.isoformat()


@pytest.mark.parametrize("wrong", ["2026-13", "2026-1", "２０２６-01", "202601", 202601])
def test_a_month_has_one_form_only(wrong: Any) -> None:
    with pytest.raises(WrongValue):
        month(wrong)


@pytest.mark.parametrize("wrong", ["a\x00b", "\ud800", "x" * 401, "  ", "", 5, None])
def test_text_that_no_table_can_hold_is_refused(wrong: Any) -> None:
    with pytest.raises(WrongValue):
        text(wrong)


@given(st.text(st.characters(), max_size=50), st.integers(0, 60))
def test_any_text_can_be_made_storable_within_its_length(written: str, longest: int) -> None:
    kept = storable(written, longest)
    assert len(kept) <= longest
    assert "\x00" not in kept
    assert storable(kept, longest) == kept


def test_keys_are_taken_as_the_standards_write_them() -> None:
    assert credit_code(" 91370211ma3c00011m ") == "91370211MA3C00011M"
    assert credit_code("91370200264574251E") == uscc.parse("91370200264574251E")
    assert code_of_project("2105-370211-04-01-123455") == project_code.parse("2105-370211-04-01-123455").text
    assert division("370211") == "370211"
    for check, wrong in ((credit_code, "91370200264574251F"), (code_of_project, "2513-370211-04-01-123456")):
        with pytest.raises(WrongValue) as refused:
            check(wrong)
        assert wrong not in str(refused.value)


def test_a_document_keeps_every_digit_of_an_amount_and_refuses_what_json_does_not_know() -> None:
    assert read_document(b'{"rkje": 312.4500}')["rkje"] == Decimal("312.4500")
    for wrong in (b"NaN", b'{"a": Infinity}', b"{", b"\xff", b""):
        with pytest.raises(ValueError, match=r"."):
            read_document(wrong)
