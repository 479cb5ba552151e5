"""The only door to the outside over HTTP: clients with limits and timeouts that carry the trace along.

A client follows no redirect and reads no proxy or credential from the environment. Callers hold no transaction.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx

from sikua_chassis.telemetry.traces import current_traceparent

Client = httpx.AsyncClient
Response = httpx.Response

OUTSIDE_ERRORS: tuple[type[Exception], ...] = (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL)
"""What a call can raise because of the other side or the way there."""

TIMEOUTS: tuple[type[Exception], ...] = (httpx.TimeoutException,)
"""Those of them that mean: no answer in time. Whether the other side acted is unknown, but for a connect timeout."""

_CONNECT_SECONDS = 3.0
_IDLE_SECONDS = 30.0
_AWAY = 503
_AGAIN_SECONDS = 0.2


def client(
    base_url: str = "",
    *,
    timeout_seconds: float = 10.0,
    connections: int = 20,
    headers: Mapping[str, str] | None = None,
    verify: bool = True,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """A client for one other side. Close it, or use it as an async context manager.

    `timeout_seconds` bounds each wait for bytes, `connections` how many calls run at once.
    `transport` brings an application that runs in this process, an `httpx.ASGITransport`.
    A client for an `http://` address trusts no certificate: whatever leads it to TLS fails.
    """
    return httpx.AsyncClient(
        base_url=base_url,
        timeout=httpx.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds)),
        limits=httpx.Limits(
            max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=_IDLE_SECONDS
        ),
        headers={"User-Agent": "sikua", **(headers or {})},
        event_hooks={"request": [_trace]},
        verify=_trust(base_url) if verify else False,
        transport=transport,
        follow_redirects=False,
        trust_env=False,
    )


class Patient(httpx.AsyncBaseTransport):
    """Asks again while the other side is away (503, a lost connection), for `patience_seconds` at most.

    For requests that may be repeated: they carry a key, or doing them twice changes nothing. Answers are read whole.
    """

    def __init__(self, through: httpx.AsyncBaseTransport, patience_seconds: float) -> None:
        self._through = through
        self._patience_seconds = patience_seconds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The first answer that is none of an absent one, or the last of those. Raises what `client` can raise."""
        until = time.monotonic() + self._patience_seconds
        while True:
            last = time.monotonic() > until
            try:
                response = await self._through.handle_async_request(request)
                await response.aread()
            except OUTSIDE_ERRORS:
                if last:
                    raise
            else:
                if response.status_code != _AWAY or last:
                    return response
            await asyncio.sleep(_AGAIN_SECONDS)

    async def aclose(self) -> None:
        """Close what lies behind."""
        await self._through.aclose()


def patient(base_url: str, patience_seconds: float) -> httpx.AsyncBaseTransport:
    """A transport over the network for `client` of this address that waits for whoever is being started again."""
    return Patient(httpx.AsyncHTTPTransport(verify=_trust(base_url), trust_env=False), patience_seconds)


def in_process(app: Any) -> httpx.AsyncBaseTransport:
    """A transport that calls an ASGI application of this process instead of the network."""
    return httpx.ASGITransport(app=app, raise_app_exceptions=False)


def hop_of(error: BaseException) -> str:
    """The host a failed call was meant for, without path or query."""
    request = getattr(error, "_request", None)
    return str(request.url.netloc.decode()) if isinstance(request, httpx.Request) else "upstream"


def _trust(base_url: str) -> ssl.SSLContext:
    return _nobody() if base_url.startswith("http://") else _authorities()


@cache
def _authorities() -> ssl.SSLContext:
    # Reading them takes longer than starting all else of a client, so a process reads them once, when it needs them.
    return httpx.create_ssl_context(trust_env=False)


@cache
def _nobody() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def _trace(request: httpx.Request) -> None:
    traceparent = current_traceparent()
    if traceparent is not None and "traceparent" not in request.headers:
        request.headers["traceparent"] = traceparent
