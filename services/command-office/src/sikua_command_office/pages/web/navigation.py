"""The views in the page's head, each with the key that opens it, for whoever may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class View:
    """One view: its path below the page, the key that opens it, what it is called, and the scope that it asks for."""

    path: str
    key: str
    zh: str
    en: str
    scope: str = "projects:read"


DENIALS: Final = View("/denials", "a", "拒绝记录", "Denials", "denials:read")
NAVIGATION: Final = (
    View("/", "b", "看板", "Board"),
    View("/desk", "d", "我的待办", "My desk"),
    View("/escalations", "e", "升级", "Escalations"),
    View("/bottlenecks", "o", "堵点", "Bottlenecks"),
    View("/kpis", "i", "指标", "KPIs"),
    View("/weekly", "w", "周报", "Weekly report"),
    DENIALS,
)
