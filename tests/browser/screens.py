"""Pages for officers, over a line that can be pulled; what the browser complains about is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page
from sikua_chassis.http import client
from support.line import Line

COOKIE = "sikua_officer"
GRAVE = {"serious", "critical"}
PATIENCE_MS = 60_000
"""A busy machine is no fault of the page."""

_axe = Axe()


@dataclass
class Screens:
    """`url` is the page as the browser reaches it, `code` asks for a sign-in code of a role with these claims."""

    browser: Browser
    line: Line
    url: str
    code: Callable[..., Awaitable[str]]
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def fresh(self, **options: Any) -> Page:
        """A page of a browser that nobody has signed in with."""
        context = await self.browser.new_context(
            viewport=options.pop("viewport", {"width": 1440, "height": 900}), **options
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda told: self._note(told.type, told.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    async def of(
        self, role: str = "command_office", *, at: str = "/", division: str = "370200", **options: Any
    ) -> Page:
        """The page of an officer who signed in before."""
        page = await self.fresh(**options)
        cookie = await self._signed_in(await self.code(role, division=division, name="王晓"))
        await page.context.add_cookies([{"name": COOKIE, "value": cookie, "domain": "127.0.0.1", "path": "/"}])
        await page.goto(f"{self.url}{at}")
        await page.wait_for_selector("#fresh")
        return page

    async def _signed_in(self, code: str) -> str:
        async with client(self.url, timeout_seconds=60) as browser:
            answer = await browser.post(f"{self.url}/sign-in", data={"code": code})
        assert answer.status_code == 303, answer.text
        return answer.cookies[COOKIE]

    def _note(self, kind: str, text: str) -> None:
        # A pulled line shows as failed requests; those are no fault of the page.
        if kind in {"error", "warning"} and "Failed to load resource" not in text and "net::" not in text:
            self.complaints.append(text)


@asynccontextmanager
async def screens_before(
    browser: Browser, port: int, path: str, code: Callable[..., Awaitable[str]]
) -> AsyncIterator[Screens]:
    """Screens before the page at this port and path. Whatever the browser complains about, a breach of the policy too, fails."""
    line = Line(port)
    made = Screens(browser, line, f"{await line.start()}{path}", code)
    yield made
    for context in made.contexts:
        await context.close()
    await line.stop()
    assert made.complaints == []


async def signed_in_by_typing(page: Page, url: str, code: str) -> None:
    """Sign in as people do: type the code and press Enter."""
    await page.goto(url)
    await page.fill("#code", code)
    await page.press("#code", "Enter")
    await page.wait_for_selector("#fresh")


async def amiss(page: Page, rules: tuple[str, ...] = ()) -> list[tuple[str, list[str]]]:
    """Serious violations that axe-core finds, with up to three places of each; of these rules alone where some are named."""
    if await page.evaluate("typeof axe") == "undefined":
        await page.evaluate(_axe.axe_script)
    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    found = await page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **only})
    return [
        (violation["id"], [node["html"] for node in violation["nodes"]][:3])
        for violation in found["violations"]
        if violation["impact"] in GRAVE
    ]
