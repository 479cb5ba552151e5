"""Credit codes and project codes prove themselves by their check characters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sikua_rules import project_code, uscc
from sikua_rules.violations import RuleViolation

VECTORS = Path(__file__).parent / "vectors"
USCC: dict[str, Any] = json.loads((VECTORS / "uscc_vectors.json").read_text(encoding="utf-8"))
CODES: dict[str, Any] = json.loads((VECTORS / "project_code_vectors.json").read_text(encoding="utf-8"))

first_seventeen = st.text(uscc.ALPHABET, min_size=17, max_size=17)
months = st.integers(2101, 2612).filter(lambda number: 1 <= number % 100 <= 12)
first_nineteen = st.builds(
    lambda month, rest: f"{month}{rest}", months, st.text("0123456789", min_size=15, max_size=15)
)


@pytest.mark.parametrize("code", USCC["valid_real"] + USCC["valid_synthetic"])
def test_a_genuine_credit_code_is_taken_as_it_stands(code: str) -> None:
    assert uscc.parse(code) == code


@pytest.mark.parametrize(("code", "why"), USCC["invalid"])
def test_a_wrong_credit_code_is_refused_with_its_reason(code: str, why: str) -> None:
    if "lower case" in why:
        assert uscc.parse(code) == code.upper()
        return
    expected = "length" if "length" in why else "alphabet" if "alphabet" in why else "check"
    with pytest.raises(RuleViolation) as refused:
        uscc.parse(code)
    assert refused.value.reason == expected
    assert refused.value.message_zh
    assert refused.value.expected


def test_a_credit_code_is_taken_in_full_width_with_blanks_and_small_letters() -> None:
    assert uscc.parse(" ９１３７０２００　264574251e\u200b") == "91370200264574251E"


def test_the_inner_check_warns_but_never_refuses() -> None:
    assert uscc.inner_check_holds("91370200264574251E")
    doubtful = uscc.with_check("91370200264574252")
    assert uscc.parse(doubtful) == doubtful
    assert not uscc.inner_check_holds(doubtful)


@given(first_seventeen, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_one_wrong_character_of_a_credit_code_is_always_caught(first: str, place: int, wrong: str) -> None:
    code = uscc.with_check(first)
    assume(code[place] != wrong)
    with pytest.raises(RuleViolation) as refused:
        uscc.parse(code[:place] + wrong + code[place + 1 :])
    assert refused.value.reason == "check"


@given(first_seventeen, st.integers(0, 16))
def test_two_neighbours_swapped_in_a_credit_code_are_always_caught(first: str, place: int) -> None:
    code = uscc.with_check(first)
    assume(code[place] != code[place + 1])
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    with pytest.raises(RuleViolation):
        uscc.parse(swapped)


@pytest.mark.parametrize("code", CODES["valid_real"] + CODES["valid_synthetic_qingdao"])
def test_a_genuine_project_code_is_taken_even_strictly(code: str) -> None:
    read = project_code.parse(code, strict=True)
    assert read.text == code
    assert "check" not in read.warnings
    assert not read.legacy


@pytest.mark.parametrize("code", CODES["invalid"])
def test_a_wrong_project_code_is_refused_strictly(code: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        project_code.parse(code, strict=True)
    assert refused.value.reason in {"check", "month"}


def test_a_failing_check_digit_only_warns_when_not_strict() -> None:
    assert project_code.parse("2609-330100-04-01-100001").warnings == ("check",)


@pytest.mark.parametrize("code", CODES["legacy_no_check"])
def test_a_legacy_project_code_says_its_year_and_is_never_checked(code: str) -> None:
    read = project_code.parse(code, strict=True)
    assert (read.legacy, read.year, read.month) == (True, 2020, None)


@pytest.mark.parametrize(
    ("first", "legacy", "year", "month"),
    [("2009", False, 2020, 9), ("2012", False, 2020, 12), ("2013", True, 2013, None), ("2020", True, 2020, None)],
)
def test_the_first_part_tells_legacy_years_from_months(first: str, legacy: bool, year: int, month: int | None) -> None:
    read = project_code.parse(f"{first}-370211-04-01-123456")
    assert (read.legacy, read.year, read.month) == (legacy, year, month)


def test_a_project_code_without_hyphens_or_in_full_width_is_written_with_them() -> None:
    assert project_code.parse("21053702110401123455").text == "2105-370211-04-01-123455"
    assert project_code.parse("２１０５－370211–04—01-123455 ").text == "2105-370211-04-01-123455"


def test_a_code_of_a_retired_or_unknown_division_warns() -> None:
    retired = project_code.with_check("2105-370284-04-01-12345")
    assert project_code.parse(retired).warnings == ("division_retired",)
    unknown = project_code.with_check("2105-379999-04-01-12345")
    assert project_code.parse(unknown).warnings == ("division_unknown",)


@given(first_nineteen, st.integers(4, 19), st.sampled_from("0123456789"))
def test_one_wrong_digit_of_a_project_code_is_always_caught(first: str, place: int, wrong: str) -> None:
    digits = project_code.with_check(first).replace("-", "")
    assume(digits[place] != wrong)
    with pytest.raises(RuleViolation) as refused:
        project_code.parse(digits[:place] + wrong + digits[place + 1 :], strict=True)
    assert refused.value.reason == "check"


@pytest.mark.parametrize("text", ["", "2105", "2105-370211-04-01-12345", "2105-370211-04-01-1234567", "项目代码"])
def test_what_has_not_the_shape_of_a_project_code_is_refused(text: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        project_code.parse(text)
    assert refused.value.reason == "shape"


def test_a_check_digit_is_only_given_for_nineteen_digits() -> None:
    with pytest.raises(ValueError, match="19 digits"):
        project_code.with_check("2105")
