"""Places, industries and code lists are found under every name people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_rules import code_lists, divisions, industries
from sikua_rules.violations import RuleViolation


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("崂山区", "370212"),
        ("崂山", "370212"),
        ("青岛市崂山区", "370212"),
        ("山东省青岛市市南区", "370202"),
        ("西海岸新区", "370211"),
        (" ３７０２１４ ", "370214"),
        ("即墨", "370215"),
        ("即墨市", "370282"),
        ("南京市鼓楼区", "320106"),
        ("江苏省南京市鼓楼区", "320106"),
        ("海阳市", "370687"),
        ("青岛", "370200"),
    ],
)
def test_a_division_is_found_by_the_names_people_write(text: str, code: str) -> None:
    found = divisions.named(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("text", ["", "鼓楼区", "37021", "新代信息技术", "市辖区", "在平度"])
def test_a_name_that_names_no_single_division_finds_none(text: str) -> None:
    assert divisions.named(text) is None


def test_a_retired_code_is_known_and_leads_to_its_successor() -> None:
    assert divisions.current("370205") == "370203"
    assert divisions.current("370284") == "370211"
    assert divisions.current("370282") == "370215"
    assert divisions.current("370211") == "370211"
    assert divisions.current("999999") == "999999"
    retired = divisions.find("370205")
    assert retired is not None
    assert retired.status == "retired"


def test_ours_is_the_city_with_its_districts() -> None:
    assert divisions.is_ours("370200")
    assert divisions.is_ours("370281")
    assert divisions.is_ours("370284")
    assert not divisions.is_ours("370687")
    assert divisions.city_of("370281") == "370200"


def test_every_division_has_a_known_parent_up_to_its_province() -> None:
    for row in ("370211", "320106", "110105", "370200"):
        found = divisions.find(row)
        assert found is not None
        assert found.parent is not None
        assert divisions.find(found.parent) is not None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("上合示范区", "QDZ-SCO"),
        ("自贸片区", "QDZ-FTZ"),
        ("高新区", "QDZ-HTZ"),
        ("青岛高新区", "QDZ-HTZ"),
        ("蓝谷", "QDZ-BSV"),
        ("古镇口", "QDZ-MCI"),
        ("胶东临空经济示范区", "QDZ-JDAEZ"),
        ("济青烟国际招商产业园", "QDZ-IIP"),
        ("青岛前湾综合保税区", "QDZ-FTZB-QW"),
        ("中国（山东）自由贸易试验区青岛片区", "QDZ-FTZ"),
    ],
)
def test_a_zone_is_found_by_its_long_and_short_names(text: str, code: str) -> None:
    found = divisions.zone_named(text)
    assert found is not None
    assert found.code == code
    assert divisions.zone(code) == found


def test_a_place_that_is_no_zone_is_none() -> None:
    assert divisions.zone_named("院士港") is None
    assert divisions.zone("QDZ-NONE") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("Ｃ", "C"), ("c", "C"), ("39", "39"), ("3921", "3921"), ("C3921", "3921"), (" ３９ ", "39"), ("制造业", "C")],
)
def test_an_industry_is_taken_in_every_form(text: str, code: str) -> None:
    assert industries.parse(text) == code


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unknown"),
        ("98", "unknown"),
        ("U", "unknown"),
        ("00", "unknown"),
        ("新型显示", "unknown"),
        ("D39", "section"),
    ],
)
def test_what_is_no_industry_is_refused(text: str, reason: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        industries.parse(text)
    assert refused.value.reason == reason


@given(st.integers(1, 97))
def test_every_division_lies_in_the_section_of_its_range(number: int) -> None:
    code = f"{number:02d}"
    found = industries.division(code)
    assert found is not None
    assert industries.section(industries.section_of(code)) is not None
    assert industries.parse(found.section + code) == code


def test_section_ranges_hold_at_their_ends() -> None:
    ends = {
        "05": "A",
        "06": "B",
        "13": "C",
        "43": "C",
        "44": "D",
        "83": "P",
        "96": "S",
        "97": "T",
        "3921": "C",
        "C": "C",
    }
    assert {code: industries.section_of(code) for code in ends} == ends


def test_the_code_lists_are_whole() -> None:
    assert len(code_lists.campaigns()) == 15
    assert len(code_lists.task_forces()) == 13
    assert "LEADER_MEETING" in code_lists.origins()
    assert set(code_lists.values("tax_credit_grade")) == set("ABMCD")


@pytest.mark.parametrize(
    ("code", "prefix"), [("370211", "370211"), ("370200", "3702"), ("370000", "37"), ("000000", ""), ("", "")]
)
def test_a_division_stands_for_all_that_lies_in_it(code: str, prefix: str) -> None:
    assert divisions.prefix_of(code) == prefix


@given(st.from_regex(r"[1-9][0-9]{5}", fullmatch=True), st.from_regex(r"[0-9]{2}", fullmatch=True))
def test_what_lies_in_a_division_begins_with_its_prefix_and_nothing_else_does(code: str, end: str) -> None:
    prefix = divisions.prefix_of(code)
    assert code.startswith(prefix)
    assert (code[:4] + end).startswith(prefix) == (code.endswith("00") or end == code[4:])
