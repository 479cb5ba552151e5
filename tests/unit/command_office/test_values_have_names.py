"""Codes in a record are called by their names on screen, and what no list has stays as it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.names import origin_name, value_name
from sikua_command_office.pages.web.rendering import plain
from sikua_rules import code_lists


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("divisions", ["370211", "370281"], "黄岛区、胶州市"),
        ("build_place_code", "370215", "即墨区"),
        ("origins", ["MAJOR_EVENT"], "重大活动签约"),
        ("industries", ["C", "3921"], "制造业(C)、计算机、通信和其他电子设备制造业(3921)"),
        ("project_name", "MAJOR_EVENT", "MAJOR_EVENT"),
        ("is_increase", False, "否 no"),
        ("origins", [], "—"),
    ],
)
def test_a_value_is_called_by_the_name_that_its_field_gives_it(field: str, value: object, shown: str) -> None:
    assert plain(value, field) == shown


@pytest.mark.parametrize("origin", code_lists.origins())
def test_every_origin_has_a_chinese_name(origin: str) -> None:
    assert origin_name(origin)[0] == code_lists.origins()[origin]


@given(
    st.sampled_from(["divisions", "build_place_code", "origins", "industry_code", "approval_mode"]), st.text("甲乙?_,")
)
def test_a_value_that_no_list_has_stays_as_it_stands(field: str, value: str) -> None:
    assert value_name(field, value) == value
