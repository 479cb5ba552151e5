"""A department pushes by itself: rows in its own words, signed, to the door *receive* of a bridge."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from sikua_simulators.departments.signatures import Seal
from sikua_simulators.departments.timelines import Row

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SECONDS = 20


class NotHere(ValueError):
    """A simulated department speaks to bridges of its own machine only."""


@dataclass(frozen=True)
class Push:
    """Rows of one dataset for one door. `url` is the bridge's `…/receive` on this machine, plain HTTP."""

    url: str
    dataset: str
    batch_id: str
    rows: Sequence[Row]

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
    where = urlsplit(push.url)
    if where.scheme != "http" or where.hostname not in _LOOPBACK:
        raise NotHere(push.url)
    body = push.body()
    headers = {"Content-Type": "application/json; charset=utf-8", **seal.headers(body, now)}
    return await asyncio.to_thread(_post, where.hostname, where.port or 80, where.path or "/", body, headers)


def _post(host: str, port: int, path: str, body: bytes, headers: dict[str, str]) -> Reply:
    connection = HTTPConnection(host, port, timeout=_SECONDS)
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    try:
        return Reply(response.status, json.loads(content))
    except ValueError:
        return Reply(response.status, None)
