"""What a service's `api.py` needs: units of work as parameters, admission, pages, versions, idempotency.

A route that changes something takes `session: Writing`; the frame commits after the route returned and before the
response leaves, so nobody is told of what did not happen. A route that only reads takes `session: Reading`. Both use
`request.app.state.database`, set by the service.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import Depends, Request

from sikua_chassis.admission import Caller, actor_of, allows
from sikua_chassis.database import Database, UnitOfWork
from sikua_chassis.idempotency import Idempotent, Once, Repeatable
from sikua_chassis.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next, page
from sikua_chassis.preconditions import IfMatch, changed, etag, etag_of, if_match, require_version
from sikua_chassis.session import Session
from sikua_chassis.telemetry.traces import current_traceparent

__all__ = [
    "Caller",
    "Cursor",
    "Idempotent",
    "IfMatch",
    "Limit",
    "Once",
    "Page",
    "Reading",
    "Repeatable",
    "Writing",
    "actor_of",
    "allows",
    "changed",
    "decode_cursor",
    "encode_cursor",
    "etag",
    "etag_of",
    "if_match",
    "link_next",
    "page",
    "require_version",
]


async def _writing(request: Request) -> Session:
    database: Database = request.app.state.database
    return await _entered(request, database.unit_of_work(actor=actor_of(request), traceparent=current_traceparent()))


async def _reading(request: Request) -> Session:
    database: Database = request.app.state.database
    return await _entered(request, database.unit_of_work(actor=actor_of(request), read_only=True))


async def _entered(request: Request, unit: UnitOfWork) -> Session:
    """Enter the stack that the framework unwinds between route and response: what a `yield` does, at a third of its price."""
    stack: AsyncExitStack = request.scope["fastapi_function_astack"]
    return await stack.enter_async_context(unit)


Writing = Annotated[Session, Depends(_writing)]
"""A unit of work that the frame commits before the response leaves."""

Reading = Annotated[Session, Depends(_reading)]
"""A unit of work that only reads."""
