"""The summary as people read it: one table with a line per group, the ladder from bottom to top, and who is late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from sikua_contracts.words import RUNG_NAMES, Rung

MOST_LISTED = 12

TITLES = {
    "projects": "项目 projects",
    "facts": "事实 facts",
    "plans": "计划 plans",
    "tracks": "调度 tracks",
    "steps": "环节 steps",
    "escalations": "督办 escalations",
    "notices": "通知 notices",
    "feed": "动态 feed",
}

WORDS = {
    "import.accept": "照录 accepted",
    "import.normalise": "规范后录入 normalised",
    "import.hold": "录入、待确认 taken, to be confirmed",
    "import.reject": "拒绝 rejected",
    "import.skip": "非数据行 no data",
    "registered": "登记 registered",
    "amended": "更正 amended",
    "enriched": "补充 enriched",
    "advanced": "推进 advanced",
    "crossed": "认定四跨 crossing",
    "total": "合计 total",
    "tax": "税务 tax",
    "reform": "发改 reform",
    "finance": "财政 finance",
    "commerce": "商务 commerce",
    "with_plan": "有计划 with a plan",
    "none_already_started": "已开工、无计划 already started, no plan",
    "CROSSING": "四跨 crossing",
    "KEY_SIGNING": "重点签约 key signing",
    "MAJOR_EVENT": "重大活动 major event",
    "ORDER": "指挥部指令 by order",
    "armed": "开始计时 armed",
    "started": "接办 started",
    "completed": "办结 completed",
    "completed.by_proof": "凭部门数据 by proof",
    "completed.by_officer": "凭文件 by officers",
    "completed.late": "超期办结 late",
    "blocked": "受阻 blocked",
    "unblocked": "解除 unblocked",
    "paused": "中止 paused",
    "resumed": "恢复 resumed",
    "extended": "延期 extended",
    "overdue": "现超期 overdue now",
    "raised": "合计 raised",
    "quiet": "静默(历史)quiet, historic",
    "acknowledged": "确认 acknowledged",
    "resolved": "解除 resolved",
    "open": "未解除 open",
    "sent": "送达 sent",
    "failed": "失败 failed",
    "entries": "条 entries",
} | {rung.value: " ".join(RUNG_NAMES[rung]) for rung in Rung}


def show(console: Console, counts: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the summary."""
    table = Table(title="演示结果 · what the demo led to", title_justify="left", show_header=False, show_lines=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for group, title in TITLES.items():
        table.add_row(title, ",  ".join(_said(counts[group])))
    console.print(table)
    rejected = counts["projects"]["rejected"]
    for row in rejected[:MOST_LISTED]:
        reasons = "; ".join(map(str, row["reasons"]))
        console.print(f"第 {row['line']} 行未录入 · line {row['line']} rejected: {row['name'] or ''} – {reasons}")
    if len(rejected) > MOST_LISTED:
        console.print(
            f"… 另有 {len(rejected) - MOST_LISTED} 行 · and {len(rejected) - MOST_LISTED} more (--json lists all)"
        )


def _said(counted: Mapping[str, Any]) -> list[str]:
    names = sorted(
        (name for name in counted if name != "rejected"), key=lambda name: (_ORDER.get(name, len(_ORDER)), name)
    )
    return [f"{WORDS.get(name) or _behind_dot(name)} {counted[name]}" for name in names]


def _behind_dot(name: str) -> str:
    head, _, tail = name.partition(".")
    return f"{WORDS.get(head, head)}: {tail}" if tail else head


_ORDER = {name: number for number, name in enumerate(WORDS)}
