"""What an officer does with a browser: each act with its refusal, once however often it is sent, its effect seen at once."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from browser.conftest import Screens
from browser.forms import do, form, opened
from playwright.async_api import Page, expect
from sikua_chassis.service import Service
from support.acting import Acting, acting, after_the_act
from support.officers import PAGE
from support.system import START, System

HOSTILE = "<img src=x onerror=\"document.title='broken in'\">\u202egnp.exe"
PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"


@pytest.fixture
async def city(system: System) -> Acting:
    """The command office with the registry and the scheduler behind it."""
    return await acting(system)


@pytest.fixture
async def office(city: Acting) -> Service:
    """The office that the screens stand before."""
    return city.system.services["command-office"]


async def before(screens: Screens, project: str, **options: Any) -> Page:
    page = await screens.of(at=f"/projects/{project}", **options)
    await page.evaluate("window.kept = true")
    return page


async def test_every_act_is_done_and_its_effect_is_seen_without_loading_the_page_again(
    screens: Screens, city: Acting
) -> None:
    project = await city.project()
    page = await before(screens, project)
    state = page.locator("p.state")
    for word, typed, seen in (
        ("start", {}, page.locator(".timeline", has_text="接办")),
        ("block", {"reason": "用地规模不足", "waiting_for": "natural_resources@370200"}, state.get_by_text("受阻")),
        ("unblock", {"resolution": "已调剂"}, page.locator(".timeline", has_text="已调剂")),
        ("pause", {"reason": "法审补正", "document": "函1"}, page.locator(".why", has_text="法审补正")),
        ("resume", {"document": "函2"}, page.locator(".timeline", has_text="函2")),
        (
            "extend",
            {"amount": "1", "reason": "专家外出", "approved_by": "王区长"},
            page.locator(".how", has_text="已延期"),
        ),
        ("reassign", {"owner": "commerce@370200", "reason": "分工调整"}, state.get_by_text("市商务局")),
        ("track", {"reason": "市领导批示", "document": "督办单1"}, page.locator(".mark.track", has_text="指挥部指令")),
        ("complete", {"document": "纪要3"}, page.locator(".how", has_text="纪要3")),
        ("reopen", {"reason": "漏签一页"}, page.locator(".timeline", has_text="漏签一页")),
        ("untrack", {"reason": "已经理顺"}, page.locator(".timeline", has_text="已经理顺")),
        ("close", {"reason": "企业放弃"}, state.get_by_text("销号")),
    ):
        await do(page, word, **typed)
        await expect(seen.first, word).to_be_visible()
        await expect(page.locator("#said")).to_contain_text("已办理")
    assert await page.evaluate("window.kept")
    await expect(page.locator("form[data-act]")).to_have_count(0)


async def test_an_escalation_is_accepted_pushed_to_the_top_and_put_right(screens: Screens, city: Acting) -> None:
    project = await city.project()
    await city.system.turn_to(START + timedelta(days=60))
    page = await before(screens, project)
    raised = page.locator("section:has(#escalations)")
    await do(page, "acknowledge")
    await expect(raised.get_by_text("已受理").first).to_be_visible()
    await do(page, "raise", rung="TOP", reason="久拖不决")
    await expect(raised.get_by_text("顶格推进", exact=True).first).to_be_visible()
    await do(page, "resolve", resolution="专班已协调")
    await expect(raised.get_by_text("专班已协调").first).to_be_visible()
    assert await page.evaluate("window.kept")


@pytest.mark.parametrize(
    ("word", "typed", "between", "words"),
    [
        ("block", {"reason": "用地规模不足"}, ("block", {"reason": "别人先登记"}), "本环节已登记堵点"),
        ("unblock", {"resolution": "已调剂"}, ("unblock", {"resolution": "别人先解除"}), "本环节没有堵点"),
        (
            "pause",
            {"reason": "法审补正", "document": "函1"},
            ("pause", {"reason": "别人", "document": "函0"}),
            "请先恢复",
        ),
        ("resume", {"document": "函2"}, ("resume", {"document": "函0"}), "本环节未中止计时"),
        ("extend", {"amount": "99", "reason": "评审", "approved_by": "王区长"}, None, "延期超过允许的上限"),
        ("reassign", {"owner": "lead_unit@370211", "reason": "分工调整"}, None, "责任单位没有变化"),
        ("complete", {"document": "纪"}, None, "依据文件 Document:需要"),
        ("start", {}, ("start", {}), "本环节已在办理"),
        ("close", {"reason": "企业放弃"}, ("close", {"reason": "别人先销号"}), "不能销号"),
    ],
)
async def test_a_refusal_stands_beside_its_button_with_what_was_typed(
    screens: Screens, city: Acting, word: str, typed: dict[str, str], between: Any, words: str
) -> None:
    project = await city.project()
    step = (await city.step(project))["step_id"]
    scheduler, registry = city.system.client("scheduler"), city.system.client("registry")
    if word == "unblock":
        await scheduler.post(f"/steps/{step}/block", json={"reason": "用地规模不足"})
    if word == "resume":
        await scheduler.post(f"/steps/{step}/pause", json={"reason": "法审补正", "document": "函1"})
    await city.system.quiet()
    page = await before(screens, project)
    await opened(page, word)
    for name, value in list(typed.items())[:1]:
        field = form(page, word).locator(f'[name="{name}"]')
        if await field.evaluate("each => each.tagName") != "SELECT":
            await field.fill(value)
            await field.focus()
    if between is not None:
        # Somebody else is quicker; the officer is still typing, so nothing on the screen moves.
        act, body = between
        if act == "close":
            await registry.post(f"/projects/{project}/close", json=body)
        elif body:
            await scheduler.post(f"/steps/{step}/{act}", json=body)
        else:
            await page.hover("h1")
            await scheduler.post(f"/steps/{step}/{act}")
    await do(page, word, **typed)
    refusal = form(page, word).locator(".wrong")
    await expect(refusal).to_contain_text(words)
    await expect(refusal).to_be_focused()
    for name, value in typed.items():
        await expect(form(page, word).locator(f'[name="{name}"]')).to_have_value(value)
    await expect(form(page, word).locator("button[type=submit]")).to_be_enabled()


async def test_a_double_click_acts_once(screens: Screens, city: Acting) -> None:
    project = await city.project()
    page = await before(screens, project)
    await (await opened(page, "block")).locator('[name="reason"]').fill("用地规模不足")
    await form(page, "block").locator("button[type=submit]").dblclick()
    await expect(page.locator("p.state")).to_contain_text("受阻")
    assert (await city.said(project)).count("step.blocked") == 1


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


async def test_hostile_words_are_text(screens: Screens, city: Acting) -> None:
    project = await city.project()
    page = await before(screens, project)
    await do(page, "block", reason=HOSTILE)
    await expect(page.locator(".why").first).to_contain_text("<img src=x")
    await do(page, "extend", amount="99", reason=HOSTILE, approved_by="王区长")
    await expect(form(page, "extend").locator('[name="reason"]')).to_have_value(HOSTILE)
    assert await page.title() != "broken in"
    assert await page.locator("main img").count() == 0


async def test_the_keyboard_is_enough(screens: Screens, city: Acting) -> None:
    project = await city.project()
    page = await before(screens, project)
    summary = page.locator('details.act:has(form[data-act^="block-"]) > summary').first
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await summary.evaluate("each => each === document.activeElement"):
            break
    await expect(summary).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(form(page, "block").locator('[name="reason"]')).to_be_focused()
    await page.keyboard.type("用地规模不足, j k b")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(form(page, "block").locator("button[type=submit]")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("p.state")).to_contain_text("受阻")
    assert await page.evaluate("document.activeElement !== document.body")


async def test_a_phone_shows_open_forms_in_its_width(screens: Screens, city: Acting) -> None:
    project = await city.project()
    page = await before(screens, project, viewport={"width": 360, "height": 740})
    for word in ("block", "extend", "complete", "reassign"):
        await opened(page, word)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, word
    step = (await city.step(project))["step_id"]
    await page.goto(f"{screens.url}{PAGE}/projects/{project}/acts/complete/{step}")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_in_forms_and_refusals(screens: Screens, city: Acting, scheme: str) -> None:
    project = await city.project()
    step = (await city.step(project))["step_id"]
    page = await before(screens, project, color_scheme=scheme)
    await do(page, "extend", amount="99", reason="评审", approved_by="王区长")
    await expect(form(page, "extend").locator(".wrong")).to_be_visible()
    found = {"project": await Axe().run(page)}
    await opened(page, "complete")
    found["complete"] = await Axe().run(page)
    await page.goto(f"{screens.url}{PAGE}/projects/{project}/acts/complete/{step}")
    found["alone"] = await Axe().run(page)
    serious = [
        (place, violation["id"], [node["html"] for node in violation["nodes"]][:3])
        for place, results in found.items()
        for violation in results.response["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]
    assert serious == []
