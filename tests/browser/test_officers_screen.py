"""What an officer sees and does with a browser: signing in, a board that lives, a line that breaks, keys, a phone."""

from __future__ import annotations

from datetime import timedelta

from browser.lived_city import HOSTILE
from browser.screens import Screens, signed_in_by_typing
from playwright.async_api import Page, expect
from sikua_contracts.envelope import new_id
from support import office_events as said
from support.officers import code_for
from support.system import START, System


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
    page = await screens.fresh()
    await signed_in_by_typing(page, f"{screens.url}/", await code_for(system, name="王晓"))
    await page.click(f"{card(page, project)} .name")
    await expect(page.locator(".state")).to_contain_text("落实指标受阻,等黄岛区生态环境局,已超 5 个工作日")
    await page.get_by_text("逐日核算").click()
    await expect(page.locator(".days-of")).to_contain_text("超期第5个工作日")
    assert "token" not in page.url
    await page.get_by_role("button", name="退出").click()
    await expect(page.locator("#code")).to_be_visible()
    await page.goto(f"{screens.url}/")
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


async def test_a_hostile_name_is_text(screens: Screens, system: System) -> None:
    project = await a_late_project(system, HOSTILE)
    page = await screens.of()
    await expect(page.locator(f"{card(page, project)} bdi")).to_have_text(HOSTILE.replace("\u202e", "⟨U+202E⟩"))
    await page.click(f"{card(page, project)} .name")
    await expect(page.locator("h1 bdi")).to_contain_text("<img src=x")
    assert await page.title() != "broken in"
    assert await page.locator("main img").count() == 0
