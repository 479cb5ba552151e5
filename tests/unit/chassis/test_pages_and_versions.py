"""Cursors are opaque and survive the way there and back; versions travel as strong ETags."""

from __future__ import annotations

import base64
import contextlib
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_chassis.api import decode_cursor, encode_cursor, etag_of, if_match, page, require_version
from sikua_chassis.errors import BadRequest, PreconditionFailed, PreconditionRequired

plain = st.one_of(st.text(max_size=50), st.integers(-(2**53), 2**53), st.booleans(), st.none())


@given(st.lists(plain, max_size=4))
def test_a_cursor_gives_back_what_was_put_in(values: list[Any]) -> None:
    assert decode_cursor(encode_cursor(values)) == values


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_cursors(text: str) -> None:
    with contextlib.suppress(BadRequest):
        assert decode_cursor(text) is None or isinstance(decode_cursor(text), list)


@pytest.mark.parametrize("text", ["!!", "e30", "W10=x", "游标", "WzFd\x00", "A" * 5000, "W" * 3])
def test_a_cursor_of_somebody_else_is_a_bad_request(text: str) -> None:
    with pytest.raises(BadRequest):
        decode_cursor(text)


@given(st.text(max_size=20), st.integers(-(2**62), 2**62))
def test_a_cursor_gives_back_the_kinds_that_a_route_put_in(word: str, number: int) -> None:
    storable = "".join(character for character in word if character != "\x00")
    cursor = encode_cursor([storable, number])
    assert decode_cursor(cursor, str, int) == [storable, number]
    for other in ((int, str), (str,), (str, int, str)):
        with pytest.raises(BadRequest):
            decode_cursor(cursor, *other)


@pytest.mark.parametrize("value", [True, 1.5, None, 2**63, "1", [], {}])
def test_a_number_in_a_cursor_is_a_whole_one_that_a_column_holds(value: Any) -> None:
    with pytest.raises(BadRequest):
        decode_cursor(encode_cursor([value]), int)


@pytest.mark.parametrize("text", ["\x00", "\ud800", "infinity", "2026-13-01"])
def test_a_cursor_whose_text_cannot_be_read_is_a_bad_request(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        decode_cursor(base64.urlsafe_b64encode(json.dumps([text]).encode()).decode(), datetime.fromisoformat)
    assert refused.value.problem()["errors"][0]["field"] == "query.cursor"


def test_no_cursor_is_the_beginning() -> None:
    assert decode_cursor(None) is None


@given(st.integers(0, 30), st.integers(1, 10))
def test_pages_together_hold_every_row_once(count: int, limit: int) -> None:
    rows = list(range(count))
    seen: list[int] = []
    after = -1
    while True:
        found = page([row for row in rows if row > after][: limit + 1], limit, lambda row: [row])
        seen += found["items"]
        if found["next"] is None:
            break
        after = (decode_cursor(found["next"]) or [0])[0]
    assert seen == rows


@given(st.integers(0, 10**12))
def test_an_etag_given_out_is_an_if_match_understood(version: int) -> None:
    assert if_match(etag_of(version)) == version
    require_version(etag_of(version), version)


def test_a_change_without_if_match_is_refused_with_428() -> None:
    with pytest.raises(PreconditionRequired):
        if_match(None)


@pytest.mark.parametrize("header", ["*", "3", '"3"', 'W/"v3"', '"v3", "v4"', '"v-3"'])
def test_a_tag_that_is_not_ours_is_refused_with_412(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        if_match(header)


def test_an_old_version_is_told_the_present_one() -> None:
    with pytest.raises(PreconditionFailed) as refused:
        require_version('"v3"', 4)
    assert refused.value.problem()["current"] == '"v4"'
