"""A real Chromium before the command office. Without one on the machine only these tests are left out, and the run says so.

On the integration machine (`CI=true`) a missing browser is a failure. One browser serves all tests of a worker, each in a
context of its own, so all of them run in one event loop.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from browser.screens import PATIENCE_MS, Screens, screens_before
from playwright.async_api import Browser, async_playwright, expect
from sikua_chassis.service import Service
from sikua_command_office.app import build
from support import postgres
from support.officers import PAGE, code_for
from support.system import System, new_system

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HERE = Path(__file__).parent
ONE_LOOP = pytest.mark.asyncio(loop_scope="session")


def chromium() -> str | None:
    """The browser of this machine: `SIKUA_CHROMIUM`, or one on the PATH."""
    return os.environ.get("SIKUA_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these tests out where no browser is, but never on the integration machine; let them share one loop."""
    ours = [item for item in items if HERE in item.path.parents]
    for item in filter(pytest_asyncio.is_async_test, ours):
        item.add_marker(ONE_LOOP, append=False)
    if chromium() is None and os.environ.get("CI") != "true":
        reason = "没有 Chromium,浏览器测试未运行 · no Chromium on the PATH: browser tests are left out"
        for item in ours:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest_asyncio.fixture(loop_scope="session")
async def database_url() -> AsyncIterator[str]:
    """A fresh database with all schemas migrated."""
    async with postgres.fresh() as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def system(database_url: str, tmp_path: Path) -> AsyncIterator[System]:
    """A system without services."""
    started = await new_system(database_url, tmp_path)
    yield started
    await started.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def office(system: System) -> Service:
    """The command office alone; the test speaks for the others."""
    return await system.start(build)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a screen."""
    path = chromium()
    assert path is not None, "no Chromium on the PATH; apt-get install chromium"
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def screens(browser: Browser, system: System, office: Service) -> AsyncIterator[Screens]:
    """Screens before the served office."""
    served = await system.serve("command-office")

    async def code(role: str, **claims: str) -> str:
        return await code_for(system, role, **claims)

    async with screens_before(browser, int(served.rpartition(":")[2]), PAGE, code) as made:
        yield made
