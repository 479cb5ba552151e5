"""Officers act through the routes; every act leaves its event, its refusals come in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from sikua_contracts.registry import (
    ProjectAmended,
    ProjectClosed,
    ProjectCrossed,
    ProjectEnriched,
    ProjectRegistered,
    ProjectReopened,
    ProjectResumed,
    ProjectSuspended,
)
from sikua_contracts.words import CrossingKind, ProjectStatus, StepCode
from sikua_scheduler.app import build
from support.scheduler_courses import CROSSING, record, stated
from support.system import START, System


async def planned(system: System, stage: StepCode | None = StepCode.EVALUATE, **more: Any) -> httpx.AsyncClient:
    """A scheduler with one project, and a client of the command office."""
    await system.start(build)
    await register(system, stage, **more)
    return system.client("scheduler", division="370200")


async def register(system: System, stage: StepCode | None, started: bool = False, **more: Any) -> None:
    await system.say(
        "registry", ProjectRegistered(record=record(stage, **more), started=started, registered_by="officer")
    )
    await system.quiet()


async def steps_of(client: httpx.AsyncClient, project_id: str = "p-1") -> dict[str, Any]:
    answer = await client.get(f"/plans/{project_id}")
    assert answer.status_code == 200, answer.text
    return {step["code"] + (f".{step['item']}" if step["item"] else ""): step for step in answer.json()["steps"]}


async def act(client: httpx.AsyncClient, step: dict[str, Any], what: str, **body: Any) -> httpx.Response:
    return await client.post(f"/steps/{step['step_id']}/{what}", json=body)


async def said(system: System) -> list[dict[str, Any]]:
    """All that the scheduler said, in order."""
    await system.quiet()
    found: list[dict[str, Any]] = []
    client = system.client("scheduler", "operator")
    while True:
        after = found[-1]["position"] if found else 0
        items = (await client.get("/events", params={"after": after, "limit": 500})).json()["items"]
        if not items:
            return found
        found += items


async def types(system: System) -> list[str]:
    return [one["type"].removeprefix("cn.sikua.").removesuffix(".v1") for one in await said(system)]


async def test_a_step_is_blocked_paused_extended_completed_and_reopened(system: System) -> None:
    client = await planned(system)
    sign = (await steps_of(client))["SIGN"]
    assert (await act(client, sign, "start")).json()["status"] == "STARTED"
    waiting = {"role": "natural_resources", "division": "370211"}
    blocked = (await act(client, sign, "block", reason="用地规模不足", waiting_for=waiting)).json()
    assert (blocked["status"], blocked["blocked_reason"], blocked["waiting_for"]) == (
        "BLOCKED",
        "用地规模不足",
        waiting,
    )
    assert (await act(client, sign, "unblock", resolution="已调剂")).json()["status"] == "STARTED"
    paused = (await act(client, sign, "pause", reason="法审补正", document="函1")).json()
    assert (paused["status"], paused["due_at"], paused["light"]) == ("PAUSED", None, "GREY")
    await system.turn_to(START + timedelta(days=7))
    resumed = (await act(client, sign, "resume", document="函2")).json()
    # The clock stood still at the close of four working days, 3 to 6 March.
    assert resumed["due_at"] == "2026-04-03T09:30:00Z"
    extended = (await act(client, sign, "extend", amount=5, reason="情况复杂", approved_by="分管领导")).json()
    assert (extended["extension_amount"], extended["due_at"]) == (5, "2026-04-13T09:30:00Z")
    assert (await act(client, sign, "complete", document="协议〔2026〕1号")).json()["status"] == "COMPLETED"
    assert (await steps_of(client))["REGISTER"]["status"] == "ARMED"
    assert (await act(client, sign, "reopen", reason="协议未生效")).json()["status"] == "ARMED"
    assert (await steps_of(client))["REGISTER"]["status"] == "NOT_STARTED"
    assert await types(system) == [
        "step.armed",
        "step.started",
        "step.blocked",
        "step.unblocked",
        "step.paused",
        "step.resumed",
        "step.extended",
        "step.completed",
        "step.armed",
        "step.reopened",
        "step.rescheduled",
    ]


async def test_a_refused_act_names_its_reason_in_words_and_says_nothing(system: System) -> None:
    client = await planned(system)
    steps = await steps_of(client)
    answer = await act(client, steps["REGISTER"], "block", reason="太早")
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["reason"] == "not-armed"
    assert "前置环节未办结" in problem["detail"]
    assert "predecessors are open" in problem["detail"]
    assert await types(system) == ["step.armed"]


async def test_wrong_bodies_name_each_wrong_field(system: System) -> None:
    client = await planned(system)
    sign = (await steps_of(client))["SIGN"]
    answer = await act(client, sign, "extend", amount=0, reason="", more=1)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"/amount", "/reason", "/approved_by", "/more"}
    assert (await act(client, {"step_id": "nobody"}, "start")).status_code == 404


async def test_people_act_on_what_is_theirs(system: System) -> None:
    office = await planned(system)
    sign = (await steps_of(office))["SIGN"]
    stranger = system.client("scheduler", "district_owner", division="370281")
    owner = system.client("scheduler", "district_owner", division="370211")
    tax = system.client("scheduler", "department_owner", division="370211", unit="tax")
    bureau = system.client("scheduler", "department_owner", division="370211", unit="approval_bureau")
    assert (await act(stranger, sign, "start")).status_code == 404
    assert (await stranger.get(f"/steps/{sign['step_id']}")).status_code == 404
    assert (await stranger.get("/plans/p-1")).status_code == 404
    assert (await stranger.get("/steps")).json()["items"] == []
    assert (await act(tax, sign, "start")).status_code == 403
    assert (await act(bureau, sign, "block", reason="合法性审查未完")).status_code == 200
    assert (await act(bureau, sign, "unblock", resolution="已审结")).status_code == 200
    assert (await act(owner, sign, "start")).status_code == 200


async def test_the_due_moment_is_explained_day_by_day(system: System) -> None:
    client = await planned(system)
    sign = (await steps_of(client))["SIGN"]
    await act(client, sign, "extend", amount=5, reason="情况复杂", approved_by="分管领导")
    due = (await client.get(f"/steps/{sign['step_id']}/due")).json()
    assert due["due_at"] == "2026-04-07T09:30:00Z"
    assert due["provisional"] is False
    assert due["calendar_version"] == 1
    assert [day["ordinal"] for day in due["days"] if day["counted"]] == list(range(1, 26))
    holidays = [day for day in due["days"] if day["kind"] == "holiday"]
    assert [day["date"] for day in holidays] == ["2026-04-04", "2026-04-05", "2026-04-06"]
    assert "清明" in holidays[0]["text_zh"]


async def test_a_fact_completes_the_step_and_is_linked(system: System) -> None:
    client = await planned(system, StepCode.SIGN)
    shown = record(
        StepCode.SIGN, version=2, uscc=["91370200264574251E"], fields={"tax_reg_status": stated("正常", "f-7")}
    )
    await system.say("registry", ProjectEnriched(record=shown, changed=["tax_reg_status"], fact_ids=["f-7"]))
    await system.quiet()
    register_step = (await steps_of(client))["REGISTER"]
    assert register_step["status"] == "COMPLETED"
    assert register_step["proof"]["fact_id"] == "f-7"
    assert await types(system) == ["step.armed", "step.completed", *["step.armed"] * 4]


async def test_a_fact_that_is_taken_back_opens_the_step_again(system: System) -> None:
    client = await planned(system, StepCode.SIGN)
    shown = record(
        StepCode.SIGN, version=2, uscc=["91370200264574251E"], fields={"tax_reg_status": stated("正常", "f-7")}
    )
    fallen_back = record(StepCode.SIGN, version=3, uscc=["91370200264574251E"])
    changed: dict[str, Any] = {"changed": ["tax_reg_status"], "fact_ids": ["f-7"]}
    await system.say("registry", ProjectEnriched(record=shown, **changed))
    await system.say("registry", ProjectEnriched(record=fallen_back, **changed, withdrawn_reason="税号错配"))
    await system.quiet()
    register_step = (await steps_of(client))["REGISTER"]
    assert (register_step["status"], register_step["proof"]) == ("ARMED", None)
    assert (await types(system)).count("step.reopened") == 1


async def test_proof_that_needs_a_field_of_its_own_waits_for_the_other(system: System) -> None:
    client = await planned(system, StepCode.SIGN)
    early = record(StepCode.SIGN, version=2, fields={"tax_reg_status": stated("正常")})
    await system.say("registry", ProjectEnriched(record=early, changed=["tax_reg_status"], fact_ids=["f-1"]))
    await system.quiet()
    assert (await steps_of(client))["REGISTER"]["status"] == "ARMED"
    later = early.model_copy(update={"version": 3, "uscc": ["91370200264574251E"]})
    await system.say("registry", ProjectAmended(record=later, changed=["uscc"], amended_by="officer"))
    await system.quiet()
    assert (await steps_of(client))["REGISTER"]["status"] == "COMPLETED"


async def test_suspension_stops_the_clocks_and_closing_ends_the_plan(system: System) -> None:
    client = await planned(system, StepCode.REGISTER, crossings=[CROSSING])
    order = {"reason": "投资方重组", "document": "批示1", "ordered_by": "office"}

    def now(status: ProjectStatus, version: int) -> Any:
        return record(StepCode.REGISTER, version=version, status=status, crossings=[CROSSING])

    await system.say("registry", ProjectSuspended(record=now(ProjectStatus.SUSPENDED, 2), **order))
    await system.quiet()
    land = (await steps_of(client))["QUOTA.LAND"]
    assert land["status"] == "PAUSED"
    assert (await act(client, land, "resume", document="函2")).json()["reason"] == "project-suspended"
    await system.turn_to(START + timedelta(days=7))
    await system.say("registry", ProjectResumed(record=now(ProjectStatus.ACTIVE, 3), **order))
    await system.quiet()
    land = (await steps_of(client))["QUOTA.LAND"]
    assert (land["status"], land["due_at"]) == ("ARMED", "2026-04-03T09:30:00Z")
    await system.turn_to(START + timedelta(days=44))
    open_now = (await client.get("/escalations", params={"open": True})).json()["items"]
    assert open_now
    await system.say("registry", ProjectClosed(record=now(ProjectStatus.CLOSED, 4), **order))
    await system.quiet()
    assert (await client.get("/escalations", params={"open": True})).json()["items"] == []
    assert (await client.get("/tracks", params={"open": True})).json()["items"] == []
    assert (await client.get("/plans/p-1")).json()["status"] == "CLOSED"
    await system.say("registry", ProjectReopened(record=now(ProjectStatus.ACTIVE, 5), **order))
    await system.quiet()
    assert (await client.get("/plans/p-1")).json()["status"] == "OPEN"
    assert (await steps_of(client))["QUOTA.LAND"]["status"] == "ARMED"


async def test_projects_without_a_plan_are_counted_with_their_reason(system: System) -> None:
    client = await planned(system)
    await register(system, None, started=True, project_id="p-2")
    await register(system, None, project_id="p-3", historic=True)
    page = (await client.get("/plans", params={"limit": 2})).json()
    assert [one["project_id"] for one in page["items"]] == ["p-1", "p-2"]
    rest = (await client.get("/plans", params={"limit": 2, "cursor": page["next"]})).json()
    assert [one["project_id"] for one in rest["items"]] == ["p-3"]
    assert rest["next"] is None
    summary = page["summary"]
    assert (summary["plans"], summary["planless"], summary["quiet"]) == (2, 1, 1)
    assert summary["by_reason"] == {"construction-started": 1}
    missing = await client.get("/plans/p-2")
    assert (missing.status_code, missing.json()["reason"]) == (404, "construction-started")
    assert (await client.post("/plans/release", json={"all": True})).json() == {"released": 1}
    assert (await client.post("/plans/release", json={"all": True, "project_ids": ["p-3"]})).status_code == 422


async def test_a_suspended_newcomer_is_planned_once_it_is_active(system: System) -> None:
    client = await planned(system, status=ProjectStatus.SUSPENDED)
    assert (await client.get("/plans/p-1")).json()["reason"] == "not-active"
    active = record(StepCode.EVALUATE, version=2)
    await system.say("registry", ProjectResumed(record=active, reason="恢复", ordered_by="office"))
    await system.quiet()
    assert (await steps_of(client))["SIGN"]["status"] == "ARMED"


async def test_tracks_open_by_crossing_and_by_order_and_close(system: System) -> None:
    client = await planned(system)
    crossed = record(StepCode.EVALUATE, version=2, crossings=[CROSSING])
    await system.say("registry", ProjectCrossed(record=crossed, added=[CrossingKind.DISTRICT], removed=[]))
    await system.quiet()
    body = {"project_id": "p-1", "reason": "市领导批示", "document": "批示9"}
    opened = await client.post("/tracks", json=body)
    assert (opened.status_code, opened.json()["reasons"]) == (201, ["CROSSING", "ORDER"])
    assert (await client.post("/tracks", json=body)).json()["reason"] == "ordered-already"
    assert (await steps_of(client))["SIGN"]["tracked"] is True
    track_id = opened.json()["track_id"]
    closed = await client.post(f"/tracks/{track_id}/close", json={"reason": "问题已解决"})
    assert closed.json()["close_reason"] == "问题已解决"
    assert (await steps_of(client))["SIGN"]["tracked"] is False
    assert (await client.post("/tracks", json={**body, "project_id": "p-9"})).status_code == 404
    assert (await types(system))[1:] == ["track.opened", "track.opened", "track.closed"]


async def test_steps_are_listed_most_urgent_first_in_pages(system: System) -> None:
    client = await planned(system, StepCode.QUOTA)
    await register(system, StepCode.SIGN, project_id="p-2", divisions=["370281"])
    first = (await client.get("/steps", params={"status": ["ARMED"], "limit": 3})).json()
    second = (await client.get("/steps", params={"status": ["ARMED"], "limit": 3, "cursor": first["next"]})).json()
    items = first["items"] + second["items"]
    assert second["next"] is None
    assert [one["due_at"] for one in items] == sorted(one["due_at"] for one in items)
    assert {one["code"] for one in items} == {"PERMITS", "REGISTER"}
    mine = (await client.get("/steps", params={"role": "ecology", "division": "370211", "status": "ARMED"})).json()
    assert [one["item"] for one in mine["items"]] == ["EIA"]
    await system.turn_to(START + timedelta(days=35))
    overdue = (await client.get("/steps", params={"overdue": True})).json()["items"]
    assert {(one["code"], one["item"]) for one in overdue} == {
        ("PERMITS", "FILING"),
        ("PERMITS", "EIA"),
        ("REGISTER", None),
    }
    assert (await client.get("/steps", params={"cursor": "bm8"})).status_code == 400


async def test_the_fast_lane_by_order_moves_open_due_moments(system: System) -> None:
    client = await planned(system)
    shown = (await client.post("/plans/p-1/fast-lane", json={"reason": "市领导批示"})).json()
    assert shown["fast_lane"] is True
    sign = next(one for one in shown["steps"] if one["code"] == "SIGN")
    assert (sign["limit_amount"], sign["due_at"]) == (10, "2026-03-16T09:30:00Z")
    again = await client.post("/plans/p-1/fast-lane", json={"reason": "再次批示"})
    assert again.json()["reason"] == "fast-lane-already"
    assert await types(system) == ["step.armed", "step.rescheduled"]


async def test_an_act_repeated_under_its_key_acts_once_whatever_happened_between(system: System) -> None:
    client = await planned(system)
    sign = (await steps_of(client))["SIGN"]
    key = {"Idempotency-Key": "form-1"}
    where, what = f"/steps/{sign['step_id']}/block", {"reason": "用地规模不足"}
    first = await client.post(where, json=what, headers=key)
    at_once = await client.post(where, json=what, headers=key)
    assert (first.status_code, at_once.status_code) == (200, 200)
    assert (at_once.json(), at_once.headers["idempotent-replayed"]) == (first.json(), "true")
    await act(client, sign, "unblock", resolution="已调剂")
    late = await client.post(where, json=what, headers=key)
    assert late.json() == first.json()
    assert (await steps_of(client))["SIGN"]["status"] == "ARMED"
    assert (await client.post(where, json={"reason": "别的"}, headers=key)).status_code == 422
    assert (await client.post(where, json=what)).json()["status"] == "BLOCKED"
    assert [one for one in await types(system) if "block" in one] == ["step.blocked", "step.unblocked", "step.blocked"]


async def test_an_order_and_a_push_repeated_under_their_keys_act_once(system: System) -> None:
    client = await planned(system)
    order = {"project_id": "p-1", "reason": "市领导批示", "document": "督办单1"}
    first = [await client.post("/tracks", json=order, headers={"Idempotency-Key": "t"}) for _ in range(2)]
    assert [one.status_code for one in first] == [201, 201]
    assert first[0].json() == first[1].json()
    await system.turn_to(START + timedelta(days=60))
    raised = (await client.get("/escalations", params={"open": True, "rung": "YELLOW"})).json()["items"][0]
    push = {"rung": "TOP", "reason": "久拖不决"}
    where = f"/escalations/{raised['escalation_id']}/raise"
    pushed = [await client.post(where, json=push, headers={"Idempotency-Key": "r"}) for _ in range(2)]
    assert [one.status_code for one in pushed] == [201, 201]
    assert pushed[0].json() == pushed[1].json()
