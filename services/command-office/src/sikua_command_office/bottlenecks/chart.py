"""The worst bottlenecks as a bar chart: a Vega-Lite specification, the same for the same figures, in light or in dark.

One colour for all bars; their length says how many working days, a number beside each says it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sikua_contracts.words import STEP_NAMES, StepCode

from sikua_command_office.bottlenecks.holding import By, Cell, Table
from sikua_command_office.names import line_name, owner_name

MOST_BARS = 12
FONT = "system-ui, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, WenQuanYi Zen Hei, sans-serif"


class Theme(StrEnum):
    """Ink on paper, or the other way round."""

    LIGHT = "light"
    DARK = "dark"


class Width(StrEnum):
    """For a desk or for a phone."""

    WIDE = "wide"
    NARROW = "narrow"


_COLOURS = {
    Theme.LIGHT: {"ink": "#1a1f26", "soft": "#56606b", "line": "#d6dbe0", "bar": "#2f74c0"},
    Theme.DARK: {"ink": "#e4e9ee", "soft": "#a0abb6", "line": "#333b45", "bar": "#4c8fd9"},
}
_PLOT = {Width.WIDE: 560, Width.NARROW: 170}
_LABELS = {Width.WIDE: 300, Width.NARROW: 150}


@dataclass(frozen=True)
class Bar:
    """One department at one step. `key` and `step` name it in a URL."""

    key: str
    step: StepCode
    department: tuple[str, str]
    cell: Cell

    @property
    def label(self) -> str:
        """ "自然资源局 · 落实指标"."""
        return f"{self.department[0]} · {STEP_NAMES[self.step][0]}"

    @property
    def figures(self) -> str:
        """ "40 天 · 3 项"."""
        return f"{self.cell.days} 天 · {self.cell.count} 项"


def bars(table: Table, by: By) -> list[Bar]:
    """The cells with the most overdue days, at most twelve; then those with the most steps."""
    found = [
        Bar(row.key, code, line_name(row.key) if by is By.LINE else owner_name(row.turn), cell)
        for row in table.rows
        for code, cell in row.cells.items()
    ]
    found.sort(key=lambda bar: (-bar.cell.days, -bar.cell.count, bar.label))
    return found[:MOST_BARS]


def specification(shown: Sequence[Bar], theme: Theme, width: Width) -> dict[str, Any]:
    """The chart of these bars, in their order, as a Vega-Lite 5 document."""
    colours = _COLOURS[theme]
    values = [{"label": bar.label, "days": bar.cell.days, "figures": bar.figures} for bar in shown]
    y = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"labelLimit": _LABELS[width], "domain": False, "ticks": False, "labelPadding": 6},
    }
    x = {
        "field": "days",
        "type": "quantitative",
        "title": "超期工作日合计 · overdue working days",
        "axis": {"tickMinStep": 1, "tickCount": 6 if width is Width.WIDE else 3, "domain": False, "ticks": False},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "transparent",
        "width": _PLOT[width],
        "height": {"step": 28},
        "padding": {"left": 4, "right": 90, "top": 4, "bottom": 4},
        "data": {"values": values},
        "encoding": {"y": y, "x": x},
        "layer": [
            {"mark": {"type": "bar", "height": 16, "cornerRadiusEnd": 2, "color": colours["bar"]}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "color": colours["ink"], "clip": False},
                "encoding": {"text": {"field": "figures", "type": "nominal"}},
            },
        ],
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelColor": colours["ink"],
                "titleColor": colours["soft"],
                "titleFontWeight": "normal",
                "gridColor": colours["line"],
                "labelFontSize": 13,
                "titleFontSize": 12,
            },
            "text": {"fontSize": 12},
        },
    }
