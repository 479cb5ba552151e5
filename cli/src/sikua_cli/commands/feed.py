"""`sikua feed`: what happened, numbered, as the command office sees it; `--follow` goes on and misses nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from sikua_chassis.http import OUTSIDE_ERRORS, Client

from sikua_cli.launcher.place import Place
from sikua_cli.reach import address, answered, not_running, reached, refused

LAST = 20
NEWEST = 2**62
PAGE = 500
RETRY_SECONDS = 1.0
SILENCE_SECONDS = 60.0


def run(directory: Path, *, follow: bool, after: int | None, as_json: bool) -> None:
    """Print entries, one a line; with `--json` one JSON object a line."""
    asyncio.run(_run(Place(directory), follow=follow, after=after, as_json=as_json))


async def _run(place: Place, *, follow: bool, after: int | None, as_json: bool) -> None:
    async with reached(place, "auditor", "sikua feed", timeout_seconds=SILENCE_SECONDS) as http:
        at = await _start(http) if after is None else after
        async for entry in _read(http, at):
            at = int(entry["number"])
            show(entry, as_json=as_json)
        if follow:
            await _follow(http, at, address(place), as_json=as_json)


async def _start(http: Client) -> int:
    page = answered(await http.get("/command-office/feed", params={"before": NEWEST, "limit": LAST}))
    return int(page["items"][-1]["number"]) - 1 if page["items"] else 0


async def _read(http: Client, after: int) -> AsyncIterator[dict[str, Any]]:
    while True:
        page = answered(await http.get("/command-office/feed", params={"after": after, "limit": PAGE}))
        for entry in page["items"]:
            yield entry
        if len(page["items"]) < PAGE:
            return
        after = int(page["items"][-1]["number"])


async def _follow(http: Client, at: int, url: str, *, as_json: bool) -> None:
    """Server-sent events; a connection that breaks is opened again after the last entry seen (Last-Event-ID)."""
    failures = 0
    while True:
        try:
            headers = {"Last-Event-ID": str(at), "Accept": "text/event-stream"}
            async with http.stream("GET", "/command-office/feed/stream", headers=headers) as response:
                if not response.is_success:
                    await response.aread()
                    raise refused(response)
                failures = 0
                async for line in response.aiter_lines():
                    if line.startswith("data:"):
                        entry = json.loads(line[5:])
                        at = int(entry["number"])
                        show(entry, as_json=as_json)
        except OUTSIDE_ERRORS as error:
            failures += 1
            if failures > SILENCE_SECONDS / RETRY_SECONDS:
                raise not_running(url) from error
        await asyncio.sleep(RETRY_SECONDS)


def show(entry: dict[str, Any], *, as_json: bool) -> None:
    """One entry on one line."""
    if as_json:
        print(json.dumps(entry, ensure_ascii=False), flush=True)
        return
    name = entry["project_name"] or ""
    day = entry["time"][:10]
    print(f"{entry['number']:>7}  {day}  {name}  {entry['sentence_zh']} · {entry['sentence_en']}", flush=True)
