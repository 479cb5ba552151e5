"""Charts as SVG: each content is drawn once, by a process of its own that ends with it, one at a time.

What was drawn is kept by content (64 charts, about 10 KB each); whoever asks for the same chart meanwhile waits for it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from sikua_chassis.errors import Refusal

KEPT: Final = 64
WAITING: Final = 16
LONGEST_SECONDS: Final = 30.0
LARGEST_BYTES: Final = 1_000_000


class NotDrawn(Refusal):
    """503: the drawing failed, took too long, or too many wait; the table beside it says the same."""

    status = 503
    slug = "not-drawn"
    title_zh = "图暂时画不出来"
    title_en = "The chart cannot be drawn just now"


def content_of(specification: Mapping[str, Any]) -> str:
    """The name of a chart's content: equal specifications have the same."""
    text = json.dumps(specification, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Drawings:
    """Draws and keeps charts; one for each service."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._drawing = asyncio.Lock()
        self._waiting = 0

    async def svg(self, specification: Mapping[str, Any]) -> bytes:
        """The chart. Raises NotDrawn."""
        name = content_of(specification)
        if name not in self._kept:
            await self._draw_in_turn(name, specification)
        self._kept.move_to_end(name)
        return self._kept[name]

    async def _draw_in_turn(self, name: str, specification: Mapping[str, Any]) -> None:
        if self._waiting >= WAITING:
            raise NotDrawn("请稍候再看图 · too many charts are being drawn")
        self._waiting += 1
        try:
            async with self._drawing:
                if name not in self._kept:
                    self._kept[name] = await _drawn(json.dumps(specification, ensure_ascii=True).encode())
                    while len(self._kept) > KEPT:
                        self._kept.popitem(last=False)
        finally:
            self._waiting -= 1


async def _drawn(specification: bytes) -> bytes:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sikua_command_office.pages.web.vega",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            told, _ = await child.communicate(specification)
    except TimeoutError as trouble:
        raise NotDrawn("作图超时 · drawing took too long") from trouble
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0 or not told.startswith(b"<svg") or len(told) > LARGEST_BYTES:
        raise NotDrawn("作图失败 · drawing failed")
    return told
