"""A view in all its guises, met at one visit: read aloud, in the dark, on a phone and on paper."""

from __future__ import annotations

from dataclasses import dataclass

from browser.paper import sheets
from browser.screens import amiss
from playwright.async_api import Page

Amiss = list[tuple[str, list[str]]]
PHONE_PIXELS = 360
CONTROLS = (".top", "main form", "main button", "#help")
LAMPS = """[...document.querySelectorAll('main svg.lamp[role=img]')]
  .map(e => [e.getAttribute('aria-label'), e.querySelector('use').getAttribute('href')])"""


@dataclass(frozen=True)
class Paper:
    """`sheets` are sizes in points, `controls` those that were printed, `foot` what stands on every sheet and how."""

    sheets: set[tuple[int, int]]
    controls: list[str]
    foot: str
    foot_display: str


@dataclass(frozen=True)
class Guise:
    """What each reader finds at `url`. `lamps` are names and signs; `paper` is None where nobody prints."""

    url: str
    amiss: Amiss
    amiss_in_the_dark: Amiss
    headings: list[str]
    lamps: list[tuple[str, str]]
    phone_pixels: int
    title: str
    pictures: int
    paper: Paper | None


async def met(page: Page, url: str, *, printed: bool) -> Guise:
    """Visit a view once and look at it in every guise; the page is left as it was, a lit screen of its own size."""
    await page.goto(url)
    lit = await amiss(page)
    await page.emulate_media(color_scheme="dark")
    dark = await amiss(page, ("color-contrast",))
    await page.emulate_media(color_scheme="light")
    paper = await _paper(page) if printed else None
    return Guise(
        url=url,
        amiss=lit,
        amiss_in_the_dark=dark,
        headings=await page.locator("h1").all_text_contents(),
        lamps=[(name, sign) for name, sign in await page.evaluate(LAMPS)],
        phone_pixels=await _width_on_a_phone(page),
        title=await page.title(),
        pictures=await page.locator("main img:not(.chart)").count(),
        paper=paper,
    )


async def _paper(page: Page) -> Paper:
    await page.emulate_media(media="print")
    foot = page.locator(".printed")
    found = Paper(
        sheets={*await sheets(page)},
        controls=[one for one in CONTROLS if await page.locator(one).filter(visible=True).count()],
        foot=await foot.inner_text(),
        foot_display=await foot.evaluate("each => getComputedStyle(each).display"),
    )
    await page.emulate_media(media="screen")
    return found


async def _width_on_a_phone(page: Page) -> int:
    usual = page.viewport_size
    await page.set_viewport_size({"width": PHONE_PIXELS, "height": 740})
    width = int(await page.evaluate("document.documentElement.scrollWidth"))
    if usual is not None:
        await page.set_viewport_size(usual)
    return width
