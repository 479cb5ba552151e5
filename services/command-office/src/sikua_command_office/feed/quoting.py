"""Text that an event carries, quoted in a sentence of each language, shortened to what a line of a feed bears.

Services write their own reasons in both languages, "已逾期 · overdue"; each sentence takes its half, and so it does where a
person writes that way. All else is quoted whole in both.
"""

from __future__ import annotations

import re

LONGEST_QUOTE = 60
_BETWEEN = " · "
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


def quoted(text: str) -> tuple[str, str]:
    """The text for a Chinese sentence and for an English one."""
    line = " ".join(text.split())
    zh, en = _halves(line)
    return _shortened(zh), _shortened(en)


def _halves(line: str) -> tuple[str, str]:
    """The two languages of a text that says the same twice; else the whole for both.

    It does where what stands before the dot is Chinese, and after it nothing is that doesn't stand before it too: a person's
    words are woven into both halves.
    """
    pieces = line.split(_BETWEEN)
    for number in range(1, len(pieces)):
        zh, en = _BETWEEN.join(pieces[:number]), _BETWEEN.join(pieces[number:])
        if _CHINESE.search(zh) and en[:1].isascii() and all(run in zh for run in _CHINESE.findall(en)):
            return zh, en
    return line, line


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"
