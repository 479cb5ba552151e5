"""How fresh a picture is: as of when in business time, read when, and how many events it has not seen yet.

"截至 10:02:13,落后 3 条" / "as of 10:02:13, 3 events behind".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import AwareDatetime, BaseModel
from sikua_rules.business_time import SHANGHAI


class Freshness(BaseModel):
    """`as_of` is business time, `recorded_at` the clock on the wall. `behind`: unseen events by speaking log.

    `behind_total` is null when it can't be told at the moment.
    """

    as_of: AwareDatetime
    recorded_at: AwareDatetime
    behind: dict[str, int]
    behind_total: int | None
    text_zh: str
    text_en: str


def freshness(now: datetime, recorded_at: datetime, behind: Mapping[str, int] | None) -> Freshness:
    """Freshness at a moment, in figures and in words. `behind` None: nobody can tell."""
    clock = now.astimezone(SHANGHAI).strftime("%H:%M:%S")
    total = None if behind is None else sum(behind.values())
    zh, en = _behind(total)
    return Freshness(
        as_of=now,
        recorded_at=recorded_at,
        behind=dict(behind or {}),
        behind_total=total,
        text_zh=f"截至 {clock},{zh}",
        text_en=f"as of {clock}, {en}",
    )


def _behind(total: int | None) -> tuple[str, str]:
    if total is None:
        return "落后多少暂不清楚", "how far behind can't be told at the moment"
    if total == 0:
        return "没有落后", "nothing behind"
    return f"落后 {total} 条", f"{total} event{'' if total == 1 else 's'} behind"
