"""One simulated gateway: checks the signature, meets its faults, answers from its books.

A wrong signature gets the department's own error body with HTTP 200 and a code that is not success, as such gateways do;
it uses up no fault. The routes that steer a gateway stand in `steering`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from sikua_rules.business_time import open_of_business, shanghai_day

from sikua_simulators.departments import steering
from sikua_simulators.departments.books import Books
from sikua_simulators.departments.calls import Calls, Outcome
from sikua_simulators.departments.chance import real_now
from sikua_simulators.departments.dialects import Dialect, Document
from sikua_simulators.departments.faults import Fault, FaultKind, Faults

Clock = Callable[[], datetime]

LARGEST_CALL_BYTES = 64 * 1024


@dataclass(frozen=True)
class Gateway:
    """One department at work. `clock` is its own, in business time, aware."""

    dialect: Dialect
    books: Books
    clock: Clock
    faults: Faults
    calls: Calls = field(default_factory=Calls)

    async def answer(self, dataset: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        """Answer one call; `body` is None when it was longer than is read."""
        if body is None:
            self.calls.note(dataset, "", Outcome.TOO_LARGE)
            return Response(status_code=413)
        if not self.dialect.seal.holds(headers, body, real_now()):
            self.calls.note(dataset, "", Outcome.BAD_SIGNATURE)
            return JSONResponse(self.dialect.bad_signature())
        asked = _asked(body)
        key = self.dialect.key_of(asked)
        if not key:
            self.calls.note(dataset, "", Outcome.NO_KEY)
            return JSONResponse(self.dialect.no_key())
        now = self.clock()
        fault = self.faults.next_for(dataset, key, shanghai_day(now))
        self.calls.note(dataset, key, fault.kind if fault else Outcome.ANSWERED)
        said = self.dialect.answer(dataset, asked, now)
        return JSONResponse(said) if fault is None else await self._spoilt(fault, said, now)

    async def _spoilt(self, fault: Fault, said: Document, now: datetime) -> Response:
        match fault.kind:
            case FaultKind.SLOW:
                await asyncio.sleep(fault.seconds)
                return JSONResponse(said)
            case FaultKind.ERROR:
                return Response("Internal Server Error", status_code=500, media_type="text/plain")
            case FaultKind.RATE_LIMITED:
                return Response(status_code=429, headers={"Retry-After": f"{fault.seconds:g}"})
            case FaultKind.MALFORMED:
                whole = JSONResponse(said).body
                return Response(bytes(whole[: len(whole) * 2 // 3]), media_type="application/json")
            case FaultKind.WRONG_SIGNATURE:
                return JSONResponse(self.dialect.bad_signature())
            case FaultKind.ASK_LATER:
                # From the day, not the moment: asked twice a day, the department says the same.
                later = open_of_business(shanghai_day(now)) + timedelta(days=fault.days)
                return JSONResponse(self.dialect.not_yet(later))
            case FaultKind.REFUSED:
                return JSONResponse(self.dialect.refused())


def gateway_app(gateway: Gateway) -> FastAPI:
    """The application of one department: a route per dataset, and those that steer it."""
    silent: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
    app = FastAPI(title=gateway.dialect.title, docs_url=None, redoc_url=None, telemetry=silent)
    for dataset, path in gateway.dialect.paths.items():
        app.add_api_route(path, _route(gateway, dataset), methods=["POST"], response_model=None, name=dataset)
    steering.install(app, gateway.dialect, gateway.books, gateway.faults, gateway.calls, gateway.clock)
    return app


def _route(gateway: Gateway, dataset: str) -> Callable[[Request], Awaitable[Response]]:
    async def ask(request: Request) -> Response:
        return await gateway.answer(dataset, request.headers, await _read(request))

    return ask


async def _read(request: Request) -> bytes | None:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_CALL_BYTES:
            return None
    return bytes(body)


def _asked(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
