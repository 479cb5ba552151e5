"""Who was turned away is kept for auditors: when, at which route, for which ids, who and why; no secret, nothing of a body.

The refusal answers at once; within a second it is written down with all others of that second, those that are alike as
one entry that counts them. So a stranger who knocks all day costs no connection of ours, and a few rows a second at most.
A process that is killed loses its last second, which then stands in the log alone.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog
from fastapi import Request

from sikua_chassis.clock import real_now
from sikua_chassis.database import LOST, Database
from sikua_chassis.json_text import json_text
from sikua_chassis.supervision import heed_cancellation
from sikua_chassis.telemetry.traces import current_trace_id

GATHER_SECONDS = 1.0
MOST_KINDS = 50
LONGEST_TEXT = 200
NOTED = "denied"

_KEEP = """INSERT INTO denial (at, trace_id, times, method, route, ids, sub, reason)
SELECT at, trace_id, times, method, route, ids::jsonb, sub, reason
FROM unnest($1::timestamptz[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
  AS noted (at, trace_id, times, method, route, ids, sub, reason) ORDER BY at"""

_log = structlog.get_logger("sikua.denials")


@dataclass(frozen=True)
class Denial:
    """What makes refusals alike. `ids`: what stood in the path as JSON; `sub`: the caller where known, else empty."""

    method: str
    route: str
    ids: str
    sub: str
    reason: str


@dataclass
class _Noted:
    at: datetime
    trace_id: str | None
    times: int


class Denials:
    """The refusals of one service that are not written down yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[Denial, _Noted] = {}
        self._there = asyncio.Event()

    def note(self, denial: Denial, trace_id: str | None) -> None:
        """Have a refusal written down. Beyond so many kinds at once only the reasons are told apart."""
        self._add(denial, _Noted(real_now(), trace_id, 1))

    async def run(self) -> None:
        """Write down what was noted until cancelled; a lost database is waited for."""
        while True:
            await self._there.wait()
            await asyncio.sleep(GATHER_SECONDS)
            await self.keep_if_possible()

    async def keep_if_possible(self) -> None:
        """Write down what was noted; a database that is lost is told of in the log."""
        try:
            await self.keep()
        except LOST as trouble:
            heed_cancellation()
            _log.warning("Denials cannot be kept yet.", action="denials_pause", error=repr(trouble))

    async def keep(self) -> None:
        """Write down all that was noted. What can't be written now stays noted."""
        noted, self._noted = self._noted, {}
        self._there.clear()
        if not noted:
            return
        rows = [
            (one.at, one.trace_id, one.times, each.method, each.route, each.ids, each.sub, each.reason)
            for each, one in noted.items()
        ]
        try:
            async with self._database.unit_of_work() as session:
                await session.execute(_KEEP, *(list(column) for column in zip(*rows, strict=True)))
        except BaseException:
            for each, one in noted.items():
                self._add(each, one)
            raise

    def _add(self, denial: Denial, one: _Noted) -> None:
        if denial not in self._noted and len(self._noted) >= MOST_KINDS:
            denial = Denial("", "", "{}", "", denial.reason)
        known = self._noted.setdefault(denial, _Noted(one.at, one.trace_id, 0))
        known.times += one.times
        self._there.set()


def denied(request: Request, reason: str, sub: str = "") -> None:
    """Count, log and keep the refusal of this request, once. `reason`: one of a closed list, never what somebody sent."""
    state = request.scope.setdefault("state", {})
    if NOTED in state:
        return
    state[NOTED] = reason
    known = request.app.state
    metrics, denials = getattr(known, "metrics", None), getattr(known, "denials", None)
    if metrics is not None:
        metrics.denials.labels(reason).inc()
    _log.warning(
        "A request was denied.", action="denied", reason=reason, sub=sub, method=request.method, path=request.url.path
    )
    if denials is not None:
        denials.note(_denial(request, reason, sub), current_trace_id())


def _denial(request: Request, reason: str, sub: str) -> Denial:
    route = getattr(request.scope.get("route"), "path_format", "")
    ids = {name: _storable(str(value)) for name, value in request.path_params.items()}
    # An application that is mounted into the service's own knows its routes below that place.
    place = getattr(request.app.state, "place", "")
    return Denial(request.method, f"{place}{route}", str(json_text(ids)), _storable(sub), reason)


def _storable(text: str) -> str:
    return text[:LONGEST_TEXT].replace("\0", "�").encode("utf-8", "replace").decode()
