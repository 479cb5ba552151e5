"""The weekly report on a real database: this week agrees with the board, past weeks stay as they were, none is invented."""

from __future__ import annotations

import asyncio
import html
import re
import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sikua_chassis.service import Service
from sikua_command_office.app import build
from sikua_command_office.pages.web import weekly as weekly_page
from sikua_contracts.envelope import new_id
from sikua_contracts.scheduler import Proof, StepCompleted
from sikua_contracts.words import Rung, StepStatus
from support import office_events as said
from support.officers import PAGE, signed_in
from support.system import START, System

HOSTILE = "<script>alert(1)</script>\u202egnp.exe"


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone; the test speaks for the others."""
    return await system.start(build)


async def a_project(system: System, name: str, division: str = "370211") -> str:
    project = new_id()
    await system.say("registry", said.registered(project, division, name=name))
    await system.say("scheduler", said.armed(project))
    return project


async def weekly(browser: httpx.AsyncClient, query: str = "") -> str:
    answer = await browser.get(f"{PAGE}/weekly{query}")
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def tiles(page: str) -> list[list[int]]:
    """On each sheet: projects on the board, then red, yellow, blue, green, grey."""
    sheets = re.findall(r'<dl class="tiles">(.*?)</dl>', page, re.DOTALL)
    return [[int(number) for number in re.findall(r"<dd>(\d+)", sheet)] for sheet in sheets]


def headings(page: str) -> list[str]:
    return re.findall(r'<h2 id="of-(\w+)"', page)


async def test_this_weeks_report_tells_the_same_as_the_board(office: Service, system: System) -> None:
    late = await a_project(system, "黄岛新材料产业园")
    await a_project(system, "崂山生物医药园", "370212")
    await system.say("scheduler", said.blocked(late), said.raised(late, Rung.TOP))
    await system.turn_to(START + timedelta(days=11))
    await a_project(system, "即墨医药港", "370215")
    await system.quiet()
    board = (await system.client("command-office").get("/board")).json()
    page = await weekly(await signed_in(system))
    whole, *districts = tiles(page)
    assert whole == [3, *board["lights"].values()]
    assert headings(page) == ["all", "370211", "370212", "370215"]
    assert [sum(numbers) for numbers in zip(*districts, strict=True)] == whole
    worst = page.partition("超期最久")[2]
    for shown in ("黄岛新材料产业园", "黄岛区生态环境局", "已超 5 个工作日", "顶格推进", "尚无人受理"):
        assert shown in worst, shown


async def test_reports_are_drawn_one_at_a_time_while_others_are_answered(
    office: Service, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, go_on, drawing = weekly_page.stock, threading.Event(), asyncio.Semaphore(0)
    loop, at_once, most = asyncio.get_running_loop(), list[object](), list[int]()

    def slow(*read: Any) -> Any:
        at_once.append(read)
        most.append(len(at_once))
        loop.call_soon_threadsafe(drawing.release)
        assert go_on.wait(60)
        at_once.pop()
        return drawn(*read)

    monkeypatch.setattr(weekly_page, "stock", slow)
    browser = await signed_in(system)
    reports = [asyncio.create_task(weekly(browser)) for _ in range(3)]
    try:
        await asyncio.wait_for(drawing.acquire(), 60)
        # So often that the other reports have come as far as they may.
        for _ in range(8):
            assert (await browser.get(f"{PAGE}/kpis")).status_code == 200
        assert not any(report.done() for report in reports)
    finally:
        go_on.set()
    await asyncio.gather(*reports)
    assert most == [1, 1, 1]


async def test_a_past_week_stays_as_it_was_and_what_turned_red_is_told_in_its_week(
    office: Service, system: System
) -> None:
    project = await a_project(system, "黄岛新材料产业园")
    await system.turn_to(START + timedelta(days=16))
    step = said.a_step(project, StepStatus.COMPLETED)
    await system.say("scheduler", StepCompleted(step=step, proof=Proof(document="批复", stated_by="王晓")))
    await system.quiet()
    officer = await signed_in(system)
    assert tiles(await weekly(officer, "?week=2026-W10&division=370211")) == [[1, 0, 0, 1, 0, 0]]
    second = await weekly(officer, "?week=2026-W11&division=370211")
    assert tiles(second) == [[1, 1, 0, 0, 0, 0]]
    assert "黄岛新材料产业园" in second.partition("本周新红")[2].partition("本周脱红")[0]
    third = await weekly(officer, "?week=2026-W12&division=370211")
    assert tiles(third) == [[0, 0, 0, 0, 0, 0]]
    assert "办结或出列" in third.partition("本周脱红")[2].partition("本周推进")[0]
    assert "落实指标已办结,凭文件批复" in third.partition("本周推进")[2]


async def test_what_is_not_known_of_a_week_is_said_and_not_invented(office: Service, system: System) -> None:
    officer = await signed_in(system)
    assert "还没有任何记录" in await weekly(officer)
    await a_project(system, "黄岛新材料产业园")
    await system.quiet()
    first = await weekly(officer, "?week=2026-W10")
    assert first.count("上周末尚无记录,无从比较") == 2
    assert "这一周没有记录:记录自 2026-03-02 09:00 起" in await weekly(officer, "?week=2026-W09")
    assert "这一周还没有到" in await weekly(officer, "?week=2026-W11")
    for wrong in ("2026-W54", "2026-10", "1-W01", ""):
        assert (await officer.get(f"{PAGE}/weekly?week={wrong}")).status_code == 422, wrong


async def test_a_district_gets_its_own_sheet_and_no_other(office: Service, system: System) -> None:
    await a_project(system, "黄岛新材料产业园")
    await a_project(system, "崂山生物医药园", "370212")
    await system.quiet()
    laoshan = await signed_in(system, "district_owner", division="370212")
    for query in ("", "?division=370211", "?division=370212"):
        page = await weekly(laoshan, query)
        assert "黄岛新材料产业园" not in page
        assert headings(page) == ([] if "370211" in query else ["370212"])


async def test_hostile_names_are_text_on_the_report(office: Service, system: System) -> None:
    project = await a_project(system, HOSTILE)
    await system.say("scheduler", said.blocked(project, HOSTILE), said.raised(project, Rung.TOP))
    await system.turn_to(START + timedelta(days=11))
    page = (await (await signed_in(system)).get(f"{PAGE}/weekly")).text
    assert "<script>" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;⟨U+202E⟩gnp.exe" in page
