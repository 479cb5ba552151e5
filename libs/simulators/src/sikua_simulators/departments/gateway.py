"""One simulated gateway: checks the signature, meets its faults, answers from its books; `/_faults` and `/_records` steer it.

Wrong signatures get the department's own error body with HTTP 200 and a code that is not success, as such gateways do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from sikua_simulators.departments.books import Books
from sikua_simulators.departments.chance import real_now
from sikua_simulators.departments.dialects import Dialect
from sikua_simulators.departments.faults import Fault, FaultKind, Faults
from sikua_simulators.departments.seeds import ProjectSeed

Clock = Callable[[], datetime]


class NewRecord(BaseModel):
    """A project to enter into the books; all else is made up from the seed."""

    model_config = ConfigDict(extra="forbid")

    name: str
    division: str
    investor: str = ""
    section: str = "C"
    foreign: bool = False
    invest_yi: Decimal | None = None
    stage: str = ""
    stage_date: date | None = None


class Entered(BaseModel):
    """What was made up: the project's code and its applicant."""

    project_code: str
    uscc: str
    company: str
    simulated: bool = True


def gateway_app(dialect: Dialect, books: Books, clock: Clock, faults: Faults) -> FastAPI:
    """The application of one department. `clock` is the department's own, in business time."""
    app = FastAPI(title=dialect.title, docs_url=None, redoc_url=None)
    app.state.calls = 0

    async def answer(request: Request) -> Response:
        app.state.calls += 1
        body = await request.body()
        asked = _asked(body)
        fault = faults.next_for(dialect.key_of(asked))
        if not dialect.signed(request.headers, body, real_now()):
            return JSONResponse(dialect.bad_signature())
        if fault is not None:
            spoilt = await _spoilt(dialect, fault, clock())
            if spoilt is not None:
                return spoilt
        return JSONResponse(dialect.answer(request.url.path, asked, clock()))

    for path in dialect.paths:
        app.add_api_route(path, answer, methods=["POST"], response_model=None)

    @app.post("/_faults", status_code=201)
    async def add_fault(fault: Fault) -> Fault:
        faults.add(fault)
        return fault

    @app.get("/_faults")
    async def list_faults() -> list[Fault]:
        return faults.waiting

    @app.delete("/_faults", status_code=204)
    async def clear_faults() -> Response:
        faults.clear()
        return Response(status_code=204)

    @app.post("/_records", status_code=201)
    async def add_record(record: NewRecord) -> Entered:
        entered = books.add(ProjectSeed(**record.model_dump()))
        return Entered(project_code=entered.code, uscc=entered.company.uscc, company=entered.company.name)

    return app


def _asked(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def _spoilt(dialect: Dialect, fault: Fault, now: datetime) -> Response | None:
    match fault.kind:
        case FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
            return None
        case FaultKind.ERROR:
            return Response("Internal Server Error", status_code=500, media_type="text/plain")
        case FaultKind.RATE_LIMITED:
            return Response(status_code=429, headers={"Retry-After": f"{fault.seconds:g}"})
        case FaultKind.MALFORMED:
            return Response('{"code":"0","status":"OK","resultCode":200,"data":[{"nsr', media_type="application/json")
        case FaultKind.WRONG_SIGNATURE:
            return JSONResponse(dialect.bad_signature())
        case FaultKind.ASK_LATER:
            return JSONResponse(dialect.not_yet(now + timedelta(days=fault.days)))
        case FaultKind.REFUSED:
            return JSONResponse(dialect.refused())
