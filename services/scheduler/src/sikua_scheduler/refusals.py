"""Refusals of the scheduler's rules: one tree, each with a reason of a closed list and its words in both languages."""

from __future__ import annotations

from typing import Any


class RuleError(Exception):
    """A rule says no. `reason` is part of the API; `more` says what else helps to understand it."""

    def __init__(self, reason: str, zh: str, en: str, **more: Any) -> None:
        super().__init__(en)
        self.reason = reason
        self.zh = zh
        self.en = en
        self.more = more
