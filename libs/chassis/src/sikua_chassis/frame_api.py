"""The routes that every service has: what it said, which lanes are held, whom it turned away, how it stands. Translation only."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from sikua_chassis import frame_store
from sikua_chassis.admission import Caller
from sikua_chassis.api import Limit, Reading, Writing, allows
from sikua_chassis.bus.port import Record, record_of_row
from sikua_chassis.status import Status, observe, status_of

router = APIRouter(tags=["frame"])

LONGEST_STREAM = 2**62
LaneNumber = Annotated[int, Path(ge=1, le=LONGEST_STREAM)]


class SaidEvent(BaseModel):
    """A CloudEvent in JSON form (structured), with its position in this service's log."""

    position: int
    specversion: str = "1.0"
    id: str
    source: str
    type: str
    topic: str
    subject: str
    time: AwareDatetime
    recordedtime: AwareDatetime
    sequence: int
    previousid: str | None = None
    traceparent: str | None = None
    headers: dict[str, str] = {}
    data: Any


class EventPage(BaseModel):
    """Events after a position; `next` is the position to ask for next, null when there was nothing."""

    items: list[SaidEvent]
    next: int | None


class StreamHead(BaseModel):
    """One stream: its subject, and the sequence of its last published event; 0 when none is published yet."""

    subject: str
    sequence: int


class StreamPage(BaseModel):
    """Streams of this service, which speaks as `source`; `next` is the subject to ask for next."""

    source: str
    items: list[StreamHead]
    next: str | None


class HeldLane(BaseModel):
    """A lane that does not flow, and why."""

    id: int
    consumer: str
    source: str
    topic: str
    subject: str
    sequence: int
    state: str
    cause: str | None
    detail: str | None
    attempts: int
    held: int
    since: AwareDatetime | None
    next_try_at: AwareDatetime | None


class LanePage(BaseModel):
    """Lanes that do not flow; `next` is the id to ask for next."""

    items: list[HeldLane]
    next: int | None


class DenialView(BaseModel):
    """A refusal, `times` over within a second. `ids`: what stood in the path; `sub`: who, empty when nobody known."""

    id: int
    at: AwareDatetime
    method: str
    route: str
    ids: dict[str, str]
    sub: str
    reason: str
    times: int
    trace_id: str | None


class DenialPage(BaseModel):
    """Refusals, newest first; `next` is the `before` to ask for next."""

    items: list[DenialView]
    next: int | None


class Discard(BaseModel):
    """Which event of the lane is given up, and why."""

    model_config = ConfigDict(extra="forbid")

    sequence: int = Field(ge=1, le=LONGEST_STREAM)
    reason: str = Field(min_length=3, max_length=500)


@router.get("/status", dependencies=[allows("lanes:read")])
async def status(request: Request) -> Status:
    """How this service stands now."""
    return await status_of(request.app.state.service)


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Figures for Prometheus. No ids, no data of projects."""
    service = request.app.state.service
    await observe(service)
    return Response(service.metrics.render(), media_type=service.metrics.content_type)


@router.get("/events", dependencies=[allows("events:read")], responses={410: {}})
async def events(
    session: Reading,
    caller: Caller,
    after: Annotated[int, Query(ge=0, le=LONGEST_STREAM)] = 0,
    subject: Annotated[str | None, Query(max_length=200)] = None,
    topic: Annotated[str | None, Query(max_length=200)] = None,
    from_sequence: Annotated[int, Query(ge=1, le=LONGEST_STREAM)] = 1,
    to_sequence: Annotated[int, Query(ge=1, le=LONGEST_STREAM)] = LONGEST_STREAM,
    limit: Limit = 100,
) -> EventPage:
    """What this service said, in the order of its log. Events of level L3 and above only for services."""
    rows = await frame_store.events(
        session,
        after=after,
        subject=subject,
        topic=topic,
        first=from_sequence,
        last=to_sequence,
        all_levels="service" in caller.roles,
        limit=limit,
    )
    items = [_shown(row["position"], record_of_row(row)) for row in rows]
    return EventPage(items=items, next=items[-1].position if items else None)


@router.get("/streams", dependencies=[allows("events:read")])
async def streams(
    session: Reading,
    topic: Annotated[str, Query(max_length=200)],
    after: Annotated[str, Query(max_length=200)] = "",
    limit: Limit = 100,
) -> StreamPage:
    """How far each stream of a topic has been published: against it readers see that a last event is missing."""
    items = [StreamHead(**dict(row)) for row in await frame_store.heads(session, topic, after, limit)]
    return StreamPage(source=session.source, items=items, next=items[-1].subject if len(items) == limit else None)


@router.get("/lanes", dependencies=[allows("lanes:read")])
async def lanes(
    session: Reading,
    state: Annotated[str | None, Query(pattern="^(waiting|gap|retrying|parked)$")] = None,
    after: Annotated[int, Query(ge=0, le=LONGEST_STREAM)] = 0,
    limit: Limit = 100,
) -> LanePage:
    """Lanes that do not flow, with their cause."""
    items = [HeldLane(**dict(row)) for row in await frame_store.lanes_not_flowing(session, state, after, limit)]
    return LanePage(items=items, next=items[-1].id if len(items) == limit else None)


@router.get("/denials", dependencies=[allows("denials:read")])
async def denials(
    session: Reading,
    before: Annotated[int | None, Query(ge=1, le=LONGEST_STREAM)] = None,
    sub: Annotated[str | None, Query(max_length=200)] = None,
    reason: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 100,
) -> DenialPage:
    """Who was turned away by this service, and why: for auditors."""
    rows = await frame_store.denials(session, before, sub, reason, limit)
    items = [DenialView(**dict(row)) for row in rows]
    return DenialPage(items=items, next=items[-1].id if len(items) == limit else None)


@router.post("/lanes/{lane}/redrive", status_code=202, dependencies=[allows("lanes:operate")])
async def redrive(lane: LaneNumber, session: Writing, request: Request) -> dict[str, int]:
    """Try a held lane again at once."""
    await frame_store.redrive(session, lane)
    request.app.state.service.wake()
    return {"lane": lane}


@router.post("/lanes/{lane}/discard", status_code=202, dependencies=[allows("lanes:operate")])
async def discard(lane: LaneNumber, body: Discard, session: Writing, caller: Caller) -> dict[str, int]:
    """Give up the next event of a held lane, with a reason; it is kept among the discarded."""
    await frame_store.discard(session, lane, body.sequence, body.reason, caller.sub)
    return {"lane": lane, "sequence": body.sequence}


def _shown(position: int, record: Record) -> SaidEvent:
    return SaidEvent(
        position=position,
        id=record.id,
        source=record.source,
        type=record.type,
        topic=record.topic,
        subject=record.subject,
        time=record.time,
        recordedtime=record.recordedtime,
        sequence=record.sequence,
        previousid=record.previousid,
        traceparent=record.traceparent,
        headers=record.headers,
        data=json.loads(record.payload),
    )
