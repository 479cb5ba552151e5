"""What an officer sees and does with a browser: signing in, a board that lives, a line that breaks, keys, a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from browser.conftest import Screens
from playwright.async_api import Page, expect
from sikua_contracts.envelope import new_id
from support import office_events as said
from support.officers import PAGE
from support.system import START, System

HOSTILE = "<img src=x onerror=\"document.title='broken in'\">\u202egnp.exe"


async def a_late_project(system: System, name: str = "黄岛新材料产业园") -> str:
    project = new_id()
    await system.say("registry", said.registered(project, name=name))
    await system.say("scheduler", said.tracked(project), said.armed(project), said.blocked(project))
    await system.say("scheduler", said.raised(project))
    await system.turn_to(START + timedelta(days=11))
    return project


async def another(system: System, name: str) -> str:
    project = new_id()
    await system.say("registry", said.registered(project, name=name))
    await system.say("scheduler", said.armed(project))
    return project


def card(page: Page, project: str) -> str:
    return f'[data-project="{project}"]'


async def test_an_officer_signs_in_reads_the_board_opens_a_project_and_leaves(screens: Screens, system: System) -> None:
    project = await a_late_project(system)
    page = await screens.of()
    await page.click(f"{card(page, project)} .name")
    await expect(page.locator(".state")).to_contain_text("落实指标受阻,等黄岛区生态环境局,已超 5 个工作日")
    await page.get_by_text("逐日核算").click()
    await expect(page.locator(".days-of")).to_contain_text("超期第5个工作日")
    assert "token" not in page.url
    await page.get_by_role("button", name="退出").click()
    await expect(page.locator("#code")).to_be_visible()
    await page.goto(f"{screens.url}{PAGE}/")
    await expect(page.locator("#code")).to_be_visible()


async def test_what_happens_is_on_the_screen_without_loading_it_again(screens: Screens, system: System) -> None:
    await a_late_project(system)
    page = await screens.of()
    await page.evaluate("window.kept = true")
    await page.mouse.move(5, 5)
    project = await another(system, "即墨医药港")
    await expect(page.locator(card(page, project))).to_be_visible()
    assert await page.evaluate("window.kept")
    await expect(page.locator("#fresh-zh")).to_contain_text("截至")


async def test_a_projects_page_follows_its_own_story_and_keeps_open_what_was_opened(
    screens: Screens, system: System
) -> None:
    project = await a_late_project(system)
    page = await screens.of(at=f"/projects/{project}")
    await page.get_by_text("逐日核算").click()
    await page.mouse.move(5, 5)
    await system.say("notifier", said.noticed(project))
    await expect(page.locator("#notices")).to_be_visible()
    await expect(page.locator(".days-of")).to_be_visible()


async def test_nothing_moves_under_the_pointer(screens: Screens, system: System) -> None:
    project = await a_late_project(system)
    page = await screens.of()
    await page.hover(card(page, project))
    before = await page.locator(card(page, project)).bounding_box()
    newer = await another(system, "即墨医药港")
    await expect(page.locator("#news")).to_be_visible()
    assert await page.locator(card(page, newer)).count() == 0
    assert await page.locator(card(page, project)).bounding_box() == before
    await page.mouse.move(5, 5)
    await expect(page.locator(card(page, newer))).to_be_visible()
    await expect(page.locator("#news")).to_be_hidden()


@pytest.mark.parametrize("how", ["silent", "cut"])
async def test_a_lost_line_is_seen_and_heals_by_itself_with_nothing_missed(
    screens: Screens, system: System, how: str
) -> None:
    await a_late_project(system)
    page = await screens.of()
    await page.mouse.move(5, 5)
    screens.line.silence()
    if how == "cut":
        screens.line.cut()
    await expect(page.locator("#lost")).to_be_visible(timeout=30_000)
    meanwhile = [await another(system, f"断线期间 {number}") for number in range(3)]
    await system.quiet()
    assert await page.locator(card(page, meanwhile[0])).count() == 0
    screens.line.mend()
    await expect(page.locator("#lost")).to_be_hidden(timeout=30_000)
    for project in meanwhile:
        await expect(page.locator(card(page, project))).to_be_visible(timeout=30_000)


async def test_the_keyboard_is_enough(screens: Screens, system: System) -> None:
    project = await a_late_project(system)
    page = await screens.of()
    await page.keyboard.press("/")
    await expect(page.locator("#q")).to_be_focused()
    await page.keyboard.type("hdxcl")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/?q=hdxcl")
    await page.keyboard.press("j")
    await expect(page.locator(f"{card(page, project)} .name")).to_be_focused()
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/projects/{project}")
    await page.keyboard.press("b")
    await expect(page.locator(".board")).to_be_visible()


async def test_a_filter_is_in_force_as_soon_as_it_is_chosen_and_stands_in_the_address(
    screens: Screens, system: System
) -> None:
    project = await a_late_project(system)
    page = await screens.of()
    await page.click("#filters summary")
    await page.select_option("select[name=division]", "370211")
    await page.wait_for_url("**/?division=370211")
    await expect(page.locator(card(page, project))).to_be_visible()
    await page.select_option("select[name=light]", "GREEN")
    await page.wait_for_url("**/?division=370211&light=GREEN")
    await expect(page.locator(card(page, project))).to_have_count(0)


async def test_a_phone_shows_everything_in_its_width(screens: Screens, system: System) -> None:
    project = await a_late_project(system, "很长的名字" * 20)
    page = await screens.of(viewport={"width": 360, "height": 740})
    for address in ("/", f"/projects/{project}", "/?step=QUOTA"):
        await page.goto(f"{screens.url}{PAGE}{address}")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, address


async def test_a_hostile_name_is_text(screens: Screens, system: System) -> None:
    project = await a_late_project(system, HOSTILE)
    page = await screens.of()
    await expect(page.locator(f"{card(page, project)} bdi")).to_have_text(HOSTILE.replace("\u202e", "⟨U+202E⟩"))
    await page.click(f"{card(page, project)} .name")
    await expect(page.locator("h1 bdi")).to_contain_text("<img src=x")
    assert await page.title() != "broken in"
    assert await page.locator("main img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(screens: Screens, system: System, scheme: str) -> None:
    project = await a_late_project(system)
    fresh = await screens.fresh(color_scheme=scheme)
    await fresh.goto(f"{screens.url}{PAGE}/sign-in")
    page = await screens.of(color_scheme=scheme)
    found = {"/sign-in": await Axe().run(fresh)}
    for address in ("/", f"/projects/{project}", "/nowhere", "/?q=hdxcl&light=RED"):
        await page.goto(f"{screens.url}{PAGE}{address}")
        found[address] = await Axe().run(page)
    serious = [
        (address, violation["id"], [node["html"] for node in violation["nodes"]][:3])
        for address, results in found.items()
        for violation in results.response["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]
    assert serious == []
