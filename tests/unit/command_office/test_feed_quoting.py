"""A sentence of the feed quotes what is said in its own language, and what a person wrote whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.feed.quoting import LONGEST_QUOTE, quoted


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("已逾期3个工作日 · overdue by 3 working days", "已逾期3个工作日", "overdue by 3 working days"),
        (
            "前置环节“规划许可”已重开 · waits again: permit was reopened",
            "前置环节“规划许可”已重开",
            "waits again: permit was reopened",
        ),
        (
            "堵点已解除：环评已批复 · the block is gone: 环评已批复",
            "堵点已解除：环评已批复",
            "the block is gone: 环评已批复",
        ),
        (
            "堵点已解除：A区 · B区齐备 · the block is gone: A区 · B区齐备",
            "堵点已解除：A区 · B区齐备",
            "the block is gone: A区 · B区齐备",
        ),
    ],
)
def test_each_language_takes_its_half(text: str, zh: str, en: str) -> None:
    assert quoted(text) == (zh, en)


@pytest.mark.parametrize(
    "text",
    [
        "等环评批复",
        "waits for the permit",
        "黄岛区 · B地块等待批复",
        "黄岛区 · 崂山区",
        "first · second",
        "等批复 · ",
        " · overdue",
        "",
    ],
)
def test_what_a_person_wrote_is_quoted_whole_in_both(text: str) -> None:
    assert quoted(text) == (" ".join(text.split()),) * 2


def test_each_half_is_shortened_by_itself_and_line_breaks_are_folded() -> None:
    zh, en = quoted(f"{'等' * 100}\n· {'w' * 100}")
    assert zh == "等" * (LONGEST_QUOTE - 1) + "…"
    assert en == "w" * (LONGEST_QUOTE - 1) + "…"


@given(st.lists(st.text("等批 ·ab1", max_size=12), max_size=4).map(" · ".join))
def test_nothing_of_a_short_text_is_in_neither_sentence(text: str) -> None:
    line = " ".join(text.split())
    zh, en = quoted(text)
    if len(line) <= LONGEST_QUOTE:
        assert line in {zh, f"{zh} · {en}"}
