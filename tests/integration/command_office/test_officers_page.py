"""The officers' page on a real database: who gets in, what they see, and that no text of others becomes markup."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sikua_chassis.service import Runtime, Service
from sikua_command_office.app import build
from sikua_command_office.pages.handlers import CODE_LIVES
from sikua_contracts.envelope import new_id
from support import office_events as said
from support.officers import PAGE, code_for, proof_in, signed_in
from support.system import START, System

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=1>\u202egnp.exe\u2066{{ 7*7 }}"


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone; the test speaks for the others."""
    return await system.start(build)


async def a_late_project(system: System, **more: Any) -> str:
    project = new_id()
    await system.say("registry", said.registered(project, **more))
    await system.say("scheduler", said.tracked(project), said.armed(project), said.blocked(project))
    await system.say("scheduler", said.raised(project))
    await system.turn_to(START + timedelta(days=11))
    return project


def cards(page: httpx.Response) -> list[str]:
    return re.findall(r'data-project="([^"]+)"', page.text)


async def test_a_code_opens_the_page_once_and_no_token_stands_in_an_address(office: Service, system: System) -> None:
    browser = system.client("command-office")
    del browser.headers["Authorization"]
    away = await browser.get(f"{PAGE}/?light=RED")
    assert (away.status_code, away.headers["location"]) == (303, f"{PAGE}/sign-in?to=%2F%3Flight%3DRED")
    code = await code_for(system)
    entered = await browser.post(f"{PAGE}/sign-in", data={"code": f" {code.lower()} ", "to": "/?light=RED"})
    assert (entered.status_code, entered.headers["location"]) == (303, f"{PAGE}/?light=RED")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Path={PAGE}" in cookie
    assert (await browser.get(f"{PAGE}/?light=RED")).status_code == 200
    stranger = httpx.AsyncClient(transport=httpx.ASGITransport(app=office.app), base_url="http://test")
    async with stranger:
        again = await stranger.post(f"{PAGE}/sign-in", data={"code": code})
    assert again.status_code == 401
    assert "登录码无效" in again.text


async def test_the_cookie_stays_on_https_where_people_come_by_it_though_the_door_speaks_to_us_without(
    system: System,
) -> None:
    def behind_a_door(runtime: Runtime) -> Service:
        settings = runtime.settings.model_copy(update={"public_url": "https://sikua.city.example"})
        return build(replace(runtime, settings=settings))

    await system.start(behind_a_door)
    browser = system.client("command-office")
    del browser.headers["Authorization"]
    entered = await browser.post(f"{PAGE}/sign-in", data={"code": await code_for(system)})
    assert "; Secure" in entered.headers["set-cookie"]


async def test_a_code_lapses_and_a_lapsed_token_opens_nothing(office: Service, system: System) -> None:
    late = await code_for(system)
    assert (
        await office.database.pool.execute("UPDATE sign_in_code SET expires_at = expires_at - $1::interval", CODE_LIVES)
        == "UPDATE 1"
    )
    browser = system.client("command-office")
    del browser.headers["Authorization"]
    assert (await browser.post(f"{PAGE}/sign-in", data={"code": late})).status_code == 401
    officer = await signed_in(system)
    await office.database.pool.execute("UPDATE officer_session SET expires_at = now()")
    assert (await officer.get(f"{PAGE}/")).status_code == 303


async def test_the_tables_hold_nothing_to_sign_in_with(office: Service, system: System) -> None:
    code, token = await code_for(system), system.token()
    await signed_in(system)
    kept = await office.database.pool.fetch(
        "SELECT fingerprint, sealed FROM sign_in_code UNION ALL SELECT fingerprint, sealed FROM officer_session"
    )
    assert len(kept) == 2
    text = str([tuple(row) for row in kept])
    assert code not in text
    assert code.replace("-", "") not in text
    assert token.partition(".")[0] not in text


async def test_signing_out_ends_the_session_and_only_our_own_form_can(office: Service, system: System) -> None:
    officer = await signed_in(system)
    cookie = dict(officer.cookies)
    proof = proof_in((await officer.get(f"{PAGE}/")).text)
    assert (await officer.post(f"{PAGE}/sign-out", data={"proof": "0" * 64})).status_code == 403
    foreign = {"Origin": "https://elsewhere.example"}
    assert (await officer.post(f"{PAGE}/sign-out", data={"proof": proof}, headers=foreign)).status_code == 403
    assert (await officer.get(f"{PAGE}/")).status_code == 200
    assert (await officer.post(f"{PAGE}/sign-out", data={"proof": proof})).status_code == 303
    officer.cookies.update(cookie)
    assert (await officer.get(f"{PAGE}/")).status_code == 303


