"""The door of a service: what every request passes before a route reads it, and every answer on its way out.

Before the first byte of a body is read, the caller is asked for: a stranger can't make us read anything. Then a body of
another kind than the route takes is refused, the size is held to its limit, and text that PostgreSQL can't hold (NUL,
half a surrogate pair) is refused by name. What nobody expected becomes a 500 that tells nothing and is logged whole.
Each answer is counted by route, method and status.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import structlog
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sikua_chassis.admission import Allowed, admit
from sikua_chassis.errors import FieldError, Invalid, Refusal, TooLarge, UnsupportedMediaType
from sikua_chassis.problems import problem_response, unexpected

_log = structlog.get_logger(__name__)
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE_TEXT = re.compile("[\x00\ud800-\udfff]")
_MOST_ERRORS = 50
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CLIENT_LEFT = 499
_UPLOADS = (b"multipart/", b"application/octet-stream", b"application/vnd.", b"text/csv")


class TurnedAway(HTTPException):
    """A refusal raised while a body is being read; the framework passes HTTPExceptions on and wraps everything else."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status, refusal.detail)
        self.refusal = refusal


class Door:
    """ASGI middleware, one per service. Uploads (multipart, CSV, workbooks, plain bytes) have a limit of their own."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, max_upload_bytes: int) -> None:
        self.app = app
        self._max_body = max_body_bytes
        self._max_upload = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._pass(scope, receive, counted)
        except ClientDisconnect:
            # Whoever asked has left while the body was read: there is nobody to answer, and nothing failed.
            _log.info("A client left before its request was whole.", action="client_left", path=scope["path"])
        except Exception as error:
            if status:
                raise
            await unexpected(Request(scope), error)(scope, receive, counted)
        finally:
            _count(scope, status, time.perf_counter() - started)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            where = "path" if "\x00" in scope["path"] else "query"
            refusal = Invalid(errors=[FieldError(where, "不含 NUL 的文字 · text without NUL", "NUL")])
            await problem_response(Request(scope), refusal)(scope, receive, send)
            return
        body = Body(scope, receive, self._max_body, self._max_upload)
        await self.app(scope, body.receive, send)


class Body:
    """The body of one request as it comes in, held to admission, size and storable text."""

    def __init__(self, scope: Scope, receive: Receive, max_body: int, max_upload: int) -> None:
        self._scope = scope
        self._receive = receive
        headers = dict(scope["headers"])
        media_type = headers.get(b"content-type", b"").lower()
        self._media_type = media_type.partition(b";")[0].strip().decode("latin-1")
        self._json = b"json" in media_type
        self._limit = max_upload if media_type.startswith(_UPLOADS) and not self._json else max_body
        length = headers.get(b"content-length", b"0")
        self._announced = int(length) if length.isdigit() else 0
        self._chunks: list[bytes] = []
        self._size = 0
        self._admitted = False

    async def receive(self) -> Message:
        """The next message. Raises TurnedAway."""
        if not self._admitted:
            await self._admit()
        message = await self._receive()
        if message["type"] == "http.request":
            chunk = message.get("body", b"")
            if chunk and not self._size:
                self._hold_kind()
            self._size += len(chunk)
            self._hold_size(self._size)
            if self._json and chunk:
                self._chunks.append(chunk)
            if not message.get("more_body", False):
                self._hold_text()
        return message

    async def _admit(self) -> None:
        scopes = scopes_asked(self._scope.get("route"))
        if scopes is not None:
            try:
                await admit(Request(self._scope), scopes)
            except Refusal as refusal:
                raise TurnedAway(refusal) from refusal
        self._hold_size(self._announced)
        self._admitted = True

    def _hold_kind(self) -> None:
        taken = media_types_taken(self._scope.get("route"))
        if taken and not any(_of_kind(self._media_type, kind) for kind in taken):
            raise TurnedAway(UnsupportedMediaType(taken, self._media_type))

    def _hold_size(self, size: int) -> None:
        if size > self._limit:
            detail = f"上限 {self._limit} 字节 · at most {self._limit} bytes"
            raise TurnedAway(TooLarge(detail))

    def _hold_text(self) -> None:
        chunks, self._chunks = self._chunks, []
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if _UNSTORABLE.search(body) is None:
            return
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            return
        found = [pointer for pointer, _ in zip(unstorable(document), range(_MOST_ERRORS), strict=False)]
        if found:
            expected = "不含 NUL 和半个代理对的文字 · text without NUL or half a surrogate pair"
            raise TurnedAway(Invalid(errors=[FieldError(pointer, expected, "such a character") for pointer in found]))


def scopes_asked(route: Any) -> tuple[str, ...] | None:
    """The scopes a route asks for by `allows`, all together; None when it admits everybody."""
    dependant = getattr(route, "dependant", None)
    if dependant is None:
        return None
    asked = [sub.call.scopes for sub in dependant.dependencies if isinstance(sub.call, Allowed)]
    return tuple(scope for scopes in asked for scope in scopes) if asked else None


def media_types_taken(route: Any) -> tuple[str, ...]:
    """The media types of the body that a route describes; none when it takes no body."""
    described = (getattr(route, "openapi_extra", None) or {}).get("requestBody", {}).get("content")
    if described:
        return tuple(described)
    body = getattr(route, "body_field", None)
    return () if body is None else (body.field_info.media_type,)


def _of_kind(media_type: str, kind: str) -> bool:
    """JSON with a suffix is JSON (RFC 6839), for example a merge patch."""
    return media_type == kind or (kind == "application/json" and media_type.endswith("+json"))


def unstorable(document: Any, pointer: str = "") -> Iterator[str]:
    """JSON pointers of strings, and of members with names, that PostgreSQL can't hold."""
    if isinstance(document, str):
        if _UNSTORABLE_TEXT.search(document):
            yield pointer
    elif isinstance(document, dict):
        for name, value in document.items():
            if _UNSTORABLE_TEXT.search(name):
                yield pointer + "/" + _UNSTORABLE_TEXT.sub("�", name)
            else:
                yield from unstorable(value, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from unstorable(value, f"{pointer}/{number}")


def _count(scope: Scope, status: int, seconds: float) -> None:
    metrics = getattr(getattr(scope.get("app"), "state", None), "metrics", None)
    if metrics is not None:
        route = getattr(scope.get("route"), "path_format", None) or "unmatched"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        metrics.answered(route, method, status or _CLIENT_LEFT, seconds)
