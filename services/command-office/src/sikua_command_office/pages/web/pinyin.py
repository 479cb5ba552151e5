"""Pinyin and initials of names, each name read once; a character with several readings is read in its words."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from sikua_command_office.pages.search import folded


@lru_cache(maxsize=8192)
def readings(text: str) -> tuple[str, str]:
    """("huangdaoxincailiao", "hdxcl") of 黄岛新材料."""
    return _read(text, Style.NORMAL), _read(text, Style.FIRST_LETTER)


def _read(text: str, style: Style) -> str:
    return folded("".join(lazy_pinyin(text, style=style)))
