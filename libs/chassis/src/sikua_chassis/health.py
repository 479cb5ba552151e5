"""Alive and ready: `/livez` asks nobody, `/readyz` walks the real path and says what does not answer.

`?verbose` lists every check: `[+]name ok`, `[!]name degraded: …` where the service still answers and accepts, `[-]name failed: …`
where it does not. Machines read the status code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse

CHECK_SECONDS = 2.0

_LEFT: set[asyncio.Future[str | None]] = set()

Check = Callable[[], Awaitable[str | None]]
"""Returns when all is well, perhaps with figures; raises with the reason otherwise, Degraded when requests need not care."""


_NOT_READY: dict[int | str, dict[str, Any]] = {503: {"description": "Not ready", "content": {"text/plain": {}}}}


class Degraded(Exception):
    """Something behind the service does not go on; it answers and accepts all the same, and what it accepts waits.

    A broker that is away must not take every replica out of service: then nothing would be accepted any more.
    """


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check; `failure` and `degraded` are empty when it passed, `note` has figures."""

    name: str
    failure: str = ""
    degraded: str = ""
    note: str = ""

    def line(self) -> str:
        """As Kubernetes prints it, with one more sign for what is degraded."""
        if self.failure:
            return f"[-]{self.name} failed: {self.failure}"
        if self.degraded:
            return f"[!]{self.name} degraded: {self.degraded}"
        return f"[+]{self.name} ok{': ' if self.note else ''}{self.note}"


async def examine(checks: Mapping[str, Check], timeout_seconds: float = CHECK_SECONDS) -> list[Verdict]:
    """Run all checks at once, each no longer than the timeout; verdicts in the order of the checks."""
    return list(await asyncio.gather(*(_examine(name, check, timeout_seconds) for name, check in checks.items())))


def health_router(checks: Callable[[], Mapping[str, Check]]) -> APIRouter:
    """`GET /livez` and `GET /readyz`, open to everybody, without details but for names of checks and counts."""
    router = APIRouter(tags=["health"])

    @router.get("/livez", response_class=PlainTextResponse)
    async def livez() -> str:
        """The process answers; nothing else is asked."""
        return "ok"

    @router.get("/readyz", response_class=PlainTextResponse, responses=_NOT_READY)
    async def readyz(request: Request) -> PlainTextResponse:
        """Ready to serve: everything on the way answers. 503 otherwise."""
        verdicts = await examine(checks())
        ready = not any(verdict.failure for verdict in verdicts)
        return PlainTextResponse(_report(verdicts, ready, "verbose" in request.query_params), 200 if ready else 503)

    return router


def _report(verdicts: Sequence[Verdict], ready: bool, verbose: bool) -> str:
    closing = "readyz check passed" if ready else "readyz check failed"
    if verbose or not ready:
        return "\n".join([*(verdict.line() for verdict in verdicts), closing, ""])
    return "ok"


async def _examine(name: str, check: Check, timeout_seconds: float) -> Verdict:
    task = asyncio.ensure_future(check())
    try:
        await asyncio.wait({task}, timeout=timeout_seconds)
        if not task.done():
            return Verdict(name, f"no answer within {timeout_seconds:g} s")
        failure = task.exception()
        if isinstance(failure, Degraded):
            return Verdict(name, degraded=str(failure))
        if failure is not None:
            return Verdict(name, type(failure).__name__)
        return Verdict(name, note=task.result() or "")
    finally:
        # A frozen database takes its time to let go, too; nobody waits for that.
        if not task.done():
            task.cancel()
            _LEFT.add(task)
            task.add_done_callback(_forget)


def _forget(task: asyncio.Future[str | None]) -> None:
    _LEFT.discard(task)
    if not task.cancelled():
        task.exception()
