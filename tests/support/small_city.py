"""A scenario on some of the demo's projects: everything that happens in the whole demo happens here too, to fewer."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import yaml
from support.demo_runs import DEMO

FAULTY = 0.02
"""Ten times the demo's share, for a tenth of the questions."""
WAITS = {"take_up", "blocks_after", "unblocked_after", "pauses_after", "resumes_after", "extends_after"}
SOON = [1, 1]
"""Working days."""


def small_city(folder: Path) -> Path:
    """Write a scenario with its files into this folder; where the scenario is."""
    folder.mkdir(parents=True, exist_ok=True)
    scenario: dict[str, Any] = yaml.safe_load((DEMO / "scenario.yaml").read_text(encoding="utf-8"))
    scenario["department_faults"] = FAULTY
    # Few people have few weeks: each habit is as frequent as any other, and whoever waits does not wait long.
    for habit in scenario["habits"].values():
        habit["weight"] = 1
    for habit in (*scenario["habits"].values(), scenario["problem"]):
        habit |= dict.fromkeys(WAITS & habit.keys(), SOON)
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(scenario, allow_unicode=True), encoding="utf-8")
    (folder / scenario["units"]).write_bytes((DEMO / scenario["units"]).read_bytes())
    lines = projects(DEMO / scenario["projects"])
    taken = chosen(lines, {story["project"] for story in scenario["stories"]})
    with (folder / scenario["projects"]).open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(lines[0]))
        table.writeheader()
        # The file repeats itself, and the registry refuses that line.
        table.writerows([*taken, taken[0]])
    return path


def projects(path: Path) -> list[dict[str, str]]:
    """The lines of a file of projects."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def chosen(lines: list[dict[str, str]], stories: set[str]) -> list[dict[str, str]]:
    """In the order of the file, each project that shows something which none before it did, and those of the stories."""
    shown: set[tuple[object, ...]] = set()
    taken = []
    for line in lines:
        kinds = kinds_of(line)
        if not kinds <= shown or line["name_zh"] in stories:
            taken.append(line)
            shown |= kinds
    return taken


def kinds_of(line: dict[str, str]) -> set[tuple[object, ...]]:
    """What a line shows: stage, problem and crossing together, whence it came, whose capital, how much, of which city."""
    return {
        ("stage", line["stage_zh"], bool(line["problem_zh"]), ";" in line["districts"]),
        ("channel", line["origin_channel_zh"]),
        ("foreign", line["foreign_capital"]),
        ("in dollars", bool(line["usd_wan"])),
        ("in yuan", bool(line["invest_yi_yuan"])),
        ("city", line["city"]),
    }


COUNTED = {
    "projects": {"advanced", "enriched", "import.accept", "import.skip", "registered", "rejected"},
    "facts": {"total", "tax", "reform", "finance", "commerce", "unavailable.tax", "unavailable.reform"},
    "plans": {"with_plan", "none_already_started"},
    "tracks": {"total", "CROSSING", "KEY_SIGNING", "MAJOR_EVENT"},
    "steps": {
        *("armed", "started", "blocked", "unblocked", "paused", "resumed", "extended"),
        *("completed", "completed.by_proof", "completed.by_officer", "completed.late", "overdue"),
        *("now.ARMED", "now.STARTED", "now.BLOCKED", "now.PAUSED", "now.COMPLETED"),
    },
    "escalations": {"raised", "quiet", "REMIND", "YELLOW", "RED", "COORDINATE", "acknowledged", "resolved", "open"},
    "notices": {"sent", "sent.mail", "sent.webhook", "acknowledged"},
    "feed": {"entries"},
}
"""What the whole demo comes to count in its first weeks, but for whose steps are overdue: each at least once here."""
