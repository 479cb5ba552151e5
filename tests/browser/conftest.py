"""A real Chromium before the command office. Without one on the machine only these tests are left out, and the run says so.

On the integration machine (`CI=true`) a missing browser is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from sikua_chassis.service import Service
from sikua_command_office.app import build
from support.line import Line
from support.officers import PAGE, code_for
from support.system import System

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HERE = Path(__file__).parent

# Five seconds are the default, and less than a busy machine takes to draw a page.
expect.set_options(timeout=60_000)


def chromium() -> str | None:
    """The browser of this machine: `SIKUA_CHROMIUM`, or one on the PATH."""
    return os.environ.get("SIKUA_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these tests out where no browser is, but never on the integration machine."""
    if chromium() is None and os.environ.get("CI") != "true":
        reason = "没有 Chromium,浏览器测试未运行 · no Chromium on the PATH: browser tests are left out"
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone; the test speaks for the others."""
    return await system.start(build)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a screen."""
    path = chromium()
    assert path is not None, "no Chromium on the PATH; apt-get install chromium"
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        await started.close()


@dataclass
class Screens:
    """Opens pages for officers, over a line that can be pulled, and keeps what the browser complained about."""

    browser: Browser
    system: System
    line: Line
    url: str
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def fresh(self, **options: Any) -> Page:
        """A page of a browser that nobody has signed in with."""
        context = await self.browser.new_context(
            viewport=options.pop("viewport", {"width": 1440, "height": 900}), **options
        )
        self.contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda told: self._note(told.type, told.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    async def of(
        self, role: str = "command_office", *, at: str = "/", division: str = "370200", **options: Any
    ) -> Page:
        """The page of an officer who has signed in by typing a code."""
        page = await self.fresh(**options)
        await page.goto(f"{self.url}{PAGE}{at}")
        await page.fill("#code", await code_for(self.system, role, division=division, name="王晓"))
        await page.press("#code", "Enter")
        await page.wait_for_selector("#fresh")
        return page

    def _note(self, kind: str, text: str) -> None:
        # A pulled line shows as failed requests; those are no fault of the page.
        if kind in {"error", "warning"} and "Failed to load resource" not in text and "net::" not in text:
            self.complaints.append(text)


@pytest.fixture
async def screens(browser: Browser, system: System, office: Service) -> AsyncIterator[Screens]:
    """Screens before the served office. Whatever the browser complains about (also a breach of the policy) fails the test."""
    served = await system.serve("command-office")
    line = Line(int(served.rpartition(":")[2]))
    made = Screens(browser, system, line, await line.start())
    yield made
    for context in made.contexts:
        await context.close()
    await line.stop()
    assert made.complaints == []
