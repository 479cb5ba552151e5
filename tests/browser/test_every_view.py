"""Every view of the page, whichever there are: for screen readers, on a phone, by keyboard, in the dark, and on paper."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from browser.conftest import Screens
from playwright.async_api import Page, expect
from sikua_command_office.pages.web.navigation import NAVIGATION, View
from sikua_contracts.envelope import new_id
from sikua_contracts.words import Owner, Rung
from support import office_events as said
from support.officers import PAGE
from support.system import START, System

VIEWS = pytest.mark.parametrize("view", NAVIGATION, ids=[view.path for view in NAVIGATION])
HOSTILE = "<img src=x onerror=\"document.title='broken in'\">\u202egnp.exe"
OFFICE = Owner(role="command_office", division="370200")
A4_POINTS = {(595, 842), (842, 595)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


async def a_city(system: System, name: str = "黄岛新材料产业园") -> str:
    """A late project at the top rung, one in time of another district, and one that departments dispute; the first's id."""
    late, other, disputed = new_id(), new_id(), new_id()
    await system.say("registry", said.registered(late, name=name), said.registered(other, "370215", name="即墨医药港"))
    await system.say("registry", said.registered(disputed, "370212", name="崂山生物医药园"))
    await system.say("scheduler", said.tracked(late), said.armed(late), said.blocked(late, name))
    await system.say("scheduler", said.raised(late, Rung.TOP).model_copy(update={"recipients": [OFFICE]}))
    await system.turn_to(START + timedelta(days=11))
    await system.say("scheduler", said.armed(other))
    differing = said.enriched(disputed, 2, total_investment_wan=said.a_statement("1.0000"))
    await system.say("registry", differing.model_copy(update={"disagreeing": ["total_investment_wan"]}))
    await system.say("notifier", said.noticed(late))
    await system.quiet()
    return late


async def at(page: Page, screens: Screens, path: str) -> None:
    answer = await page.goto(f"{screens.url}{PAGE}{path}")
    assert answer is not None
    assert answer.status == 200


@VIEWS
async def test_a_screen_reader_finds_nothing_amiss_in_light_and_in_dark_and_a_sign_in_every_light(
    screens: Screens, system: System, view: View
) -> None:
    await a_city(system)
    page = await screens.of()
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await at(page, screens, view.path)
        found = await Axe().run(page)
        assert [
            (scheme, violation["id"], [node["html"] for node in violation["nodes"]][:3])
            for violation in found.response["violations"]
            if violation["impact"] in {"serious", "critical"}
        ] == []
    lamps = await page.evaluate(
        "[...document.querySelectorAll('main svg.lamp[role=img]')]"
        ".map(e => [e.getAttribute('aria-label'), e.querySelector('use').getAttribute('href')])"
    )
    for name, sign in lamps:
        assert re.search("灯|未启动", name)
        assert re.fullmatch("#lamp-(RED|YELLOW|BLUE|GREEN|GREY)", sign)
    assert await page.locator("h1").count() == 1


@VIEWS
async def test_a_phone_shows_the_view_in_its_width(screens: Screens, system: System, view: View) -> None:
    await a_city(system, "很长的名字" * 20)
    page = await screens.of(viewport={"width": 360, "height": 740})
    await at(page, screens, view.path)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


@VIEWS
async def test_its_key_opens_the_view_and_the_tabulator_goes_through_all_of_it_in_the_order_of_reading(
    screens: Screens, system: System, view: View
) -> None:
    project = await a_city(system)
    page = await screens.of(at=f"/projects/{project}")
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_contain_text(view.zh)
    await page.keyboard.press("Escape")
    await page.keyboard.press(view.key)
    await page.wait_for_url(f"**{PAGE}{view.path}")
    await expect(page.locator('.top nav [aria-current="page"]')).to_contain_text(view.zh)
    wanted = await page.evaluate(
        "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]"
        ".filter(e => !e.disabled && e.checkVisibility() && !e.closest('dialog'))"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    await page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(len(wanted)):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
        assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", reached[-1]
    assert reached == wanted


async def sheets(page: Page) -> list[tuple[int, int]]:
    """The size of every printed sheet in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", await page.pdf(prefer_css_page_size=True))
    return [(round(float(width)), round(float(height))) for width, height in boxes]


@VIEWS
async def test_on_paper_there_is_no_control_but_whence_and_of_when_it_is_and_hostile_names_are_text(
    screens: Screens, system: System, view: View
) -> None:
    await a_city(system, HOSTILE)
    page = await screens.of()
    await at(page, screens, view.path)
    await page.emulate_media(media="print")
    assert {*await sheets(page)} <= A4_POINTS
    for control in (".top", "main form", "main button", "#help"):
        assert await page.locator(control).filter(visible=True).count() == 0, control
    printed = page.locator(".printed")
    await expect(printed).to_contain_text("业务时间 2026-03-13 09:00")
    await expect(printed).to_contain_text(f"{screens.url}{PAGE}{view.path}")
    assert (
        await printed.evaluate("getComputedStyle(document.querySelector('.printed')).display") == "table-footer-group"
    )


async def test_each_district_has_one_sheet_of_the_weekly_report(screens: Screens, system: System) -> None:
    for number in range(30):
        project = new_id()
        await system.say("registry", said.registered(project, name=f"第{number}个名字很长很长很长的项目" * 3))
        await system.say(
            "scheduler", said.armed(project), said.blocked(project, "缺指标" * 30), said.raised(project, Rung.TOP)
        )
    await a_city(system)
    page = await screens.of()
    await at(page, screens, "/weekly")
    await page.emulate_media(media="print")
    districts = await page.locator(".a4").count()
    assert districts == 3
    assert await sheets(page) == [(595, 842)] * districts


async def test_a_project_prints_on_portrait_sheets_and_the_board_across(screens: Screens, system: System) -> None:
    project = await a_city(system)
    page = await screens.of()
    for path, sheet in ((f"/projects/{project}", (595, 842)), ("/", (842, 595))):
        await at(page, screens, path)
        await page.emulate_media(media="print")
        assert {*await sheets(page)} == {sheet}


async def test_the_desk_is_marked_by_its_button_alone_and_told_of_without_loading_it_again(
    screens: Screens, system: System
) -> None:
    await a_city(system)
    page = await screens.of(at="/desk")
    await expect(page.locator(".news-of")).to_contain_text("黄岛新材料产业园")
    await page.get_by_role("button", name="都看过了").click()
    await expect(page.get_by_text("没有新动态")).to_be_visible()
    await page.mouse.move(5, 5)
    await page.evaluate("document.activeElement.blur(); window.kept = true")
    project = new_id()
    await system.say("registry", said.registered(project, name="胶州空港产业园"))
    await expect(page.locator(".news-of")).to_contain_text("胶州空港产业园")
    assert await page.evaluate("window.kept")
