"""Sheets of paper that a page prints on."""

from __future__ import annotations

import re

from playwright.async_api import Page

UPRIGHT, ACROSS = (595, 842), (842, 595)
A4_POINTS = {UPRIGHT, ACROSS}


async def sheets(page: Page) -> list[tuple[int, int]]:
    """The size of every printed sheet in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", await page.pdf(prefer_css_page_size=True))
    return [(round(float(width)), round(float(height))) for width, height in boxes]
