"""My desk on a real database: each role finds its own, looking moves nothing, and saying "seen" moves the mark once."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx
import pytest
from sikua_chassis.service import Service
from sikua_command_office.app import build
from sikua_contracts.envelope import new_id
from sikua_contracts.words import Owner, Rung
from support import office_events as said
from support.officers import PAGE, proof_in, signed_in
from support.system import START, System

COORDINATOR = Owner(role="command_office.coordinator", division="370200")
LEADER = Owner(role="leader", division="370200")


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone; the test speaks for the others."""
    return await system.start(build)


async def a_late_project(system: System, rung: Rung, *to: Owner, name: str = "黄岛新材料产业园") -> str:
    project = new_id()
    await system.say("registry", said.registered(project, name=name))
    escalation = said.raised(project, rung).model_copy(update={"recipients": list(to)})
    await system.say("scheduler", said.tracked(project), said.armed(project), said.blocked(project), escalation)
    await system.turn_to(START + timedelta(days=11))
    return project


async def desk(browser: httpx.AsyncClient) -> str:
    answer = await browser.get(f"{PAGE}/desk")
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def section(page: str, heading: str) -> str:
    """The part of the page under the heading with this id; empty when there is none."""
    found = re.search(rf'<section[^>]*aria-labelledby="{heading}".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def until_in(page: str) -> str:
    found = re.search(r'name="until" value="(\d+)"', page)
    assert found
    return found[1]


async def test_every_role_finds_on_the_desk_what_is_theirs(office: Service, system: System) -> None:
    project = await a_late_project(system, Rung.COORDINATE, COORDINATOR)
    expected = {
        ("command_office", "370200", ""): "待受理",
        ("district_owner", "370211", ""): "轮到我办",
        ("department_owner", "370211", "ecology"): "轮到我办",
        ("auditor", "370200", ""): "无人受理",
    }
    for (role, division, unit), asked in expected.items():
        page = await desk(await signed_in(system, role, division=division, unit=unit))
        waiting = section(page, "waiting")
        assert project in waiting, role
        assert asked in waiting, role
        assert "四跨协调" in waiting
        assert "已超 5 个工作日" in waiting
    for role, division, unit in (
        ("department_owner", "370211", "natural_resources"),
        ("district_owner", "370212", ""),
        ("leader", "370200", ""),
    ):
        page = await desk(await signed_in(system, role, division=division, unit=unit))
        assert project not in section(page, "waiting"), role
        assert "没有等您处理的事" in section(page, "waiting")


async def test_a_leader_is_asked_for_the_top_rung_and_shown_the_worst(office: Service, system: System) -> None:
    project = await a_late_project(system, Rung.TOP, LEADER)
    page = await desk(await signed_in(system, "leader", division="370200"))
    assert "顶格推进" in section(page, "waiting")
    assert project in section(page, "worst")
    assert "等黄岛区生态环境局" in section(page, "worst")
    elsewhere = await desk(await signed_in(system, "leader", division="370212"))
    assert project not in section(elsewhere, "waiting")
    assert project not in section(elsewhere, "worst")


async def test_looking_moves_nothing_and_saying_seen_moves_the_mark_up_to_what_was_shown(
    office: Service, system: System
) -> None:
    await a_late_project(system, Rung.RED, COORDINATOR)
    officer = await signed_in(system)
    first = await desk(officer)
    assert "尚未标记过" in first
    for _ in range(2):
        await officer.get(f"{PAGE}/desk", headers={"Sec-Purpose": "prefetch"})
    assert await office.database.pool.fetchval("SELECT count(*) FROM desk_mark") == 0
    newer = await a_late_project(system, Rung.RED, COORDINATOR, name="即墨医药港")
    form = {"proof": proof_in(first), "until": until_in(first)}
    assert (await officer.post(f"{PAGE}/desk/seen", data=form)).status_code == 303
    after = section(await desk(officer), "changed")
    assert "上次看过之后" in after
    assert newer in after
    assert "黄岛新材料产业园" not in after
    again = await desk(officer)
    await officer.post(f"{PAGE}/desk/seen", data={"proof": proof_in(again), "until": until_in(again)})
    assert (await officer.post(f"{PAGE}/desk/seen", data=form)).status_code == 303, "an old form sent again"
    assert "没有新动态" in section(await desk(officer), "changed")


async def test_a_mark_is_everybodys_own_and_never_lies_in_the_future(office: Service, system: System) -> None:
    project = await a_late_project(system, Rung.RED, COORDINATOR)
    wang, li = await signed_in(system, sub="wang"), await signed_in(system, sub="li")
    proof = proof_in(await desk(wang))
    assert (await wang.post(f"{PAGE}/desk/seen", data={"proof": proof, "until": str(2**60)})).status_code == 303
    assert project not in section(await desk(wang), "changed")
    assert project in section(await desk(li), "changed")
    await system.say("notifier", said.noticed(project))
    await system.say("scheduler", said.blocked(project, "新的堵点"))
    await system.quiet()
    assert project in section(await desk(wang), "changed")
    for wrong in ("-1", "x", ""):
        assert (await wang.post(f"{PAGE}/desk/seen", data={"proof": proof, "until": wrong})).status_code == 422
    assert (await wang.post(f"{PAGE}/desk/seen", data={"proof": proof})).status_code == 422


async def test_a_district_reads_no_news_of_another(office: Service, system: System) -> None:
    project = await a_late_project(system, Rung.RED, COORDINATOR)
    laoshan = await desk(await signed_in(system, "district_owner", division="370212"))
    assert project not in laoshan
    assert "没有新动态" in section(laoshan, "changed")


async def test_what_departments_dispute_lies_on_the_desk_of_the_command_office(office: Service, system: System) -> None:
    project = await a_late_project(system, Rung.RED, COORDINATOR)
    disputed = said.enriched(project, 2, total_investment_wan=said.a_statement("1.0000"))
    await system.say("registry", disputed.model_copy(update={"disagreeing": ["total_investment_wan"]}))
    await system.quiet()
    assert project in section(await desk(await signed_in(system)), "disputed")
    assert project in section(await desk(await signed_in(system, "auditor")), "disputed")
    assert section(await desk(await signed_in(system, "district_owner", division="370211")), "disputed") == ""
