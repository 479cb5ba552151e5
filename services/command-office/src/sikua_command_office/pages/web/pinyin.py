"""Pinyin and initials of names, each name read once; a character with several readings is read in its words.

The words are read when somebody first searches: it takes half a second of computing and 20 MB.

Of the 47,000 words that pypinyin knows half cannot change a reading; they stay unread, for they would take 35 MB.
"""

from __future__ import annotations

import asyncio
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.resources import files
from threading import Lock

from sikua_command_office.pages.search import folded

_WORD = re.compile(r'"([^"]+)":\s*\[\s*\[([^:]+?)\]\s*\]')
_SWITCH = "PYPINYIN_NO_PHRASES"
_LEARNING = Lock()
Word = tuple[str, list[list[str]]]


@lru_cache(maxsize=8192)
def readings(text: str) -> tuple[str, str]:
    """("huangdaoxincailiao", "hdxcl") of 黄岛新材料."""
    syllables = _reader()(text)
    return folded("".join(syllables)), folded("".join(syllable[:1] for syllable in syllables))


def telling(words: Callable[[], Iterator[Word]], alone: Callable[[str], str]) -> dict[str, list[list[str]]]:
    """The words that hold a character which some word reads otherwise than `alone` does; tones don't matter.

    Words without such a character read as their characters do, so leaving them out changes nothing but where words end.
    """
    ambiguous = {
        sign
        for word, syllables in words()
        for sign, syllable in zip(word, syllables, strict=False)
        if _toneless(syllable[0]) != _toneless(alone(sign))
    }
    return {word: syllables for word, syllables in words() if not ambiguous.isdisjoint(word)}


async def learn() -> None:
    """Read the words now, in a thread, unless they have been: who searches first does not hold up everybody else."""
    await asyncio.to_thread(_reader)


def _reader() -> Callable[[str], list[str]]:
    with _LEARNING:
        return _learned()


@cache
def _learned() -> Callable[[str], list[str]]:
    with _without_words():
        import pypinyin
        from pypinyin.constants import PINYIN_DICT

    def alone(sign: str) -> str:
        return str(PINYIN_DICT.get(ord(sign), "")).partition(",")[0]

    pypinyin.load_phrases_dict(telling(_words, alone))
    return lambda text: [str(syllable) for syllable in pypinyin.lazy_pinyin(text)]


@contextmanager
def _without_words() -> Iterator[None]:
    """pypinyin decides by its environment, when it is imported, whether it reads all its words."""
    before = os.environ.get(_SWITCH)
    os.environ[_SWITCH] = "true"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SWITCH]
        else:
            os.environ[_SWITCH] = before


def _words() -> Iterator[Word]:
    """All words of the package, read from its file bit by bit: parsed at once they would leave the memory in pieces."""
    text = files("pypinyin").joinpath("phrases_dict.json").read_text("utf-8")
    for found in _WORD.finditer(text):
        yield found[1], [_syllable(part.split('"', 2)[1]) for part in found[2].split("[")]


@lru_cache(maxsize=4096)
def _syllable(reading: str) -> list[str]:
    return [reading]


@lru_cache(maxsize=4096)
def _toneless(reading: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", reading) if not unicodedata.combining(sign))
