"""The forms of acts as an officer finds, fills in and sends them."""

from __future__ import annotations

from contextlib import suppress

from playwright.async_api import Locator, Page, expect
from playwright.async_api import TimeoutError as PatienceEndedError

LOOKS = 30
LOOK_MS = 2_000


def form(page: Page, word: str) -> Locator:
    """The form of an act, the first one on the page."""
    return page.locator(f'form[data-act^="{word}-"]').first


async def opened(page: Page, word: str) -> Locator:
    """The same, brought into sight as an officer does, again where the page was drawn anew meanwhile."""
    for _ in range(LOOKS):
        if await form(page, word).is_visible():
            break
        with suppress(PatienceEndedError):
            await _open(page, word)
            await form(page, word).wait_for(state="visible", timeout=LOOK_MS)
    await expect(form(page, word)).to_be_visible()
    return form(page, word)


async def _open(page: Page, word: str) -> None:
    others = page.locator("#other-acts")
    if await others.count() and await others.locator(f'form[data-act^="{word}-"]').count():
        await others.evaluate("each => { each.open = true }", timeout=LOOK_MS)
    summary = page.locator(f'details.act:has(form[data-act^="{word}-"]):not([open]) > summary').first
    if await summary.count():
        await summary.click(timeout=LOOK_MS)


async def do(page: Page, word: str, **typed: str) -> None:
    """Open the form, fill it in, send it."""
    found = await opened(page, word)
    for name, value in typed.items():
        field = found.locator(f'[name="{name}"]')
        if await field.evaluate("each => each.tagName") == "SELECT":
            await field.select_option(value)
        else:
            await field.fill(value)
    await found.locator("button[type=submit]").click()
