"""Money is read as officials write it, exactly, and its unit is never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_rules import characters, money
from sikua_rules.violations import RuleViolation


@pytest.mark.parametrize(
    ("text", "unit", "wan", "currency", "approximate"),
    [
        ("３０", "亿元", "300000", "CNY", False),
        ("30亿元", None, "300000", "CNY", False),
        ("300,000万元", None, "300000", "CNY", False),
        ("300，000万元", None, "300000", "CNY", False),
        ("约100亿", None, "1000000", "CNY", True),
        ("100余亿元", None, "1000000", "CNY", True),
        ("100亿元左右", None, "1000000", "CNY", True),
        ("5亿", None, "50000", "CNY", False),
        ("9.8  ", "亿元", "98000", "CNY", False),
        ("１６１．３３", "亿", "1613300", "CNY", False),
        ("5亿元人民币", None, "50000", "CNY", False),
        ("3000万美元", None, "3000", "USD", False),
        ("1.2亿美元", None, "12000", "USD", False),
        ("300", "万美元", "300", "USD", False),
        ("300", "USD_WAN", "300", "USD", False),
        ("3", "（亿元）", "30000", "CNY", False),
        ("5000元", "万元", "0.5", "CNY", False),
    ],
)
def test_an_amount_is_read_as_written(text: str, unit: str | None, wan: str, currency: str, approximate: bool) -> None:
    read = money.parse_amount(text, unit)
    assert read == money.Amount(Decimal(wan).quantize(Decimal("0.0001")), currency, True, approximate)


def test_a_number_without_a_unit_stays_without() -> None:
    read = money.parse_amount("300000")
    assert not read.unit_known
    assert read.wan == 300000


@pytest.mark.parametrize(
    ("text", "unit", "reason"),
    [
        ("", None, "empty"),
        ("待定", None, "empty"),
        ("—", None, "empty"),
        ("-5亿", None, "negative"),
        ("10-20亿", None, "number"),
        ("1,2345万元", None, "number"),
        ("许多", None, "number"),
        ("5亿港元", None, "currency"),
        ("5", "斤", "unit"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(text: str, unit: str | None, reason: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        money.parse_amount(text, unit)
    assert refused.value.reason == reason


@given(st.decimals(min_value=0, max_value=10**9, places=4))
def test_fen_and_wan_are_the_same_money(wan: Decimal) -> None:
    assert money.from_fen(money.to_fen(wan)) == wan


@given(st.decimals(min_value=0, max_value=10**6, places=4))
def test_the_same_money_in_two_units_is_read_alike(yi: Decimal) -> None:
    assert money.parse_amount(f"{yi}亿元") == money.parse_amount(f"{yi * 10000}万元")


@pytest.mark.parametrize(
    ("amount", "band"),
    [
        ("-3", "0"),
        ("0", "0"),
        ("0.0001", "<100万"),
        ("99.9999", "<100万"),
        ("100", "100-500万"),
        ("500", "500-1000万"),
        ("1000", "1000-5000万"),
        ("5000", "1000-5000万"),
        ("5000.0001", ">5000万"),
    ],
)
def test_tax_bands_meet_without_gap_or_overlap(amount: str, band: str) -> None:
    assert money.tax_band(Decimal(amount)) == band


def test_text_is_folded_without_losing_what_it_says() -> None:
    assert characters.half_width("（３０，０００）　Ａ") == "(30,000) A"
    assert characters.trimmed(" 偏光片\r\n产业园　项目\u00a0\ufeff ") == "偏光片 产业园 项目"
    assert characters.trimmed("海尔（青岛）") == "海尔（青岛）"
    assert characters.without_blanks(" ３７ ０２ ") == "3702"
    assert characters.plain_dashes("a–b—c") == "a-b-c"


@given(st.text())
def test_trimming_twice_changes_nothing_more(text: str) -> None:
    once = characters.trimmed(text)
    assert characters.trimmed(once) == once
