"""A rule that was broken says so by a closed slug, in Chinese and English, with what was expected instead."""

from __future__ import annotations


class RuleViolation(ValueError):
    """A value breaks a rule of the field. `reason` is a slug of a closed list per rule; the messages are for people."""

    def __init__(self, reason: str, message_zh: str, message_en: str, expected: str) -> None:
        super().__init__(f"{message_zh} · {message_en}")
        self.reason = reason
        self.message_zh = message_zh
        self.message_en = message_en
        self.expected = expected
