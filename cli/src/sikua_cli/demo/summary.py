"""What the demo led to, counted from what the services themselves said; the same counts whoever asks, and whenever.

Pure: events go in one by one, counts come out. Keys of a group stand behind a dot (`overdue.housing`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sikua_contracts import bridges, notifier, registry, scheduler
from sikua_contracts.words import StepStatus, TrackReason

OPEN = frozenset({StepStatus.ARMED, StepStatus.STARTED, StepStatus.BLOCKED})
GROUPS = ("projects", "facts", "plans", "tracks", "steps", "escalations", "notices", "feed")


@dataclass
class Tally:
    """Counts so far, by group."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: {group: Counter() for group in GROUPS})
    rejected: list[dict[str, Any]] = field(default_factory=list)
    _steps: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _reasons: dict[str, set[str]] = field(default_factory=dict)
    _open_rungs: set[str] = field(default_factory=set)
    _planned: set[str] = field(default_factory=set)
    _started: set[str] = field(default_factory=set)

    def add(self, type_: str, data: Mapping[str, Any]) -> None:
        """Count one event."""
        if "step" in data and "step_id" in data["step"]:
            self._steps[data["step"]["step_id"]] = data["step"]
            self._planned.add(data["step"]["project_id"])
        family = type_.split(".")[2]
        handler = _BY_FAMILY.get(family)
        if handler is not None:
            handler(self, type_, data)

    def add_import(self, report: Mapping[str, Any]) -> None:
        """Count the lines of an import's report; rejected ones are kept with their reasons."""
        for row in report["rows"]:
            self.counts["projects"][f"import.{row['action']}"] += 1
            if row["action"] == "reject":
                self.rejected.append({"line": row["line"], "name": row["name"], "reasons": row["reasons"]})

    def add_feed(self, last_number: int) -> None:
        """The feed is numbered without gaps: its last number is its length."""
        self.counts["feed"]["entries"] = last_number

    def finished(self, now: datetime) -> dict[str, dict[str, Any]]:
        """All groups, with what can only be said at the end: overdue steps by owner, open rungs, plans."""
        counts = {group: dict(sorted(counted.items())) for group, counted in self.counts.items()}
        counts["steps"] |= self._overdue(now)
        counts["plans"] |= {"with_plan": len(self._planned), "none_already_started": len(self._started)}
        counts["tracks"] = self._tracks()
        counts["escalations"]["open"] = len(self._open_rungs)
        result: dict[str, dict[str, Any]] = {group: dict(counted) for group, counted in counts.items()}
        result["projects"]["rejected"] = self.rejected
        return result

    def _overdue(self, now: datetime) -> dict[str, int]:
        overdue: Counter[str] = Counter()
        running: Counter[str] = Counter()
        for step in self._steps.values():
            running[f"now.{step['status']}"] += 1
            due = step["due_at"]
            if step["status"] in OPEN and due is not None and datetime.fromisoformat(due) < now:
                overdue["overdue"] += 1
                overdue[f"overdue.{step['owner']['role']}"] += 1
        return {"overdue": overdue.pop("overdue", 0)} | dict(sorted(overdue.items())) | dict(sorted(running.items()))

    def _tracks(self) -> dict[str, int]:
        why = Counter(reason for reasons in self._reasons.values() for reason in reasons)
        return {"total": len(self._reasons)} | {reason: why[reason] for reason in TrackReason if why[reason]}


def _project(tally: Tally, type_: str, data: Mapping[str, Any]) -> None:
    counted = tally.counts["projects"]
    counted[type_.split(".")[3]] += 1
    if type_ == registry.ProjectRegistered.type and data["started"]:
        tally._started.add(data["record"]["project_id"])


def _fact(tally: Tally, type_: str, data: Mapping[str, Any]) -> None:
    counted = tally.counts["facts"]
    if type_ == bridges.FactReported.type:
        counted["total"] += 1
        counted[data["department"]] += 1
    else:
        counted[f"{type_.split('.')[3]}.{data['department']}"] += 1


def _track(tally: Tally, type_: str, data: Mapping[str, Any]) -> None:
    if type_ == scheduler.TrackOpened.type:
        tally._reasons.setdefault(data["project_id"], set()).update(data["reasons"])


def _step(tally: Tally, type_: str, data: Mapping[str, Any]) -> None:
    counted = tally.counts["steps"]
    counted[type_.split(".")[3]] += 1
    if type_ == scheduler.StepCompleted.type:
        counted["completed.by_proof" if data["proof"]["fact_id"] else "completed.by_officer"] += 1
        counted["completed.late"] += data["overdue_working_days"] > 0


def _escalation(tally: Tally, type_: str, data: Mapping[str, Any]) -> None:
    counted = tally.counts["escalations"]
    if type_ == scheduler.EscalationRaised.type:
        counted["raised"] += 1
        counted["quiet" if data["quiet"] else data["rung"]] += 1
        tally._open_rungs.add(data["escalation_id"])
    else:
        counted[type_.split(".")[3]] += 1
    if type_ == scheduler.EscalationResolved.type:
        tally._open_rungs.discard(data["escalation_id"])


def _notice(tally: Tally, type_: str, data: Mapping[str, Any]) -> None:
    counted = tally.counts["notices"]
    word = type_.split(".")[3]
    counted[word] += 1
    if type_ != notifier.NoticeAcknowledged.type:
        counted[f"{word}.{data['channel']}"] += 1


_BY_FAMILY = {
    "project": _project,
    "fact": _fact,
    "track": _track,
    "step": _step,
    "escalation": _escalation,
    "notice": _notice,
}