@pytest.mark.parametrize("to", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "x"])
async def test_signing_in_leads_to_no_other_site(office: Service, system: System, to: str) -> None:
    browser = system.client("command-office")
    answer = await browser.post(f"{PAGE}/sign-in", data={"code": await code_for(system), "to": to})
    assert answer.headers["location"] == f"{PAGE}/"


async def test_the_board_shows_the_worst_first_with_whose_turn_it_is(office: Service, system: System) -> None:
    project = await a_late_project(system)
    page = await (await signed_in(system)).get(f"{PAGE}/")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert cards(page) == [project]
    for shown in ("黄岛区生态环境局", "已超 5 个工作日", "红色督办", "跨领域", "没有落后"):
        assert shown in page.text
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=", page.text)


async def test_filters_and_search_stand_in_the_address(office: Service, system: System) -> None:
    one = await a_late_project(
        system, name="黄岛新材料产业园", uscc=["91370200MA3D2Y6W5X"], project_codes=["2101-370211-04-01-123456"]
    )
    other = new_id()
    await system.say("registry", said.registered(other, "370215", name="即墨医药港"))
    await system.say("scheduler", said.armed(other))
    await system.quiet()
    officer = await signed_in(system)
    for query, expected in {
        "division=370211": [one],
        "light=GREEN": [],
        "owner=natural_resources@370200": [other],
        "q=黄岛": [one],
        "q=hdxcl": [one],
        "q=jimoyiyao": [other],
        "q=MA3D2Y6W5X": [one],
        "q=370211-04": [one],
        "q=没有": [],
    }.items():
        assert cards(await officer.get(f"{PAGE}/?{query}")) == expected, query
    short = await officer.get(f"{PAGE}/?q=&light=RED&zone=")
    assert (short.status_code, short.headers["location"]) == (303, f"{PAGE}/?light=RED")
    wrong = await officer.get(f"{PAGE}/?light=PINK&nonsense=1")
    assert wrong.status_code == 422
    assert "query.light" in wrong.text
    assert "query.nonsense" in wrong.text


async def test_a_project_tells_its_story_with_every_day_that_counted(office: Service, system: System) -> None:
    project = await a_late_project(system)
    page = await (await signed_in(system)).get(f"{PAGE}/projects/{project}")
    assert page.status_code == 200
    text = html.unescape(page.text)
    for shown in ("落实指标受阻,等黄岛区生态环境局,已超 5 个工作日", "能耗指标未落实", "模拟数据", "超期第5个工作日"):
        assert shown in text, shown


async def test_a_district_gets_404_for_anothers_project_and_never_sees_it(office: Service, system: System) -> None:
    project = await a_late_project(system)
    laoshan = await signed_in(system, "district_owner", division="370212")
    huangdao = await signed_in(system, "district_owner", division="370211")
    assert (await laoshan.get(f"{PAGE}/projects/{project}")).status_code == 404
    assert cards(await laoshan.get(f"{PAGE}/")) == []
    assert cards(await laoshan.get(f"{PAGE}/?q=项目")) == []
    assert project not in (await laoshan.get(f"{PAGE}/?q=项目")).text
    assert (await huangdao.get(f"{PAGE}/projects/{project}")).status_code == 200
    assert cards(await huangdao.get(f"{PAGE}/")) == [project]


async def test_hostile_names_are_shown_as_text(office: Service, system: System) -> None:
    project = await a_late_project(system, name=HOSTILE, zone=HOSTILE, chain=HOSTILE, origins=[HOSTILE])
    officer = await signed_in(system)
    for address in ("/", f"/projects/{project}", "/?q=script", "/?zone=%3Cscript%3E"):
        page = (await officer.get(f"{PAGE}{address}")).text
        assert "<script>" not in page
        assert "<img" not in page
        assert "\u202e" not in page
        assert "\u2066" not in page
        if "zone" not in address:
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
            assert "⟨U+202E⟩" in page
            assert "{{ 7*7 }}" in page


async def test_who_may_not_read_is_refused_in_words(office: Service, system: System) -> None:
    code = await code_for(system, "leader")
    assert code.count("-") == 2
    refused = await system.client("command-office", "service").post("/sign-in-codes")
    assert refused.status_code == 403
    page = await (await signed_in(system)).get(f"{PAGE}/nowhere")
    assert page.status_code == 404
    assert "没有这个页面" in page.text
