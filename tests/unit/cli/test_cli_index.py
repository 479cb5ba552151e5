"""`/` leads to the officers' page, and `/services` to every service, in both languages, and loads nothing from anywhere."""

from __future__ import annotations

import re
from typing import Any

import httpx
from sikua_cli.launcher.index import one_port, page
from sikua_cli.launcher.rooms import WORDS
from sikua_contracts.topics import SERVICES
from starlette.responses import PlainTextResponse


def test_every_service_is_on_the_page() -> None:
    assert set(WORDS) == set(SERVICES)
    shown = page(list(SERVICES), ("本机", "here"))
    assert all(f'href="/{name}/openapi.json"' in shown for name in SERVICES)


def test_the_page_needs_no_other_network() -> None:
    shown = page(list(SERVICES), ("本机", "here"))
    assert not re.search(r"https?://|<script|<img|<link", shown)


def test_what_is_noticed_is_shown_as_text() -> None:
    assert "<b>" not in page([], ("<b>", "x"))


async def test_the_front_door_leads_to_the_officers_page() -> None:
    async def office(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse(scope["path"])(scope, receive, send)

    door = one_port({"command-office": office}, lambda: ("本机", "here"))
    transport = httpx.ASGITransport(app=door)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", follow_redirects=True) as browser:
        assert (await browser.get("/")).text == "/command-office/office/"
        assert 'href="/command-office/openapi.json"' in (await browser.get("/services")).text
