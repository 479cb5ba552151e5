"""Every failure leaves as an RFC 9457 problem that lists all wrong fields and tells nothing of our insides.

`install(app)` teaches an application to answer so: refusals with their own shape, wrong fields 422, unreadable bodies
400, a lost database 503 with the seconds to wait and the hop that failed, duplicates 409.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from sikua_chassis.admission import actor_of
from sikua_chassis.denials import denied
from sikua_chassis.description import MEDIA_TYPE
from sikua_chassis.errors import (
    BadRequest,
    Conflict,
    EnvironmentFault,
    FieldError,
    Invalid,
    NotFound,
    Refusal,
    TooLarge,
    Unavailable,
)
from sikua_chassis.http import OUTSIDE_ERRORS, hop_of
from sikua_chassis.idempotency import HEADER, KeyMissing, KeyReused, replay_after
from sikua_chassis.telemetry.traces import current_trace_id
from sikua_chassis.wrong_fields import field_errors

_log = structlog.get_logger(__name__)

DATABASE_LOST: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.InternalClientError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    ConnectionError,
    TimeoutError,
)
_DENIED = frozenset({401, 403})
_BROKEN_CONNECTION = ("closed", "closing", "released back to the pool")


class MethodNotAllowed(Refusal):
    """405."""

    status = 405
    slug = "method-not-allowed"
    title_zh = "不支持该方法"
    title_en = "The method is not supported here"


class Failed(Refusal):
    """500: our fault. Says nothing but the trace to ask for."""

    status = 500
    slug = "internal"
    title_zh = "内部错误"
    title_en = "Internal error"


class Duplicate(Conflict):
    """409: the same thing was recorded meanwhile, by somebody quicker."""

    slug = "duplicate"
    title_zh = "已存在相同记录"
    title_en = "The same thing is already there"


def install(app: FastAPI) -> None:
    """Register the handlers. What none of them knows is answered by the door."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _wrong)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(asyncpg.UniqueViolationError, _duplicate)
    app.add_exception_handler(asyncpg.DataError, _unstorable)
    app.add_exception_handler(EnvironmentFault, _lost)
    for kind in (*DATABASE_LOST, *OUTSIDE_ERRORS):
        app.add_exception_handler(kind, _lost)


def problem_response(request: Request, refusal: Refusal) -> Response:
    """The response for a refusal: `instance` is the path, `trace_id` the trace to ask the operator for."""
    if refusal.status in _DENIED or isinstance(refusal, KeyReused):
        actor = actor_of(request)
        denied(request, refusal.slug, actor.sub if actor else "")
    document = refusal.problem()
    document["instance"] = request.url.path
    trace_id = current_trace_id()
    if trace_id is not None:
        document["trace_id"] = trace_id
    return JSONResponse(document, refusal.status, headers=refusal.headers, media_type=MEDIA_TYPE)


def unexpected(request: Request, error: Exception) -> Response:
    """500 for what nobody expected: logged whole here, told to nobody."""
    hop = lost_hop(error)
    if hop is not None:
        return _away(request, error, hop)
    _log.error(
        "A request failed unexpectedly.",
        action="request_failed",
        method=request.method,
        path=request.url.path,
        exc_info=error,
    )
    return problem_response(request, Failed("请把 trace_id 告诉运维人员 · tell the operator the trace_id"))


def lost_hop(error: BaseException) -> str | None:
    """What was lost (database, or the host behind us), or None when the error is of another kind."""
    if isinstance(error, EnvironmentFault):
        return error.hop
    if isinstance(error, OUTSIDE_ERRORS):
        return hop_of(error)
    if isinstance(error, DATABASE_LOST):
        return "database"
    # A stopped server on a unix socket shows as a missing file.
    if isinstance(error, OSError) and ".s.PGSQL" in f"{error} {error.filename}":
        return "database"
    # asyncpg says so of a connection that broke under a statement, but also of wrong calls.
    if isinstance(error, asyncpg.InterfaceError) and any(words in str(error) for words in _BROKEN_CONNECTION):
        return "database"
    return None


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return await _replayed(request, error) or problem_response(request, error)


async def _duplicate(request: Request, error: Exception) -> Response:
    assert isinstance(error, asyncpg.UniqueViolationError)
    try:
        replay = await replay_after(request, error)
    except Refusal as refusal:
        return problem_response(request, refusal)
    if replay is not None:
        return replay
    constraint = error.constraint_name
    _log.warning("A unit of work met a duplicate.", action="duplicate", constraint=constraint, path=request.url.path)
    return problem_response(request, Duplicate("可能刚被他人登记 · somebody may just have recorded it"))


async def _replayed(request: Request, error: Refusal) -> Response | None:
    try:
        return await replay_after(request, error)
    except Refusal:
        return None


async def _wrong(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    details: Sequence[Any] = error.errors()
    unreadable = [detail for detail in details if detail["type"] == "json_invalid"]
    if unreadable:
        position = unreadable[0]["loc"][-1]
        detail = f"JSON 在第 {position} 个字符处无法读取 · the JSON cannot be read at character {position}"
        return problem_response(request, BadRequest(detail))
    errors = field_errors(details)
    keyless = any(wrong.field == f"header.{HEADER}" for wrong in errors)
    return problem_response(request, KeyMissing(errors) if keyless else Invalid(errors=errors))


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    refusal = getattr(error, "refusal", None)
    if isinstance(refusal, Refusal):
        return problem_response(request, refusal)
    kinds: dict[int, type[Refusal]] = {404: NotFound, 405: MethodNotAllowed, 413: TooLarge, 422: Invalid}
    kind = kinds.get(error.status_code, BadRequest if error.status_code < 500 else Failed)
    plain = kind(str(error.detail), headers=dict(error.headers or {}))
    response = problem_response(request, plain)
    response.status_code = error.status_code
    return response


async def _unstorable(request: Request, error: Exception) -> Response:
    _log.warning("A value was refused by the database.", action="unstorable", path=request.url.path, exc_info=error)
    wrong = FieldError(
        "", "可存储的值 · a value that can be stored", "one out of range or with characters that can't be kept"
    )
    return problem_response(request, Invalid(errors=[wrong]))


async def _lost(request: Request, error: Exception) -> Response:
    return _away(request, error, lost_hop(error) or "database")


def _away(request: Request, error: Exception, hop: str) -> Response:
    _log.warning("A hop behind this service is away.", action="hop_lost", hop=hop, error=repr(error))
    return problem_response(request, Unavailable(f"{hop} 暂不可用 · {hop} is away", hop=hop))
