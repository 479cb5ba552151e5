"""The page as people reach it, through the one port: in one process, and through the front door of seven with a Kafka.

Every kind of what the page promises is tried in both forms; the tests beside this one try the details of the page.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

import pytest
import pytest_asyncio
from browser.forms import do, form, opened
from browser.guises import PHONE_PIXELS, Guise, met
from browser.lived_city import DISPUTED, FORMS, HOSTILE, LATE, LONG, UNBLOCKED, LivedCity, lived_city
from browser.paper import A4_POINTS, ACROSS, UPRIGHT
from browser.refusals import REFUSALS
from browser.screens import COOKIE, Screens, amiss, screens_before, signed_in_by_typing
from playwright.async_api import Browser, Page, expect
from sikua_chassis.auth.roles import Role
from sikua_command_office.pages.web.navigation import DENIALS, NAVIGATION
from sikua_rules.business_time import SHANGHAI
from support.processes import SIKUA, environment
from support.seven import Seven

LIVE_SECONDS = 2.0
TRIES = 30
ROLES = ("command_office", "district_owner", "department_owner", "leader", "auditor")
PAGE = "/command-office/office"
ADDRESSES = ("/bottlenecks?by=unit&step=VISIT", "/kpis/SIGN_RATE", "/kpis/BIG_30", "/?q=hdxcl&light=RED", "/nowhere")
VIEWS = tuple(view for view in NAVIGATION if view != DENIALS)
SHOWN = HOSTILE.replace("\u202e", "⟨U+202E⟩")

pytestmark = pytest.mark.timeout(500)


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=FORMS, ids=list(FORMS))
async def lived(request: pytest.FixtureRequest) -> AsyncIterator[LivedCity]:
    """One running city of each form for all tests of this file."""
    async with lived_city(request.param) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def screens(browser: Browser, lived: LivedCity) -> AsyncIterator[Screens]:
    """Screens before the one port."""
    async with screens_before(browser, lived.city.up.port, PAGE, lived.code) as made:
        yield made


@dataclass
class _Answer:
    code: str
    said: str
    ended: int


async def asked_for(lived: LivedCity, role: str) -> _Answer:
    """What `sikua sign-in --as ROLE` answers."""
    command = [str(SIKUA), "sign-in", "--as", role, "--division", "370211", "--directory", str(lived.city.up.folder)]
    ran = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, timeout=120, env=environment()
    )
    return _Answer(ran.stdout.strip(), ran.stderr, ran.returncode)


@dataclass
class Officer:
    """An officer of the command office who is signed in all day, at one page whose address begins with `url`."""

    page: Page
    url: str

    async def at(self, path: str) -> Page:
        """The page, with this loaded."""
        await self.page.goto(f"{self.url}{path}")
        await self.page.wait_for_selector("#fresh")
        return self.page


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def officer(browser: Browser, lived: LivedCity) -> AsyncIterator[Officer]:
    """One officer for all tests that need no screen of their own."""
    async with screens_before(browser, lived.city.up.port, PAGE, lived.code) as screens:
        yield Officer(await screens.of(), screens.url)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guises(lived: LivedCity, officer: Officer) -> dict[str, Guise]:
    """Every view and a project in all their guises; embedded, also what stands behind them, and a form that stands alone."""
    hostile, late, disputed = (f"/projects/{lived.projects[name]}" for name in (HOSTILE, LONG, DISPUTED))
    printed = (*(view.path for view in VIEWS), hostile)
    addresses = printed
    if not isinstance(lived.city.up, Seven):
        # Behind the same door stand the same pages.
        alone = f"{disputed}/acts/complete/{await lived.step(lived.projects[DISPUTED])}"
        addresses = (*printed, *ADDRESSES, late, disputed, alone)
    return {
        address: await met(officer.page, f"{officer.url}{address}", printed=address in printed) for address in addresses
    }


async def kept(page: Page) -> Page:
    """The page, which must not be loaded anew from here on; the pointer rests where nothing is."""
    await page.mouse.move(5, 5)
    await page.evaluate("window.kept = true")
    return page


# --- signing in -------------------------------------------------------------------------------------------------------


async def test_a_code_of_the_command_signs_in_once_and_no_address_carries_a_secret(
    lived: LivedCity, screens: Screens
) -> None:
    code = await asked_for(lived, "command_office")
    assert code.ended == 0, code.said
    page = await screens.fresh()
    addresses: list[str] = []
    page.on("request", lambda asked: addresses.append(asked.url))
    await signed_in_by_typing(page, screens.url.removesuffix(PAGE), code.code)
    await page.keyboard.press("d")
    await expect(page.locator("h1")).to_contain_text("我的待办")
    (cookie,) = [one for one in await page.context.cookies() if one["name"] == COOKIE]
    assert cookie["httpOnly"]
    for secret in (code.code, "eyJ", cookie["value"]):
        assert not [address for address in addresses if secret in address]
    assert await page.evaluate("document.cookie") == ""
    again = await screens.fresh()
    await again.goto(f"{screens.url}/sign-in")
    await again.fill("#code", code.code)
    await again.press("#code", "Enter")
    await expect(again.get_by_role("alert").filter(visible=True)).to_contain_text("登录码无效")


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_signs_in_and_out(lived: LivedCity, screens: Screens, role: str) -> None:
    page = await screens.fresh()
    await signed_in_by_typing(page, f"{screens.url}/", await lived.code(role, division="370211", unit="ecology"))
    await expect(page.locator("h1")).to_contain_text("看板")
    await page.get_by_role("button", name="退出").click()
    await page.goto(f"{screens.url}/desk")
    await expect(page.locator("#code")).to_be_visible()


async def test_a_role_that_may_not_read_gets_no_code(lived: LivedCity) -> None:
    refused = await asked_for(lived, Role.SERVICE)
    assert (refused.ended != 0, refused.code) == (True, "")


# --- what happens is seen ---------------------------------------------------------------------------------------------


async def test_a_project_that_is_posted_stands_on_the_board_within_two_seconds(
    lived: LivedCity, screens: Screens
) -> None:
    page = await kept(await screens.of())
    took: list[float] = []
    registry = lived.city.client("registry", "command_office")
    while len(took) < TRIES and min(took, default=LIVE_SECONDS + 1) > LIVE_SECONDS:
        body = {"name": f"实时项目第{len(took)}号", "divisions": ["370211"]}
        answer = await registry.post("/projects", json=body, headers={"Idempotency-Key": f"live-{len(took)}"})
        assert answer.status_code == 201, answer.text
        begun = monotonic()
        card = page.locator(f'[data-project="{answer.json()["project_id"]}"]')
        await expect(card).to_be_visible()
        took.append(monotonic() - begun)
    assert await page.evaluate("window.kept"), "the page was loaded again"
    assert min(took) <= LIVE_SECONDS, took


async def test_a_lost_line_is_seen_and_heals_by_itself_with_nothing_missed(lived: LivedCity, screens: Screens) -> None:
    page = await kept(await screens.of())
    screens.line.silence()
    await expect(page.locator("#lost")).to_be_visible()
    meanwhile = [await lived.project(f"断线期间 {number}") for number in range(3)]
    screens.line.cut()
    assert await page.locator(f'[data-project="{meanwhile[0]}"]').count() == 0
    screens.line.mend()
    await expect(page.locator("#lost")).to_be_hidden()
    for project in meanwhile:
        await expect(page.locator(f'[data-project="{project}"]')).to_be_visible()
    assert await page.evaluate("window.kept"), "the page was loaded again"


# --- acts and refusals ------------------------------------------------------------------------------------------------


async def test_every_act_is_done_and_its_effect_is_seen_without_loading_the_page_again(
    lived: LivedCity, officer: Officer
) -> None:
    project = await lived.project("两种形态都能办的项目")
    page = await kept(await officer.at(f"/projects/{project}"))
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


async def test_an_escalation_is_accepted_pushed_to_the_top_and_put_right(lived: LivedCity, officer: Officer) -> None:
    page = await kept(await officer.at(f"/projects/{lived.projects[UNBLOCKED]}"))
    raised = page.locator("section:has(#escalations)")
    await do(page, "acknowledge")
    await expect(raised.get_by_text("已受理").first).to_be_visible()
    await do(page, "raise", rung="TOP", reason="久拖不决")
    await expect(raised.get_by_text("顶格推进", exact=True).first).to_be_visible()
    await do(page, "resolve", resolution="专班已协调")
    await expect(raised.get_by_text("专班已协调").first).to_be_visible()
    assert await page.evaluate("window.kept")


@pytest.mark.parametrize(("word", "typed", "before", "between", "words"), REFUSALS)
async def test_a_refusal_stands_beside_its_button_with_what_was_typed(
    lived: LivedCity, officer: Officer, word: str, typed: dict[str, str], before: Any, between: Any, words: str
) -> None:
    project = await lived.project(f"会被拒绝的{word}")
    step = await lived.step(project)
    scheduler, registry = (lived.city.client(name, "command_office") for name in ("scheduler", "registry"))
    if before is not None:
        assert (await scheduler.post(f"/steps/{step}/{before[0]}", json=before[1])).is_success
        await lived.city.quiet()
    page = await officer.at(f"/projects/{project}")
    await opened(page, word)
    for name, value in list(typed.items())[:1]:
        field = form(page, word).locator(f'[name="{name}"]')
        if await field.evaluate("each => each.tagName") != "SELECT":
            await field.fill(value)
            await field.focus()
    if between is not None:
        # Somebody else is quicker; the officer is still typing or pointing, so nothing on the screen moves.
        act, body = between
        await page.hover("h1")
        owner, path = (registry, f"/projects/{project}") if act == "close" else (scheduler, f"/steps/{step}")
        assert (await owner.post(f"{path}/{act}", json=body)).is_success
    await do(page, word, **typed)
    refusal = form(page, word).locator(".wrong")
    await expect(refusal).to_contain_text(words)
    await expect(refusal).to_be_focused()
    for name, value in typed.items():
        await expect(form(page, word).locator(f'[name="{name}"]')).to_have_value(value)
    await expect(form(page, word).locator("button[type=submit]")).to_be_enabled()


async def test_a_double_click_acts_once_and_hostile_words_are_text(lived: LivedCity, officer: Officer) -> None:
    project = await lived.project("双击的项目")
    page = await officer.at(f"/projects/{project}")
    await (await opened(page, "block")).locator('[name="reason"]').fill(HOSTILE)
    await form(page, "block").locator("button[type=submit]").dblclick()
    await expect(page.locator("p.state")).to_contain_text("受阻")
    await expect(page.locator(".why").first).to_contain_text("<img src=x")
    assert await page.title() != "broken in"
    assert await page.locator("main img").count() == 0
    assert (await lived.said(project)).count("step.blocked") == 1


# --- for people -------------------------------------------------------------------------------------------------------


async def test_its_key_opens_every_view_and_the_tabulator_goes_through_all_of_it_in_the_order_of_reading(
    lived: LivedCity, screens: Screens
) -> None:
    page = await screens.of(at=f"/projects/{lived.projects[LATE]}")
    await page.keyboard.press("?")
    for view in VIEWS:
        await expect(page.locator("#help")).to_contain_text(view.zh)
    await page.keyboard.press("Escape")
    for view in VIEWS:
        await page.keyboard.press(view.key)
        await page.wait_for_url(f"**{PAGE}{view.path}")
        await expect(page.locator('.top nav [aria-current="page"]')).to_contain_text(view.zh)
        wanted = await page.evaluate(
            """() => {
              document.activeElement.blur(); window.reached = [];
              document.addEventListener("focusin", ({ target }) => window.reached.push(
                [target.outerHTML.slice(0, 80), getComputedStyle(target).outlineStyle !== "none"]));
              const all = "a[href], button, input:not([type=hidden]), select, textarea, summary";
              return [...document.querySelectorAll(all)].filter((e) => !e.disabled && e.checkVisibility()
                && !e.closest("dialog")).map((e) => [e.outerHTML.slice(0, 80), true]);
            }"""
        )
        for _ in wanted:
            await page.keyboard.press("Tab")
        assert await page.evaluate("window.reached") == wanted, view.path


async def test_a_project_is_found_opened_and_acted_on_with_the_keyboard_alone(
    lived: LivedCity, screens: Screens
) -> None:
    project = await lived.project("键盘即可的项目")
    page = await screens.of()
    await page.keyboard.press("/")
    await expect(page.locator("#q")).to_be_focused()
    await page.keyboard.type("jpjk")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/?q=jpjk")
    await page.keyboard.press("j")
    await expect(page.locator(f'[data-project="{project}"] .name')).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/projects/{project}")
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
    for key in ("Tab", "Tab", "Enter"):
        await page.keyboard.press(key)
    await expect(page.locator("p.state")).to_contain_text("受阻")
    assert await page.evaluate("document.activeElement !== document.body")


async def test_a_screen_reader_finds_nothing_amiss_on_any_view_in_light_and_in_dark(
    guises: dict[str, Guise], screens: Screens
) -> None:
    fresh = await screens.fresh()
    await fresh.goto(f"{screens.url}/sign-in")
    auditors = await screens.of("auditor", at=DENIALS.path)
    wrong: dict[str, Any] = {"/sign-in": await amiss(fresh), DENIALS.path: await amiss(auditors)}
    for address, guise in guises.items():
        wrong[address] = guise.amiss
        wrong[f"{address} in the dark"] = guise.amiss_in_the_dark
        assert len(guise.headings) == 1, address
        for name, sign in guise.lamps:
            assert re.search("灯|未启动", name)
            assert re.fullmatch("#lamp-(RED|YELLOW|BLUE|GREEN|GREY)", sign)
    assert {address: found for address, found in wrong.items() if found} == {}


async def test_a_phone_shows_every_view_in_its_width_and_hostile_names_as_text(
    lived: LivedCity, guises: dict[str, Guise]
) -> None:
    wide = {address: guise.phone_pixels for address, guise in guises.items() if guise.phone_pixels > PHONE_PIXELS}
    assert wide == {}
    for address, guise in guises.items():
        assert guise.title != "broken in", address
        assert guise.pictures == 0, address
    assert SHOWN in guises[f"/projects/{lived.projects[HOSTILE]}"].headings[0]


async def test_on_paper_there_is_no_control_but_whence_and_of_when_it_is(
    lived: LivedCity, guises: dict[str, Guise]
) -> None:
    now = lived.city.now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    project = f"/projects/{lived.projects[HOSTILE]}"
    for address in (*(view.path for view in VIEWS), project):
        paper = guises[address].paper
        assert paper is not None
        assert paper.sheets <= {"/": {ACROSS}, project: {UPRIGHT}}.get(address, A4_POINTS), address
        assert paper.controls == [], address
        assert f"业务时间 {now}" in paper.foot
        assert guises[address].url in paper.foot
        assert paper.foot_display == "table-footer-group"
