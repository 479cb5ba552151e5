"""The board and a project's page on a real database, drawn from what the other services said, in whatever order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sikua_chassis.service import Service
from sikua_command_office.app import build
from sikua_contracts.envelope import Level, new_id
from sikua_contracts.registry import ProjectClosed, ProjectRegistered
from sikua_contracts.scheduler import (
    EscalationAcknowledged,
    EscalationResolved,
    Proof,
    StepCompleted,
    StepPaused,
    StepResumed,
)
from sikua_contracts.words import ProjectStatus, Rung, StepStatus
from support import office_events as said
from support.system import START, System


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone; the test speaks for the others."""
    return await system.start(build)


async def read(system: System, route: str, **asked: Any) -> Any:
    answer = await system.client("command-office").get(route, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def column(board: Any, step: str) -> Any:
    return next(each for each in board["columns"] if each["step"] == step)


async def a_blocked_project(system: System) -> str:
    project = new_id()
    await system.say("registry", said.registered(project))
    await system.say(
        "scheduler", said.tracked(project), said.armed(project), said.blocked(project), said.raised(project)
    )
    await system.say("notifier", said.noticed(project))
    await system.quiet()
    return project


async def test_a_project_turns_green_blue_yellow_red_as_business_time_passes(office: Service, system: System) -> None:
    project = await a_blocked_project(system)
    lights = []
    for days in (0, 1, 7, 11, 21):
        await system.turn_to(START + timedelta(days=days))
        board = await read(system, "/board")
        (card,) = column(board, "QUOTA")["cards"]
        assert card["project_id"] == project
        lights.append((card["light"], card["overdue_working_days"]))
    assert lights == [("GREEN", 0), ("BLUE", 0), ("YELLOW", 1), ("RED", 5), ("RED", 11)]


async def test_the_board_counts_by_light_and_keeps_the_worst_on_top(office: Service, system: System) -> None:
    late, early = await a_blocked_project(system), new_id()
    await system.say("registry", said.registered(early), said.registered(new_id(), started=True))
    await system.say("scheduler", said.armed(early))
    await system.turn_to(START + timedelta(days=7))
    board = await read(system, "/board", limit_per_column=1)
    quota = column(board, "QUOTA")
    assert (quota["count"], quota["more"], quota["lights"]["YELLOW"]) == (2, 1, 2)
    assert [card["project_id"] for card in quota["cards"]] == [late]
    assert board["outside"]["NO_PLAN"] == 1
    assert quota["cards"][0]["state_zh"] == "落实指标受阻,等黄岛区生态环境局,已超 1 个工作日"
    assert quota["cards"][0]["owner"]["name_zh"] == "黄岛区生态环境局"
    assert (quota["cards"][0]["tracked"], quota["cards"][0]["rung"]) == (True, "RED")
    narrowed = await read(system, "/board", owner="natural_resources@370200", crossing="FIELD", light="YELLOW")
    assert [card["project_id"] for card in column(narrowed, "QUOTA")["cards"]] == [early]


async def test_a_project_that_had_started_is_counted_apart(office: Service, system: System) -> None:
    await system.say("registry", ProjectRegistered(record=said.a_record(new_id()), started=True, registered_by="t"))
    await system.quiet()
    assert (await read(system, "/board"))["outside"] == {"NO_PLAN": 0, "STARTED_BEFORE": 1, "FINISHED": 0}


async def test_a_page_tells_who_stated_what_what_holds_it_up_and_why_it_is_red(office: Service, system: System) -> None:
    project = await a_blocked_project(system)
    fact = said.a_fact(project, first_tax_date=("2026-01-05", Level.L2))
    await system.say("tax-bridge", fact)
    stated = said.a_statement("2026-01-05", "tax", fact.fact_id)
    await system.say("registry", said.enriched(project, 2, first_tax_date=stated))
    await system.turn_to(START + timedelta(days=11))
    page = await read(system, f"/projects/{project}")
    assert page["light"] == "RED"
    assert page["state_zh"] == "落实指标受阻,等黄岛区生态环境局,已超 5 个工作日"
    (field,) = page["fields"]
    assert (field["field"], field["stated_by_zh"], field["quality"]) == ("first_tax_date", "税务", "simulated")
    assert field["fact_id"] == page["facts"][0]["fact_id"] == fact.fact_id
    (why,) = page["why"]
    assert (why["since"], why["rung"], why["overdue_working_days"]) == ("2026-03-13", "RED", 5)
    assert "能耗指标未落实" in why["text_zh"]
    assert page["holds"][0]["waiting_for"]["name_zh"] == "黄岛区生态环境局"
    assert [step["code"] for step in page["plan"]][6] == "QUOTA"
    assert len(page["plan"]) == 9
    assert page["tracks"][0]["reasons"] == ["CROSSING"]
    assert page["escalations"][0]["rung"] == "RED"
    assert page["notices"][0]["status"] == "sent"
    moments = [entry["number"] for entry in page["timeline"]["items"]]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == 8


async def test_what_ended_is_shown_as_ended(office: Service, system: System) -> None:
    project = await a_blocked_project(system)
    done = said.a_step(project, StepStatus.COMPLETED, completed_at=START)
    proof = Proof(document="能评批复.pdf", stated_by="owner")
    escalation = {"escalation_id": f"{project}-RED", "rung": Rung.RED, "step": done, "by": "owner"}
    await system.say(
        "scheduler",
        EscalationAcknowledged(**{**escalation, "waits_until": START + timedelta(days=3)}),
        StepCompleted(step=done, proof=proof, overdue_working_days=2),
        EscalationResolved(**{**escalation, "resolution": "已办结"}),
    )
    await system.quiet()
    page = await read(system, f"/projects/{project}")
    (escalated,) = page["escalations"]
    assert (escalated["acknowledged_by"], escalated["resolution"]) == ("owner", "已办结")
    (step,) = [each for each in page["plan"] if each["code"] == "QUOTA"]
    assert (step["status"], step["late_working_days"], step["proof"]["document"]) == ("COMPLETED", 2, "能评批复.pdf")
    assert (page["light"], page["why"], page["holds"]) == ("GREY", [], [])
    assert (await read(system, "/board"))["outside"]["FINISHED"] == 1


async def test_pauses_are_told_with_their_papers(office: Service, system: System) -> None:
    project = await a_blocked_project(system)
    paused = said.a_step(project, StepStatus.PAUSED, due_at=None)
    await system.say("scheduler", StepPaused(step=paused, reason="补正材料", document="补正通知书", by="owner"))
    await system.quiet()
    page = await read(system, f"/projects/{project}")
    assert page["state_zh"] == "落实指标,中止计时:补正材料"
    await system.say("scheduler", StepResumed(step=said.a_step(project), document="材料齐备", by="owner"))
    await system.quiet()
    (step,) = [each for each in (await read(system, f"/projects/{project}"))["plan"] if each["code"] == "QUOTA"]
    (pause,) = step["pauses"]
    assert (pause["document"], pause["end_document"]) == ("补正通知书", "材料齐备")
    assert step["waiting_for"] is None


async def test_steps_heard_before_their_project_wait_for_it(office: Service, system: System) -> None:
    project = new_id()
    await system.say("scheduler", said.armed(project))
    await system.quiet()
    assert column(await read(system, "/board"), "QUOTA")["count"] == 0
    await system.say("registry", said.registered(project))
    await system.quiet()
    assert column(await read(system, "/board"), "QUOTA")["count"] == 1


async def test_a_closed_project_leaves_the_board_and_keeps_its_page(office: Service, system: System) -> None:
    project = await a_blocked_project(system)
    record = said.a_record(project, version=2, status=ProjectStatus.CLOSED)
    await system.say("registry", ProjectClosed(record=record, reason="投资方退出", ordered_by="office"))
    await system.quiet()
    assert column(await read(system, "/board"), "QUOTA")["count"] == 0
    assert (await read(system, f"/projects/{project}"))["state_zh"] == "已销号:投资方退出"


async def test_an_older_record_never_replaces_a_newer_one(office: Service, system: System) -> None:
    project = new_id()
    await system.say("registry", said.registered(project, version=5))
    await system.quiet()
    await system.say("registry", said.enriched(project, 4))
    await system.quiet()
    assert (await read(system, f"/projects/{project}"))["version"] == 5


async def test_every_screen_says_how_fresh_it_is(office: Service, system: System) -> None:
    project = await a_blocked_project(system)
    for route in ("/board", f"/projects/{project}"):
        fresh = (await read(system, route))["freshness"]
        assert fresh["as_of"] == "2026-03-02T01:00:00Z"
        assert set(fresh["behind"]) >= {"registry", "scheduler", "notifier", "tax-bridge"}
        assert (fresh["behind_total"], fresh["text_zh"]) == (0, "截至 09:00:00,没有落后")


async def test_projects_are_listed_by_name_in_pages(office: Service, system: System) -> None:
    ids = [new_id() for _ in range(5)]
    await system.say("registry", *(said.registered(each, name=f"产业园 {at}") for at, each in enumerate(ids)))
    await system.quiet()
    first = await read(system, "/projects", limit=2)
    then = await read(system, "/projects", limit=500, cursor=first["next"])
    assert [line["project_id"] for line in first["items"] + then["items"]] == ids
    assert then["next"] is None
    found = await read(system, "/projects", name="园 3")
    assert [line["project_id"] for line in found["items"]] == [ids[3]]


async def test_a_project_nobody_knows_is_not_found(office: Service, system: System) -> None:
    answer = await system.client("command-office").get(f"/projects/{new_id()}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:sikua:problem:not-found")
