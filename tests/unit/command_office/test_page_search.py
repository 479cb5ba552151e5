"""A project is found by any part of its name, of its pinyin and initials, of its USCC and codes, however it is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.pages.search import SHORTEST_CODE, Findable, folded, found, matches
from sikua_command_office.pages.web.pinyin import readings

PROJECTS = [
    Findable("a", "黄岛新材料产业园", ("91370200MA3D2Y6W5X",), ("2101-370211-04-01-123456",)),
    Findable("b", "重庆路改造(一期)", (), ("2203-370205-89-05-654321",)),
    Findable("c", "Bosch 氢能 R&D 中心"),
    Findable("d", "长沙银行行道树"),
]
signs = "黄岛新材料产业园重庆路改造一期长大银行行道氢能中心ABCxyz0189()·-& "
names = st.text(signs, min_size=1, max_size=20).filter(lambda name: folded(name) != "")
codes = st.lists(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY-", min_size=8, max_size=24), max_size=2)
projects = st.builds(Findable, st.uuids().map(str), names, codes, codes)
WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def ids(wanted: str, among: list[Findable] = PROJECTS) -> list[str]:
    return [one.project_id for one in found(wanted, among, readings)]


def part(draw: st.DataObject, text: str, shortest: int = 1) -> str:
    begins = draw.draw(st.integers(0, max(0, len(text) - shortest)))
    return text[begins : draw.draw(st.integers(min(len(text), begins + shortest), len(text)))]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("新材料", ["a"]),
        ("hdxcl", ["a"]),
        ("HuangDao", ["a"]),
        ("huang dao xin", ["a"]),
        ("chongqing", ["b"]),
        ("cqlgz", ["b"]),
        ("MA3D2Y6W5X", ["a"]),
        ("370211-04", ["a"]),
        ("2203370205", ["b"]),
        ("bosch qingneng", ["c"]),
        ("Bosch氢能", ["c"]),
        ("changsha", ["d"]),
        ("yinhang", ["d"]),
        ("370", []),
        ("没有", []),
        ("", []),
        (" - ", []),
        ("<script>", []),
    ],
)
def test_what_people_type_finds_what_they_mean(wanted: str, expected: list[str]) -> None:
    assert ids(wanted) == expected


@given(projects, st.data())
def test_any_part_of_the_name_finds_it(one: Findable, draw: st.DataObject) -> None:
    assert matches(part(draw, folded(one.name)), one, readings)


@given(projects, st.data())
def test_any_part_of_the_pinyin_and_of_the_initials_finds_it(one: Findable, draw: st.DataObject) -> None:
    for reading in readings(one.name):
        assert reading.isascii()
        assert matches(part(draw, reading), one, readings)


@given(projects, st.data())
def test_a_part_of_a_code_finds_it_when_it_is_long_enough_to_mean_it(one: Findable, draw: st.DataObject) -> None:
    for code in (*one.uscc, *one.project_codes):
        if len(key := folded(code)) >= SHORTEST_CODE:
            assert matches(part(draw, key, SHORTEST_CODE), one, readings)


@given(st.text(max_size=12), projects)
def test_nothing_is_found_that_does_not_bear_what_was_typed(wanted: str, one: Findable) -> None:
    key = folded(wanted)
    borne = [folded(one.name), *readings(one.name), *(folded(code) for code in (*one.uscc, *one.project_codes))]
    if found(wanted, [one], readings):
        assert key
        assert any(key in each for each in borne)


@given(st.text("hdxcl新材370211-ABC", min_size=1, max_size=10), st.lists(projects, max_size=6))
def test_case_width_and_what_stands_between_do_not_matter(wanted: str, among: list[Findable]) -> None:
    plain = found(wanted, among, readings)
    for typed in (wanted.upper(), wanted.lower(), wanted.translate(WIDE), " ".join(wanted), "-".join(wanted)):
        assert found(typed, among, readings) == plain


@given(names, st.lists(projects, max_size=8))
def test_the_order_given_is_kept_and_nothing_comes_twice(wanted: str, among: list[Findable]) -> None:
    hits = found(wanted, among, readings)
    assert hits == [one for one in among if one in hits]
