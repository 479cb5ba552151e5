"""One cell at a time: dates, places, words and amounts as people type them, and never more precise than they wrote."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_registry.imports import amounts, cells
from sikua_registry.imports.amounts import Units

days = st.dates(date(1980, 1, 1), date(2059, 12, 31))


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("2020-03-24", "2020-03-24"),
        ("2022年1月21日", "2022-01-21"),
        ("２０２３/０４/２２", "2023-04-22"),
        ("2020.3.24", "2020-03-24"),
        ("20200324", "2020-03-24"),
        ("45038", "2023-04-22"),
        ("43510", "2019-02-14"),
        ("2020年3月", "2020-03"),
        ("2020-03", "2020-03"),
        ("2022", "2022"),
        ("2022年", "2022"),
        ("2021-02-30", None),
        ("2021年13月", None),
        ("99999", None),
        ("近期", None),
    ],
)
def test_dates_are_as_precise_as_they_are_written(raw: str, read: str | None) -> None:
    assert cells.read_date(raw) == read


@given(
    days, st.sampled_from(["{y}-{m:02}-{d:02}", "{y}年{m}月{d}日", "{y}.{m}.{d}", "{y}/{m:02}/{d}", " {y}-{m}-{d} "])
)
def test_every_way_of_writing_a_day_is_that_day(day: date, form: str) -> None:
    raw = form.format(y=day.year, m=day.month, d=day.day)
    assert cells.read_date(raw) == day.isoformat()
    assert cells.read_date("".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in raw)) == day.isoformat()


@given(days)
def test_a_serial_day_is_the_day_the_spreadsheet_shows(day: date) -> None:
    assert cells.read_date(str((day - date(1899, 12, 30)).days)) == day.isoformat()


@given(days)
def test_a_month_never_becomes_a_day(day: date) -> None:
    assert cells.read_date(f"{day.year}年{day.month}月") == f"{day:%Y-%m}"


@given(st.text(max_size=20))
def test_any_text_is_taken_changed_or_held_and_never_fails(raw: str) -> None:
    for read in (
        cells.text("problem", raw),
        cells.moment("stage_date", raw),
        cells.places("divisions", raw),
        cells.yes_no("foreign_capital", raw),
        cells.stage("stage", raw),
        cells.crossings("crossings", raw),
        cells.origin_codes("origins", raw),
        cells.industry_codes("industries", raw),
        cells.usccs("uscc", raw),
        cells.project_codes("project_codes", raw),
        amounts.amount("total_investment_wan", raw, Units("亿元")),
    ):
        assert read.value is None or read.held is None
        for change in read.changes:
            assert change.before == raw
            assert change.after != raw


@pytest.mark.parametrize("raw", ["", " ", "—", "待定", "无", "/", " N/A "])
def test_a_word_for_nothing_is_nothing(raw: str) -> None:
    read = cells.text("investor_name", raw)
    assert read.value is None
    assert read.held is None
    assert [change.after for change in read.changes] == ([None] if raw.strip() else [])


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        ("崂山区", ["370212"]),
        ("李沧区、崂山区", ["370213", "370212"]),
        ("３７０２８１/３７０２８３/３７０７８５", ["370281", "370283", "370785"]),
        ("370211；370202", ["370211", "370202"]),
        ("即墨市", ["370215"]),
        ("370282", ["370215"]),
        ("370299", None),
        ("37021", None),
        ("370211;370299", None),
    ],
)
def test_places_are_codes_or_the_whole_field_is_held(raw: str, codes: list[str] | None) -> None:
    read = cells.places("divisions", raw)
    assert read.value == codes
    assert (read.held is None) == (codes is not None)


def test_a_hold_proposes_what_could_be_read() -> None:
    read = cells.places("divisions", "370211;370299")
    assert read.held is not None
    assert read.held.proposal == "370211"


@pytest.mark.parametrize(
    ("raw", "beside", "value", "proposal"),
    [
        ("30", "亿元", "300000.0000", None),
        ("20亿元", "", "200000.0000", None),
        ("300,000万元", "", "300000.0000", None),
        ("１６１．３３", "亿元", "1613300.0000", None),
        ("300000", "", None, None),
        ("约100亿", "", None, "1000000.0000"),
        ("约100", "亿元", None, "1000000.0000"),
        ("一百亿", "", None, None),
    ],
)
def test_amounts_are_sure_or_held(raw: str, beside: str, value: str | None, proposal: str | None) -> None:
    read = amounts.amount("total_investment_wan", raw, Units(beside))
    assert read.value == value
    assert (read.held.proposal if read.held else None) == proposal


@given(st.decimals(min_value=0, max_value=10**6, places=2), st.sampled_from(["亿元", "万元", "亿", "万"]))
def test_a_plain_number_with_a_unit_is_taken_as_it_stands(number: object, unit: str) -> None:
    read = amounts.amount("total_investment_wan", str(number), Units(unit))
    assert read.value is not None
    assert read.changes == ()


def test_a_broken_line_inside_a_name_is_mended() -> None:
    assert cells.one_line("青岛市地铁9\n号线一期工程") == "青岛市地铁9号线一期工程"
    assert cells.one_line("Smart\r\nHome 项目") == "Smart Home 项目"
