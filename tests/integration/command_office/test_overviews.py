"""Escalations, bottlenecks and the plan's targets on a real database: what they show, to whom, and from which events."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sikua_chassis.service import Service
from sikua_command_office.app import build
from sikua_command_office.pages.web.drawing import Drawings, NotDrawn
from sikua_contracts.bridges import FactReported
from sikua_contracts.envelope import Level, new_id
from sikua_contracts.words import Rung, StepCode
from support import office_events as said
from support.officers import PAGE, signed_in
from support.system import START, System

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=1>\u202egnp.exe\u2066{{ 7*7 }}"
ELEVEN_DAYS = START + timedelta(days=11)


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone; the test speaks for the others."""
    return await system.start(build)


async def a_red_project(system: System, division: str = "370211", **more: Any) -> str:
    project = new_id()
    await system.say("registry", said.registered(project, division, **more))
    await system.say("scheduler", said.armed(project), said.blocked(project), said.raised(project))
    await system.turn_to(ELEVEN_DAYS)
    return project


def projects_on(page: httpx.Response) -> list[str]:
    return re.findall(r'data-project="([^"]+)"', page.text)


async def test_an_open_rung_stands_there_until_it_is_accepted_and_says_by_whom(office: Service, system: System) -> None:
    project = await a_red_project(system)
    browser = await signed_in(system)
    page = await browser.get(f"{PAGE}/escalations")
    assert projects_on(page) == [project]
    assert "尚无人受理" in page.text
    assert "未列入四跨督办" in page.text
    await system.say("scheduler", said.accepted(project))
    await system.quiet()
    assert "<bdi>王晓</bdi> 已受理" in (await browser.get(f"{PAGE}/escalations")).text
    assert projects_on(await browser.get(f"{PAGE}/escalations?accepted=no")) == []
    assert projects_on(await browser.get(f"{PAGE}/escalations?accepted=yes&rung=RED&division=370211")) == [project]


async def test_whoever_may_act_finds_the_acts_where_the_rung_stands_and_nobody_else_does(
    office: Service, system: System
) -> None:
    project = await a_red_project(system)
    acts = f"{PAGE}/projects/{project}/acts"
    page = (await (await signed_in(system)).get(f"{PAGE}/escalations?rung=RED")).text
    assert f'action="{acts}/acknowledge/{project}-RED"' in page
    assert '<input type="hidden" name="back" value="/escalations?rung=RED">' in page
    assert f'href="{acts}/raise/{project}-RED?back=/escalations%3Frung%3DRED"' in page
    assert "/acts/" not in (await (await signed_in(system, "auditor")).get(f"{PAGE}/escalations")).text


async def test_what_comes_next_is_told_by_whichever_event_changed_it(office: Service, system: System) -> None:
    project = await a_red_project(system, name="甲")
    browser = await signed_in(system)
    step = said.a_step(project, tracked=True, next_rung=Rung.COORDINATE, next_rung_at=ELEVEN_DAYS + timedelta(days=4))
    await system.say("scheduler", said.tracked(project, step))
    await system.quiet()
    assert "2 个工作日后升到四跨协调" in (await browser.get(f"{PAGE}/escalations")).text
    later = {"tracked": True, "next_rung": Rung.TOP, "next_rung_at": ELEVEN_DAYS + timedelta(days=5)}
    await system.say("scheduler", said.raised(project, Rung.COORDINATE, **later))
    await system.quiet()
    page = await browser.get(f"{PAGE}/escalations?rung=COORDINATE")
    assert projects_on(page) == [project]
    assert "3 个工作日后升到顶格推进" in page.text
    assert "此前 红色督办" in page.text


async def test_a_forms_empty_fields_lead_to_the_short_address_and_a_wrong_one_is_named(
    office: Service, system: System
) -> None:
    browser = await signed_in(system)
    short = await browser.get(f"{PAGE}/escalations?division=&rung=RED&owner=")
    assert (short.status_code, short.headers["location"]) == (303, f"{PAGE}/escalations?rung=RED")
    for wrong in ("escalations?rung=PURPLE", "bottlenecks?step=LUNCH", "kpis?landed=maybe", "bottlenecks?division=x"):
        page = await browser.get(f"{PAGE}/{wrong}")
        assert page.status_code == 422
        assert wrong.partition("?")[2].partition("=")[0] in page.text
    assert (await browser.get(f"{PAGE}/kpis/NO_SUCH")).status_code == 404


async def test_a_bottleneck_leads_to_the_projects_behind_it(office: Service, system: System) -> None:
    project = await a_red_project(system)
    browser = await signed_in(system)
    page = await browser.get(f"{PAGE}/bottlenecks")
    assert "<b>1</b> 个环节超期或受阻,超期合计 <b>5</b> 个工作日" in page.text
    link = re.search(r'<td class="shade-\d" data-step="落实指标"><a href="([^"]+)"', page.text)
    assert link
    assert link[1].endswith("/bottlenecks?role=ecology&amp;step=QUOTA#behind")
    assert projects_on(page) == []
    assert projects_on(await browser.get(f"{PAGE}/bottlenecks?role=ecology&step=QUOTA")) == [project]
    assert projects_on(await browser.get(f"{PAGE}/bottlenecks?role=natural_resources")) == []
    assert "黄岛区生态环境局" in (await browser.get(f"{PAGE}/bottlenecks?by=unit")).text
    assert projects_on(await browser.get(f"{PAGE}/bottlenecks?by=unit&role=ecology@370211")) == [project]


