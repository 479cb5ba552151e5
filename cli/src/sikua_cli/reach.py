"""How commands reach the running system: its address, a token, and answers or one clear sentence."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.http import OUTSIDE_ERRORS, Client, Response, client

from sikua_cli.launcher.place import Place
from sikua_cli.trouble import Exit, Trouble

DEFAULT_URL = "http://127.0.0.1:8100"


def address(place: Place) -> str:
    """`SIKUA_URL`, else where the place's note says that somebody runs, else the fixed embedded address."""
    note = place.read(place.running) or {}
    return os.environ.get("SIKUA_URL") or str(note.get("url") or DEFAULT_URL)


def token(place: Place, role: str, name: str) -> str:
    """`SIKUA_TOKEN`, else one of the local issuer."""
    given = os.environ.get("SIKUA_TOKEN")
    if given:
        return given
    if not place.issuer_key.exists():
        raise not_running(address(place))
    return LocalIssuer.at(place.issuer_key).issue(
        f"local:{role}", roles=[role], name=name, unit="sikua", division="370200"
    )


def not_running(url: str) -> Trouble:
    """Nobody answers."""
    return Trouble(
        f"{url} 没有应答,请先执行 sikua up(或 make demo)",
        f"nobody answers at {url}: start the system with sikua up (or make demo)",
        Exit.NOT_RUNNING,
    )


@asynccontextmanager
async def reached(place: Place, role: str, name: str, timeout_seconds: float = 30.0) -> AsyncIterator[Client]:
    """A client of the running system with a token; a lost connection becomes one sentence."""
    url = address(place)
    bearer = token(place, role, name)
    try:
        async with client(url, timeout_seconds=timeout_seconds) as connected:
            connected.headers["Authorization"] = f"Bearer {bearer}"
            yield connected
    except OUTSIDE_ERRORS as error:
        raise not_running(url) from error


def answered(response: Response) -> Any:
    """The JSON of a good answer. Raises Trouble with the problem's own words and every wrong field."""
    if response.is_success:
        return response.json() if response.content else None
    raise refused(response)


def refused(response: Response) -> Trouble:
    """A problem document (RFC 9457) as one sentence."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    title = problem.get("title", f"HTTP {response.status_code}")
    wrong = "; ".join(f"{error['field']}: {error['expected']}" for error in problem.get("errors", []))
    said = " – ".join(part for part in (str(problem.get("detail", "")), wrong) if part)
    return Trouble(
        f"请求被拒绝({response.status_code} {response.request.url.path}):{title}", said or "refused", Exit.REFUSED
    )
