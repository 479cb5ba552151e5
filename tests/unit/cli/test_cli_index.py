"""The page at `/` leads to every service, in both languages, and loads nothing from anywhere."""

from __future__ import annotations

import re

from sikua_cli.launcher.index import page
from sikua_cli.launcher.rooms import WORDS
from sikua_contracts.topics import SERVICES


def test_every_service_is_on_the_page() -> None:
    assert set(WORDS) == set(SERVICES)
    shown = page(list(SERVICES), ("本机", "here"))
    assert all(f'href="/{name}/openapi.json"' in shown for name in SERVICES)


def test_the_page_needs_no_other_network() -> None:
    shown = page(list(SERVICES), ("本机", "here"))
    assert not re.search(r"https?://|<script|<img|<link", shown)


def test_what_is_noticed_is_shown_as_text() -> None:
    assert "<b>" not in page([], ("<b>", "x"))
