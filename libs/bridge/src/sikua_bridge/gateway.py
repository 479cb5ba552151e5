"""The door *enquire*: one signed POST to the department, within its rate, behind a breaker, never more than so many at once.

Whatever happens on the way becomes an answer: busy, slow or away is TryLater; outside the agreed form is Unreadable.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping

from aiolimiter import AsyncLimiter
from sikua_chassis.clock import real_now
from sikua_chassis.http import OUTSIDE_ERRORS, TIMEOUTS, Client, client

from sikua_bridge.answers import Answer, Refused, TryLater, Unreadable
from sikua_bridge.breaker import Breaker
from sikua_bridge.department import Department, Question
from sikua_bridge.settings import BridgeSettings

_OK = 200
_BUSY = 429
_SERVER_FAULT = 500
_LONGEST_ANSWER = 2_000_000
_SLOW: tuple[type[Exception], ...] = (TimeoutError, *TIMEOUTS)


class Gateway:
    """Our side of one department's gateway. `open` before use, `close` after."""

    def __init__(self, department: Department, settings: BridgeSettings) -> None:
        self._department = department
        self._settings = settings
        self._signer = department.enquire_signer(
            settings.app_id or department.app_id, settings.secret.get_secret_value()
        )
        self._breaker = Breaker(settings.breaker_threshold, settings.breaker_rest_seconds)
        self._places = asyncio.Semaphore(settings.most_in_flight)
        self._limiter: AsyncLimiter | None = None
        self._client: Client | None = None

    async def open(self) -> None:
        """Make the client."""
        self._limiter = AsyncLimiter(self._settings.calls_per_second, 1.0)
        self._client = client(
            self._settings.department_url or self._department.default_url,
            timeout_seconds=self._settings.timeout_seconds,
            connections=self._settings.most_in_flight,
        )

    async def close(self) -> None:
        """Close the client."""
        found, self._client = self._client, None
        if found is not None:
            await found.aclose()

    async def ask(self, question: Question) -> Answer:
        """Ask once."""
        if self._client is None or self._limiter is None:
            raise RuntimeError("the gateway is not open")
        async with self._places:
            rest = self._breaker.wait_seconds(time.monotonic())
            if rest > 0:
                return TryLater("breaker_open", rest)
            async with self._limiter:
                answer = await self._post(self._client, question)
        if isinstance(answer, TryLater) and answer.after_seconds is None:
            self._breaker.failed(time.monotonic())
        else:
            self._breaker.succeeded()
        return answer

    async def _post(self, to: Client, question: Question) -> Answer:
        call = self._department.ask(question)
        body = json.dumps(call.body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", **self._signer.sign(real_now(), body)}
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                reply = await to.post(call.path, content=body, headers=headers)
        except _SLOW:
            return TryLater("slow")
        except OUTSIDE_ERRORS as trouble:
            return TryLater(f"away: {type(trouble).__name__}")
        return self._read(reply.status_code, reply.headers, reply.content)

    def _read(self, status: int, headers: Mapping[str, str], content: bytes) -> Answer:
        if status == _BUSY:
            return TryLater("rate_limited", _seconds(headers.get("retry-after")) or 1.0)
        if status >= _SERVER_FAULT:
            return TryLater(f"http_{status}")
        if status != _OK:
            return Refused(f"http_{status}", content[:200].decode("utf-8", "replace"))
        if len(content) > _LONGEST_ANSWER:
            return Unreadable("answer_too_long", content[:4000].decode("utf-8", "replace"))
        text = content.decode("utf-8", "replace")
        try:
            return self._department.read(json.loads(content))
        except (ValueError, KeyError, TypeError, AttributeError) as trouble:
            return Unreadable(f"{type(trouble).__name__}: {trouble}"[:300], text)


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
