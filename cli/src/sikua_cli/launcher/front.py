"""The one door of the distributed form: it hands each request to the service's own port, and its answer back as it comes.

Bodies pass in pieces both ways, so that a live stream stays live and no upload is held here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import structlog
from sikua_chassis.errors import Unavailable
from sikua_chassis.http import OUTSIDE_ERRORS, Client
from sikua_chassis.problems import problem_response
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX_HEADER = b"x-forwarded-prefix"
_OF_THIS_CONNECTION = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade".split()
) | {PREFIX_HEADER}

_SAID_AGAIN = frozenset((b"date", b"server"))

log = structlog.get_logger("sikua.launcher")


class Forwarded:
    """The ASGI application that stands for a service of another process, mounted under the service's name."""

    def __init__(self, name: str, base_url: str, client: Client) -> None:
        self._name = name
        self._prefix = f"/{name}".encode()
        self._base_url = base_url
        self._client = client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as the service answers it; 503 when it is away."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            answer = await self._client.send(
                self._client.build_request(
                    request.method, self._target(scope), headers=self._headers(scope), content=_body(request)
                ),
                stream=True,
            )
        except OUTSIDE_ERRORS as error:
            log.warning("A service does not answer.", action="hop_lost", hop=self._name, error=repr(error))
            away = Unavailable(f"{self._name} 暂不可用 · {self._name} is away", hop=self._name)
            await problem_response(request, away)(scope, receive, send)
            return
        try:
            passed = StreamingResponse(answer.aiter_raw(), answer.status_code)
            passed.raw_headers = [each for each in _kept(answer.headers.raw) if each[0] not in _SAID_AGAIN]
            await passed(scope, receive, send)
        finally:
            await answer.aclose()

    def _target(self, scope: Scope) -> str:
        raw: bytes = scope["raw_path"]
        query: bytes = scope["query_string"]
        path = raw.removeprefix(self._prefix) or b"/"
        return f"{self._base_url}{path.decode('ascii')}{'?' if query else ''}{query.decode('ascii')}"

    def _headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        headers = _kept(scope["headers"])
        if not any(name == b"accept-encoding" for name, _ in headers):
            headers.append((b"accept-encoding", b"identity"))
        return [*headers, (PREFIX_HEADER, self._prefix)]


class Behind:
    """The service's side: links that it writes lead back through the door that the request came by."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._prefix = f"/{name}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, under the door's prefix where it came through the door."""
        if scope["type"] == "http" and (PREFIX_HEADER, self._prefix.encode()) in scope["headers"]:
            scope = {**scope, "root_path": self._prefix, "path": self._prefix + scope["path"]}
        await self._app(scope, receive, send)


def _body(request: Request) -> AsyncIterator[bytes] | None:
    sent = "content-length" in request.headers or "transfer-encoding" in request.headers
    return request.stream() if sent else None


def _kept(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in headers if name.lower() not in _OF_THIS_CONNECTION]