async def test_the_chart_is_an_image_of_ours_that_a_browser_may_keep_by_its_content(
    office: Service, system: System
) -> None:
    await a_red_project(system)
    browser = await signed_in(system)
    page = await browser.get(f"{PAGE}/bottlenecks")
    address = re.search(r'<img class="chart" src="([^"]+)"', page.text)
    assert address
    drawn = await browser.get(address[1].replace("&amp;", "&"))
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.headers["cache-control"] == "private, max-age=86400, immutable"
    assert "default-src 'none'" in drawn.headers["content-security-policy"]
    assert drawn.text.startswith("<svg")
    for shown in ("生态环境局 · 落实指标", "5 天 · 1 项"):
        assert shown in drawn.text
    dark = await browser.get(f"{PAGE}/bottlenecks/chart.svg?theme=dark&width=narrow")
    assert dark.headers["cache-control"] == "no-store"
    assert dark.text != drawn.text


async def test_a_chart_is_drawn_once_and_what_cannot_be_drawn_is_refused() -> None:
    drawings = Drawings()
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": [{"n": 1}]},
        "mark": "bar",
        "encoding": {"x": {"field": "n", "type": "quantitative"}},
    }
    first = await drawings.svg(chart)
    assert await drawings.svg(dict(chart)) is first
    assert "vl_convert" not in sys.modules
    with pytest.raises(NotDrawn):
        await drawings.svg({"mark": "no such mark", "data": {"values": []}})


async def test_targets_are_reckoned_from_lists_that_the_api_gives(office: Service, system: System) -> None:
    signed = await a_red_project(system, stage=StepCode.SIGN, name="已签约")
    await a_red_project(system, name="未签约")
    api = system.client("command-office")
    shown = (await api.get("/kpis")).json()
    rate = next(one for one in shown["kpis"] if one["code"] == "SIGN_RATE")
    assert (rate["value"], rate["met"], rate["numerator"]["count"], rate["denominator"]["count"]) == (
        "50.0",
        True,
        1,
        2,
    )
    assert (await api.get(rate["numerator"]["href"].partition("#")[0])).json()["numerator"][0]["projects"] == [
        {"project_id": signed, "name": "已签约"}
    ]
    received = next(one for one in shown["kpis"] if one["code"] == "FDI_ARRIVAL")
    assert (received["value"], received["met"], received["numerator"]) == (None, None, None)
    assert received["missing_zh"] == "没有部门报送过这一项。"
    assert (await api.get("/kpis?landed=maybe")).status_code == 422
    assert (await api.get("/kpis/NO_SUCH")).status_code == 404
    assert (await system.client("command-office", "nobody").get("/kpis")).status_code == 403


async def test_money_that_commerce_stated_counts_and_is_marked_when_it_is_simulated(
    office: Service, system: System
) -> None:
    project = await a_red_project(system)
    fact = said.a_fact(project, received_date=("2026-02-01", Level.L3), is_increase=(True, Level.L1))
    commerce = {"department": "commerce", "dataset": "commerce.foreign_capital"}
    await system.say("tax-bridge", FactReported.model_validate({**fact.model_dump(), **commerce}))
    await system.quiet()
    shown = {one["code"]: one for one in (await system.client("command-office").get("/kpis")).json()["kpis"]}
    for code in ("FDI_ARRIVAL", "FDI_INCREASE"):
        assert (shown[code]["value"], shown[code]["sure"], shown[code]["simulated"]) == ("1", "AT_LEAST", 1)
    page = await (await signed_in(system)).get(f"{PAGE}/kpis")
    assert "其中模拟数据 1 个" in page.text
    assert "2026-02-01" not in page.text


async def test_a_districts_officer_finds_nothing_of_another_district_by_any_route(
    office: Service, system: System
) -> None:
    theirs = await a_red_project(system, "370211", name="黄岛的项目", stage=StepCode.SIGN)
    own = await a_red_project(system, "370214", name="城阳的项目")
    browser = await signed_in(system, "district_owner", division="370214")
    addresses = ("escalations", "bottlenecks", "bottlenecks?step=QUOTA", "bottlenecks?division=370211&step=QUOTA")
    for address in (*addresses, "kpis", "kpis/SIGN_RATE", "kpis/BIG_30", "escalations?division=370211"):
        page = await browser.get(f"{PAGE}/{address}")
        assert page.status_code == 200, address
        assert theirs not in page.text, address
        assert "黄岛的项目" not in page.text, address
    assert projects_on(await browser.get(f"{PAGE}/escalations")) == [own]
    chart = await browser.get(f"{PAGE}/bottlenecks/chart.svg?by=unit&division=370211")
    assert "生态环境局" not in chart.text
    api = system.client("command-office", "district_owner", division="370214")
    shown = (await api.get("/kpis")).json()
    assert shown["projects"] == 1
    lists = (await api.get("/kpis/SIGN_RATE")).json()
    assert [one["projects"][0]["project_id"] for one in lists["denominator"]] == [own]
    assert [one["name_zh"] for one in (await api.get("/kpis/BIG_30")).json()["denominator"]] == ["城阳区"]


async def test_hostile_names_are_text_on_every_overview(office: Service, system: System) -> None:
    await a_red_project(system, name=HOSTILE)
    browser = await signed_in(system)
    for address in ("escalations", "bottlenecks?step=QUOTA", "kpis/SIGN_RATE"):
        page = await browser.get(f"{PAGE}/{address}")
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text
        assert "⟨U+202E⟩" in page.text
        assert "\u202e" not in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("address", ["escalations", "bottlenecks", "bottlenecks/chart.svg", "kpis", "kpis/SIGN_RATE"])
async def test_without_a_session_every_overview_leads_to_the_sign_in(
    office: Service, system: System, address: str
) -> None:
    stranger = httpx.AsyncClient(transport=httpx.ASGITransport(app=office.app), base_url="http://test")
    async with stranger:
        answer = await stranger.get(f"{PAGE}/{address}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{PAGE}/sign-in")
