"""Through which channels projects come: the plan's channels, and the province's list, which the plan has no code for."""

from __future__ import annotations

from sikua_rules import code_lists

PROVINCIAL_MAJOR = "PROVINCIAL_MAJOR"
"""省重大项目: entered in the province's list of major projects; our own code, because real ledgers name it as a channel."""

_WORDS = {
    "省重大项目": PROVINCIAL_MAJOR,
    "省重点项目": PROVINCIAL_MAJOR,
    "领导会见": "LEADER_MEETING",
    "重大活动": "MAJOR_EVENT",
    "区市": "DISTRICT",
    "区市重点": "DISTRICT",
    "重点部门": "KEY_DEPARTMENT",
    "产业专班": "TASK_FORCE",
    "专班": "TASK_FORCE",
    "攻势": "CAMPAIGN",
    "平台": "SOCIAL_PLATFORM",
    "中介": "AGENCY",
    "基金": "FUND",
}


def codes() -> frozenset[str]:
    """All codes an origin may have."""
    return frozenset(code_lists.origins()) | {PROVINCIAL_MAJOR}


def code_of(word: str) -> str | None:
    """The code of a channel as ledgers write it, in Chinese or as the code itself; None when nobody knows it."""
    if word in codes():
        return word
    names = {name: code for code, name in code_lists.origins().items()}
    return _WORDS.get(word) or names.get(word)
