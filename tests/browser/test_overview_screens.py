"""Escalations, bottlenecks, targets, the weekly report and the desk in a browser: live by the feed, by keyboard, on paper."""

from __future__ import annotations

from datetime import timedelta

import pytest
from browser.lived_city import HOSTILE
from browser.paper import UPRIGHT, sheets
from browser.screens import Screens
from playwright.async_api import Page, expect
from sikua_contracts.envelope import new_id
from sikua_contracts.words import Owner, Rung
from support import office_events as said
from support.system import START, System

OFFICE = Owner(role="command_office", division="370200")


async def a_red_project(system: System, name: str = "黄岛新材料产业园") -> str:
    project = new_id()
    await system.say("registry", said.registered(project, name=name))
    await system.say("scheduler", said.armed(project), said.blocked(project), said.raised(project))
    await system.turn_to(START + timedelta(days=11))
    return project


async def two_districts(system: System) -> None:
    """A late project at the top rung, and one in time of another district."""
    late, other = new_id(), new_id()
    await system.say("registry", said.registered(late, name="黄岛新材料产业园"))
    await system.say("registry", said.registered(other, "370215", name="即墨医药港"))
    await system.say("scheduler", said.tracked(late), said.armed(late), said.blocked(late))
    await system.say("scheduler", said.raised(late, Rung.TOP).model_copy(update={"recipients": [OFFICE]}))
    await system.turn_to(START + timedelta(days=11))
    await system.say("scheduler", said.armed(other))
    await system.quiet()


async def chart_is_drawn(page: Page) -> None:
    width = await page.locator("img.chart").evaluate(
        "async (image) => { await image.decode(); return image.naturalWidth; }"
    )
    assert width > 100


async def test_a_rung_that_is_raised_and_accepted_shows_without_loading_again(screens: Screens, system: System) -> None:
    page = await screens.of(at="/escalations")
    await expect(page.get_by_text("没有未了结的升级")).to_be_visible()
    await page.evaluate("window.kept = true")
    await page.mouse.move(5, 5)
    project = await a_red_project(system)
    line = page.locator(f'[data-project="{project}"]')
    await expect(line).to_contain_text("尚无人受理")
    await system.say("scheduler", said.accepted(project))
    await expect(line).to_contain_text("王晓 已受理")
    assert await page.evaluate("window.kept")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_chart_is_an_image_in_the_colours_of_the_screen(
    screens: Screens, system: System, scheme: str
) -> None:
    await a_red_project(system)
    page = await screens.of(at="/bottlenecks", color_scheme=scheme)
    await chart_is_drawn(page)
    assert (
        f"theme={scheme}" in await page.evaluate("document.querySelector('img.chart').currentSrc") or scheme == "light"
    )
    assert "生态环境局 · 落实指标" in str(await page.locator("img.chart").get_attribute("alt"))


async def test_a_figure_is_reached_and_opened_with_the_keyboard_alone(screens: Screens, system: System) -> None:
    project = await a_red_project(system)
    page = await screens.of()
    await page.keyboard.press("o")
    await page.wait_for_url("**/bottlenecks")
    await page.locator(".heat td a").first.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/bottlenecks?role=ecology&step=QUOTA#behind")
    await page.keyboard.press("j")
    await expect(page.locator(f'[data-project="{project}"] .name')).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/projects/{project}")
    await page.keyboard.press("i")
    await page.wait_for_url("**/kpis")
    await page.keyboard.press("e")
    await page.wait_for_url("**/escalations")
    await page.keyboard.press("j")
    await expect(page.locator(f'[data-project="{project}"] .name')).to_be_focused()


async def test_a_filter_and_a_meaning_stand_in_the_address_as_soon_as_they_are_chosen(
    screens: Screens, system: System
) -> None:
    project = await a_red_project(system)
    page = await screens.of(at="/escalations")
    await page.click("#filters summary")
    await page.select_option("select[name=accepted]", "no")
    await page.wait_for_url("**/escalations?accepted=no")
    await expect(page.locator(f'[data-project="{project}"]')).to_be_visible()
    await page.goto(f"{screens.url}/kpis")
    await page.select_option("select[name=landed]", "started")
    await page.wait_for_url("**/kpis?landed=started")
    await expect(page.locator("#LAND_RATE")).to_contain_text("此处指已开工")


async def test_a_hostile_name_is_text_on_every_overview(screens: Screens, system: System) -> None:
    project = await a_red_project(system, HOSTILE)
    page = await screens.of()
    shown = HOSTILE.replace("\u202e", "⟨U+202E⟩")
    for address in ("/escalations", "/bottlenecks?step=QUOTA", "/kpis/SIGN_RATE"):
        await page.goto(f"{screens.url}{address}")
        await expect(page.locator(f'main [data-project="{project}"] bdi').first).to_have_text(shown)
        assert await page.title() != "broken in"


async def test_each_district_has_one_sheet_of_the_weekly_report(screens: Screens, system: System) -> None:
    for number in range(30):
        project = new_id()
        await system.say("registry", said.registered(project, name=f"第{number}个名字很长很长很长的项目" * 3))
        await system.say(
            "scheduler", said.armed(project), said.blocked(project, "缺指标" * 30), said.raised(project, Rung.TOP)
        )
    await two_districts(system)
    page = await screens.of()
    await page.goto(f"{screens.url}/weekly")
    await page.emulate_media(media="print")
    districts = await page.locator(".a4").count()
    assert districts == 3
    assert await sheets(page) == [UPRIGHT] * districts


async def test_the_desk_is_marked_by_its_button_alone_and_told_of_without_loading_it_again(
    screens: Screens, system: System
) -> None:
    await two_districts(system)
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
