"""The summary counts what services said: by department, by proof or officer, by rung, by channel, and who is late now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sikua_cli.demo.summary import GROUPS, Tally

NOW = datetime(2026, 8, 31, 1, tzinfo=UTC)


def step(step_id: str, status: str, due: str | None = None, role: str = "housing") -> dict[str, Any]:
    owner = {"role": role, "division": "370211"}
    return {"step_id": step_id, "project_id": f"p-{step_id}", "status": status, "due_at": due, "owner": owner}


def test_facts_are_counted_by_department_and_what_is_missing_apart() -> None:
    tally = Tally()
    tally.add("cn.sikua.fact.reported.v1", {"department": "tax"})
    tally.add("cn.sikua.fact.reported.v1", {"department": "reform"})
    tally.add("cn.sikua.fact.unavailable.v1", {"department": "tax"})
    assert tally.finished(NOW)["facts"] == {"reform": 1, "tax": 1, "total": 2, "unavailable.tax": 1}


def test_proof_and_officers_are_told_apart() -> None:
    tally = Tally()
    by_fact = {"fact_id": "f", "field": "tax_reg_status", "document": None}
    by_hand = {"fact_id": None, "field": None, "document": "营业执照"}
    tally.add(
        "cn.sikua.step.completed.v1", {"step": step("a", "COMPLETED"), "proof": by_fact, "overdue_working_days": 0}
    )
    tally.add(
        "cn.sikua.step.completed.v1", {"step": step("b", "COMPLETED"), "proof": by_hand, "overdue_working_days": 4}
    )
    counted = tally.finished(NOW)["steps"]
    assert (counted["completed"], counted["completed.by_proof"], counted["completed.by_officer"]) == (2, 1, 1)
    assert counted["completed.late"] == 1


def test_a_step_is_late_when_its_last_state_is_open_past_its_due_moment() -> None:
    tally = Tally()
    tally.add("cn.sikua.step.armed.v1", {"step": step("a", "ARMED", "2026-05-01T09:30:00Z"), "historic": False})
    tally.add("cn.sikua.step.armed.v1", {"step": step("b", "ARMED", "2026-05-01T09:30:00Z"), "historic": False})
    tally.add("cn.sikua.step.paused.v1", {"step": step("b", "PAUSED"), "reason": "", "document": "", "by": ""})
    tally.add("cn.sikua.step.armed.v1", {"step": step("c", "ARMED", "2026-09-01T09:30:00Z"), "historic": False})
    counted = tally.finished(NOW)["steps"]
    assert counted["overdue"] == 1
    assert counted["overdue.housing"] == 1


def test_quiet_rungs_stand_apart_from_loud_ones_and_open_ones_are_known() -> None:
    tally = Tally()
    for number, (rung, quiet) in enumerate([("RED", False), ("RED", True), ("TOP", False)]):
        raised = {"step": step("a", "ARMED"), "rung": rung, "quiet": quiet, "escalation_id": str(number)}
        tally.add("cn.sikua.escalation.raised.v1", raised)
    tally.add("cn.sikua.escalation.resolved.v1", {"step": step("a", "COMPLETED"), "rung": "TOP", "escalation_id": "2"})
    assert tally.finished(NOW)["escalations"] == {"RED": 1, "TOP": 1, "open": 2, "quiet": 1, "raised": 3, "resolved": 1}


def test_a_track_with_two_reasons_is_one_track() -> None:
    tally = Tally()
    tally.add("cn.sikua.track.opened.v1", {"project_id": "p", "reasons": ["CROSSING"]})
    tally.add("cn.sikua.track.opened.v1", {"project_id": "p", "reasons": ["CROSSING", "KEY_SIGNING"]})
    assert tally.finished(NOW)["tracks"] == {"total": 1, "CROSSING": 1, "KEY_SIGNING": 1}


def test_rejected_lines_keep_their_reasons_and_everything_else_is_a_count() -> None:
    tally = Tally()
    row = {"line": 9, "action": "reject", "name": "某项目", "reasons": ["unknown division"]}
    tally.add_import({"rows": [row]})
    tally.add_feed(17)
    finished = tally.finished(NOW)
    assert tuple(finished) == GROUPS
    assert finished["projects"].pop("rejected") == [{"line": 9, "name": "某项目", "reasons": ["unknown division"]}]
    assert all(isinstance(count, int) for group in finished.values() for count in group.values())
    assert finished["feed"] == {"entries": 17}
