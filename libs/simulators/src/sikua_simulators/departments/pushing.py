"""A department pushes by itself: rows in its own words, signed, to the door *receive* of a bridge."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote, urlsplit

from sikua_simulators.departments.signatures import Seal, forged
from sikua_simulators.departments.timelines import Row

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SECONDS = 20
_MOST_BYTES = 2_000_000


class NotHere(ValueError):
    """A simulated department speaks to bridges of its own machine only."""


@dataclass(frozen=True)
class Push:
    """Rows of one dataset for one door. `url` is the bridge's `…/receive` on this machine, plain HTTP.

    `wrong_signature`: on demand, as if somebody else had sent it.
    """

    url: str
    dataset: str
    batch_id: str
    rows: Sequence[Row]
    wrong_signature: bool = False

    def body(self) -> bytes:
        """What is sent; it says that it is made up."""
        document = {"dataset": self.dataset, "batch_id": self.batch_id, "rows": list(self.rows), "simulated": True}
        return json.dumps(document, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Reply:
    """What the bridge said. `document` is None when it was no JSON."""

    status: int
    document: Any


async def send(push: Push, seal: Seal, now: datetime) -> Reply:
    """Push once, signed at this real moment. Raises NotHere for a foreign address, OSError when nobody answers."""
    host, port, path = _address(push.url)
    body = push.body()
    signed = seal.headers(body, now)
    proof = forged(signed) if push.wrong_signature else signed
    headers = {"Content-Type": "application/json; charset=utf-8", **proof}
    return await asyncio.to_thread(_post, host, port, path, body, headers)


def _address(url: str) -> tuple[str, int, str]:
    try:
        where = urlsplit(url)
        port = where.port or 80
    except ValueError as unreadable:
        raise NotHere(url) from unreadable
    if where.scheme != "http" or where.hostname not in _LOOPBACK:
        raise NotHere(url)
    return where.hostname, port, quote(where.path or "/", safe="/%")


def _post(host: str, port: int, path: str, body: bytes, headers: dict[str, str]) -> Reply:
    connection = HTTPConnection(host, port, timeout=_SECONDS)
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        content = response.read(_MOST_BYTES)
    except HTTPException as strange:
        raise OSError(f"no HTTP answer: {strange!r}") from strange
    finally:
        connection.close()
    try:
        return Reply(response.status, json.loads(content))
    except ValueError:
        return Reply(response.status, None)
