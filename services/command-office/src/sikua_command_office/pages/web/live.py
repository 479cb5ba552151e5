"""The stream that keeps a screen fresh: which project something happened to, and every two seconds how fresh all is.

It carries the feed's own numbers as ids, so a browser resumes where it was (`Last-Event-ID`); a screen that hears no
pulse for a few seconds knows that its line is cut, whatever lies in between.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from sikua_chassis.database import Database
from starlette.responses import StreamingResponse

from sikua_command_office.delivery import Office
from sikua_command_office.feed.api import LastEventId, Number, visible
from sikua_command_office.feed.delivery import KEEP_ALIVE, Listener
from sikua_command_office.freshness import freshness
from sikua_command_office.pages.web.officer import Signed

router = APIRouter()

PULSE_SECONDS = 2.0


@router.get("/stream")
async def follow(
    request: Request, officer: Signed, after: Number | None = None, last_event_id: LastEventId = None
) -> StreamingResponse:
    """Glances at what happens to the projects that the officer sees, and pulses."""
    database: Database = request.app.state.database
    office: Office = database.tools
    listener = Listener(visible(officer.principal), glances=True, keep_alive_seconds=PULSE_SECONDS)
    lines = await office.live.join(listener, after if last_event_id is None else last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(with_pulses(lines, database), media_type="text/event-stream", headers=headers)


async def with_pulses(lines: AsyncIterator[bytes], database: Database) -> AsyncIterator[bytes]:
    """The lines, with a pulse first and whenever two seconds have passed since the last one."""
    loop = asyncio.get_running_loop()
    told = float("-inf")
    async for text in lines:
        if text != KEEP_ALIVE:
            yield text
        if loop.time() - told >= PULSE_SECONDS / 2:
            told = loop.time()
            yield await pulse(database)


async def pulse(database: Database) -> bytes:
    """How fresh everything is, as an event without an id."""
    office: Office = database.tools
    session: Any = database.session(database.connection(transactional=False))
    fresh = freshness(session.now, session.recorded_at, await office.behind())
    shown = {"zh": fresh.text_zh, "en": fresh.text_en, "behind": fresh.behind_total, "day": str(fresh.as_of.date())}
    return f"event: pulse\ndata: {json.dumps(shown, ensure_ascii=False)}\n\n".encode()
