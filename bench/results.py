"""What was measured, as a document and as a picture: each row's ratio to its goal, with the spread of its rounds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.rounds import Row

FOLDER = Path(__file__).parent / "results"


def write(
    machine: Mapping[str, Any],
    versions: Mapping[str, str],
    rows: Sequence[Row],
    also: Mapping[str, Any],
    *,
    whole: bool,
) -> Path:
    """Write `latest.json` and `latest.svg`, after a run of some parts `partial.json`; what was not measured is absent."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    document = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine,
        "versions": versions,
        "rows": [row.as_json() for row in rows],
        "also": dict(also),
    }
    path = FOLDER / ("latest.json" if whole else "partial.json")
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if whole:
        draw(rows, FOLDER / "latest.svg")
    return path


def draw(rows: Sequence[Row], path: Path) -> None:
    """A bar for each row's ratio over its goal, turned so that longer is better; the line at 1 is the goal."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "sikua"
    matplotlib.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot

    shown = list(rows)[::-1]
    figure, axes = pyplot.subplots(figsize=(11, 0.42 * len(shown) + 1.2), layout="constrained")
    for place, row in enumerate(shown):
        middle, low, high = (_towards_goal(row, value) for value in (row.ratio, row.low, row.high))
        colour = "#2a7f62" if row.reached else "#c2571a"
        axes.barh(place, middle, color=colour, height=0.62)
        axes.plot([min(low, high), max(low, high)], [place, place], color="#222222", linewidth=1.4)
        figures = f"{row.ratio:.2f}  (goal {'≥' if row.better == 'higher' else '≤'} {row.goal:g})"
        axes.text(max(middle, low, high) + 0.03, place, figures, va="center", fontsize=8)
    axes.axvline(1.0, color="#222222", linestyle="--", linewidth=1)
    axes.set_yticks(range(len(shown)), [row.row for row in shown], fontsize=8)
    axes.set_xlabel("ratio reached / goal (the dashed line); lines show the spread of the rounds", fontsize=8)
    axes.margins(x=0.18)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _towards_goal(row: Row, value: float) -> float:
    return value / row.goal if row.better == "higher" else row.goal / max(value, 1e-9)
