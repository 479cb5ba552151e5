"""Idempotency-Key: a POST that is sent twice acts once, and the second answer is the first one again.

    @router.post("/projects", status_code=201, response_model=ProjectView, dependencies=[allows("projects:write")])
    async def register(body: NewProject, session: Writing, once: Idempotent) -> Response:
        ...
        return await once.answer(session, 201, view, headers={"ETag": etag_of(1), "Location": f"/projects/{view.id}"})

The key must come with the request (400 without, with every other wrong field beside it). Acts that a person may repeat
take one if it comes, and say so by `once: Repeatable` and `return once.kept(session, view)`; without a key nothing is
stored. The answer is gathered into the unit of work and leaves in its one statement, so the happy path costs nothing
more. When the unit fails, because the key was used before (unique violation at commit) or because the first request
already changed what this one finds (a refusal), the frame looks the key up in a fresh transaction: same request → the
stored answer with `Idempotent-Replayed: true`; another request → 422; no row → the failure stands. Two at once: the
second waits for the first at the unique index. Refusals are not stored. After `SIKUA_IDEMPOTENCY_HOURS` the answer is
forgotten (`forgetting.py`), and the key may be used anew.
The fingerprint is SHA-256 over method, path, query, body and the caller's `sub`; keys of different callers never meet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

import asyncpg
from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import StringConstraints
from starlette.datastructures import UploadFile
from starlette.responses import Response

from sikua_chassis.admission import actor_of
from sikua_chassis.errors import BadRequest, FieldError, Invalid, Refusal
from sikua_chassis.json_text import JsonText, json_text
from sikua_chassis.session import Session

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_LONGEST_KEY = 255
_STORE = """INSERT INTO idempotency (key, principal, fingerprint, status, body, created_at)
VALUES ($1, $2, $3, $4, $5, $6)"""
_STORED = "SELECT fingerprint, status, body FROM idempotency WHERE principal = $1 AND key = $2"

View = TypeVar("View")


class KeyReused(Invalid):
    """422: the key was used before, for another request (draft-ietf-httpapi-idempotency-key-header)."""

    slug = "idempotency-key-reused"
    title_zh = "Idempotency-Key 已用于其他请求"
    title_en = "The Idempotency-Key was used for another request"


class KeyMissing(BadRequest):
    """400: the key did not come, or is none; what else is wrong with the request is named beside it."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("缺少可用的 Idempotency-Key · a usable Idempotency-Key is missing", errors=errors)


class Once:
    """The key of one request, empty when none came. `answer` and `kept` store what is answered; `replayed` finds it."""

    def __init__(self, key: str, principal: str, fingerprint: str) -> None:
        self.key = key
        self.principal = principal
        self.fingerprint = fingerprint

    async def answer(
        self, session: Session, status: int, view: Any, headers: Mapping[str, str] | None = None
    ) -> Response:
        """The response, stored with the unit of work. `view` is a model or anything JSON can hold."""
        shown = dict(headers or {})
        body = json_text(view)
        self._store(session, status, body, shown)
        return Response(body, status, shown, "application/json")

    def kept(self, session: Session, view: View, status: int = 200, headers: Mapping[str, str] | None = None) -> View:
        """The view for the framework to answer with, stored with the unit of work when a key came.

        `status` and `headers` are what the route answers with.
        """
        if self.key:
            self._store(session, status, json_text(view), headers or {})
        return view

    def _store(self, session: Session, status: int, body: JsonText, headers: Mapping[str, str]) -> None:
        stored = JsonText(f'{{"headers":{json_text(headers)},"body":{body}}}')
        session.gather(_STORE, self.key, self.principal, self.fingerprint, status, stored, session.recorded_at)

    async def replayed(self, session: Session) -> Response | None:
        """The answer given before, or None when there was none. Raises KeyReused for another request."""
        row = await session.fetchrow(_STORED, self.principal, self.key)
        if row is None:
            return None
        if row["fingerprint"] != self.fingerprint:
            raise KeyReused(errors=[FieldError(f"header.{HEADER}", "a key not used before", self.key)])
        stored = row["body"]
        return JSONResponse(stored["body"], row["status"], headers={**stored["headers"], REPLAYED: "true"})


_Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_LONGEST_KEY)]
_IN_ITS_HEADER = Header(alias=HEADER, description=f"1–{_LONGEST_KEY} characters, fresh per intended act")


async def _once(request: Request, key: Annotated[_Key, _IN_ITS_HEADER]) -> Once:
    return await _keyed(request, key)


async def _if_it_comes(request: Request, key: Annotated[_Key | None, _IN_ITS_HEADER] = None) -> Once:
    return Once("", "", "") if key is None else await _keyed(request, key)


async def _keyed(request: Request, key: str) -> Once:
    actor = actor_of(request)
    principal = actor.sub if actor else ""
    once = Once(key, principal, await _fingerprint(request, principal))
    request.state.once = once
    return once


Idempotent = Annotated[Once, Depends(_once)]
"""The key of a request that must carry one."""

Repeatable = Annotated[Once, Depends(_if_it_comes)]
"""The key of a request that may carry one."""


async def replay_after(request: Request, failure: Exception) -> Response | None:
    """What was answered before to the same request, if this failure is what a repetition looks like; else None."""
    once = getattr(request.state, "once", None)
    if not isinstance(once, Once) or not isinstance(failure, Refusal | asyncpg.UniqueViolationError):
        return None
    async with request.app.state.database.unit_of_work(actor=actor_of(request), read_only=True) as session:
        replay = await once.replayed(session)
    metrics = getattr(request.app.state, "metrics", None)
    if replay is not None and metrics is not None:
        metrics.replays.inc()
    return replay


async def _fingerprint(request: Request, principal: str) -> str:
    scope = request.scope
    digest = hashlib.sha256()
    for part in (scope["method"].encode(), scope["path"].encode(), scope["query_string"], principal.encode()):
        digest.update(part)
        digest.update(b"\0")
    if request.headers.get("content-type", "").startswith(("multipart/", "application/x-www-form-urlencoded")):
        # The framework has read the form already and closes its files after the answer.
        form = await request.form()
        for name, value in form.multi_items():
            digest.update(name.encode() + b"\0")
            digest.update(await _content(value) + b"\0")
    else:
        digest.update(await request.body())
    return digest.hexdigest()


async def _content(value: UploadFile | str) -> bytes:
    if isinstance(value, str):
        return value.encode()
    content = await value.read()
    await value.seek(0)
    return content
