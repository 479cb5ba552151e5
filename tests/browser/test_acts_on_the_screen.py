"""Acts on the screen in their details: answers that are lost, others who act meanwhile, no script, documents, open forms."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest_asyncio
from browser.forms import do, form, opened
from browser.screens import Screens, amiss
from playwright.async_api import Page, expect
from sikua_chassis.service import Service
from support.acting import Acting, acting, after_the_act
from support.system import System

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"


@pytest_asyncio.fixture(loop_scope="session")
async def city(system: System) -> Acting:
    """The command office with the registry and the scheduler behind it."""
    return await acting(system)


@pytest_asyncio.fixture(loop_scope="session")
async def office(city: Acting) -> Service:
    """The office that the screens stand before."""
    return city.system.services["command-office"]


async def before(screens: Screens, project: str, **options: Any) -> Page:
    page = await screens.of(at=f"/projects/{project}", **options)
    await page.evaluate("window.kept = true")
    return page


async def test_an_act_whose_answer_was_lost_is_repeated_and_acts_once(screens: Screens, city: Acting) -> None:
    project = await city.project()
    scheduler = city.system.services["scheduler"]
    page = await before(screens, project)
    committed = asyncio.Event()

    def silenced() -> None:
        screens.line.silence()
        committed.set()

    after_the_act(scheduler, silenced)
    await do(page, "block", reason="用地规模不足")
    await committed.wait()
    lost = form(page, "block").locator(".lost-answer")
    while not await lost.is_visible():
        # A browser tries again by itself on a new connection, if the old one breaks; that one breaks too.
        screens.line.cut()
        await asyncio.sleep(0.1)
    screens.line.mend()
    await expect(lost).to_contain_text("不知是否已办理")
    await expect(form(page, "block").locator('[name="reason"]')).to_have_value("用地规模不足")
    async with asyncio.timeout(30):
        while "受阻" not in await page.locator("p.state").inner_text():
            # A connection may still break under the repetition; the officer repeats that too.
            if await lost.is_visible():
                await form(page, "block").locator("button[type=submit]").click()
            await asyncio.sleep(0.3)
    assert (await city.said(project)).count("step.blocked") == 1


async def test_an_owner_that_is_away_is_told_of_and_the_same_form_goes_through_later(
    screens: Screens, city: Acting
) -> None:
    project = await city.project()
    there = city.system.runtime.settings.services["scheduler"]
    city.system.runtime.settings.services["scheduler"] = "http://127.0.0.1:9"
    page = await before(screens, project)
    await do(page, "block", reason="用地规模不足")
    await expect(form(page, "block").locator(".wrong")).to_contain_text("没有收到答复")
    await city.system.services["command-office"].database.tools.owners.close()
    city.system.runtime.settings.services["scheduler"] = there
    await form(page, "block").locator("button[type=submit]").click()
    await expect(page.locator("p.state")).to_contain_text("受阻")


async def test_one_officers_act_is_seen_by_another_who_is_typing_and_takes_nothing_from_them(
    screens: Screens, city: Acting
) -> None:
    project = await city.project()
    mine, theirs = await before(screens, project), await before(screens, project)
    await (await opened(theirs, "complete")).locator('[name="document"]').fill("纪要3")
    await theirs.locator("h1").click()
    await theirs.mouse.move(5, 5)
    await do(mine, "block", reason="用地规模不足")
    await expect(theirs.locator("p.state")).to_contain_text("受阻")
    await expect(form(theirs, "complete").locator('[name="document"]')).to_have_value("纪要3")
    await form(theirs, "complete").locator("button[type=submit]").click()
    await expect(theirs.locator(".how", has_text="纪要3").first).to_be_visible()


async def test_ones_own_act_is_seen_whatever_else_was_begun_and_anothers_waits_for_what_was_typed(
    screens: Screens, city: Acting
) -> None:
    project = await city.project()
    mine, theirs = await before(screens, project), await before(screens, project)
    for page in (mine, theirs):
        await (await opened(page, "pause")).locator('[name="reason"]').fill("法审补正")
    await theirs.locator("h1").click()
    await theirs.mouse.move(5, 5)
    await do(mine, "complete", document="纪要3")
    await expect(mine.locator(".how", has_text="纪要3").first).to_be_visible()
    await expect(theirs.locator("#news")).to_be_visible()
    await expect(form(theirs, "pause").locator('[name="reason"]')).to_have_value("法审补正")
    await theirs.keyboard.press("r")
    await expect(theirs.locator(".how", has_text="纪要3").first).to_be_visible()


async def test_what_follows_on_ones_own_act_is_seen_until_the_pointer_moves_again(
    screens: Screens, city: Acting
) -> None:
    project = await city.project()
    mine, theirs = await before(screens, project), await before(screens, project)
    await do(mine, "block", reason="用地规模不足")
    for page in (mine, theirs):
        await expect(page.locator("p.state")).to_contain_text("受阻")
    await do(theirs, "unblock", resolution="已调剂")
    await expect(mine.locator(".timeline", has_text="已调剂").first).to_be_visible()
    await mine.hover(".timeline")
    await do(theirs, "pause", reason="法审补正", document="函1")
    await expect(mine.locator("#news")).to_be_visible()
    await expect(mine.locator(".why", has_text="法审补正")).to_have_count(0)


async def test_without_script_the_same_forms_work_and_lead_back(screens: Screens, city: Acting) -> None:
    project = await city.project()
    page = await screens.of(at=f"/projects/{project}", java_script_enabled=False)
    await page.locator('details.act:has(form[data-act^="block-"]) > summary').first.click()
    await form(page, "block").locator('[name="reason"]').fill("用地规模不足")
    await form(page, "block").locator("button[type=submit]").click()
    await page.wait_for_url(f"**/projects/{project}")
    await expect(page.locator("p.state")).to_contain_text("受阻")
    await page.locator('details.act:has(form[data-act^="extend-"]) > summary').first.click()
    for name, value in (("amount", "99"), ("reason", "评审"), ("approved_by", "王区长")):
        await form(page, "extend").locator(f'[name="{name}"]').fill(value)
    await form(page, "extend").locator("button[type=submit]").click()
    await expect(page.locator(".wrong")).to_contain_text("延期超过允许的上限")
    await expect(form(page, "extend").locator('[name="approved_by"]')).to_have_value("王区长")
    await form(page, "extend").locator('[name="amount"]').fill("1")
    await form(page, "extend").locator("button[type=submit]").click()
    await page.wait_for_url(f"**/projects/{project}")
    await expect(page.locator(".how", has_text="已延期").first).to_be_visible()


async def test_a_document_is_attached_linked_and_saved_and_one_too_large_is_not_even_sent(
    screens: Screens, city: Acting, tmp_path: Path
) -> None:
    project = await city.project()
    page = await before(screens, project)
    found = await opened(page, "complete")
    large, right = tmp_path / "大文件.pdf", tmp_path / "能评批复.pdf"
    large.write_bytes(PDF + b" " * 21 * 1024 * 1024)
    right.write_bytes(PDF)
    await found.locator("input[type=file]").set_input_files(large)
    await expect(found.locator(".too-large")).to_be_visible()
    await found.locator("button[type=submit]").click()
    assert "step.completed" not in await city.said(project)
    await found.locator("input[type=file]").set_input_files(right)
    await expect(found.locator(".too-large")).to_be_hidden()
    await found.locator('[name="document"]').fill("青发改〔2026〕12号")
    await found.locator("button[type=submit]").click()
    link = page.locator(".how a.document")
    await expect(link).to_have_text("能评批复.pdf")
    async with page.expect_download() as coming:
        await link.click()
    saved = await coming.value
    assert saved.suggested_filename == "能评批复.pdf"
    assert hashlib.sha256(Path(await saved.path()).read_bytes()).hexdigest() in (await link.get_attribute("href") or "")


async def test_a_phone_shows_open_forms_in_its_width(screens: Screens, city: Acting) -> None:
    project = await city.project()
    page = await before(screens, project, viewport={"width": 360, "height": 740})
    for word in ("block", "extend", "complete", "reassign"):
        await opened(page, word)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, word
    step = (await city.step(project))["step_id"]
    await page.goto(f"{screens.url}/projects/{project}/acts/complete/{step}")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_a_screen_reader_finds_nothing_amiss_in_open_forms_and_refusals(screens: Screens, city: Acting) -> None:
    page = await before(screens, await city.project())
    await do(page, "extend", amount="99", reason="评审", approved_by="王区长")
    await expect(form(page, "extend").locator(".wrong")).to_be_visible()
    await opened(page, "complete")
    assert await amiss(page) == []
    await page.emulate_media(color_scheme="dark")
    assert await amiss(page, ("color-contrast",)) == []
