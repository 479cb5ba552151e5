"""The door *enquire*: one signed POST to the department, at its pace, behind a breaker, never more than so many at once.

Whatever happens on the way becomes an answer: busy, slow or away is TryLater; outside the agreed form is Unreadable.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import replace

from sikua_chassis.clock import real_now
from sikua_chassis.http import OUTSIDE_ERRORS, TIMEOUTS, Client, client

from sikua_bridge.answers import Answer, NotYet, Refused, TryLater, Unreadable
from sikua_bridge.breaker import Breaker
from sikua_bridge.datasets import UNREADABLE, flaw
from sikua_bridge.department import Department, Question
from sikua_bridge.documents import read_document
from sikua_bridge.fields import storable
from sikua_bridge.pace import Pace
from sikua_bridge.settings import BridgeSettings

AHEAD_SECONDS = 5.0
"""No more is claimed than can be asked within this time, so that nothing claimed waits long for its turn."""

_OK = 200
_BUSY = 429
_LATER = frozenset({408, 425})
_SERVER_FAULT = 500
_LONGEST_ANSWER = 2_000_000
_LONGEST_REASON = 300
_RECORDING_SECONDS = 5.0
_SLOW: tuple[type[Exception], ...] = (TimeoutError, *TIMEOUTS)


class Gateway:
    """Our side of one department's gateway. `open` before use, `close` after. Pace and breaker are this process's own."""

    def __init__(self, department: Department, settings: BridgeSettings) -> None:
        self._department = department
        self._settings = settings
        self._signer = department.enquire_signer(
            settings.app_id or department.app_id, settings.secret.get_secret_value()
        )
        self._breaker = Breaker(settings.breaker_threshold, settings.breaker_rest_seconds)
        self._pace = Pace(settings.calls_per_second, min(settings.most_in_flight, int(settings.calls_per_second) or 1))
        self._places = asyncio.Semaphore(settings.most_in_flight)
        self._client: Client | None = None

    @property
    def most_at_once(self) -> int:
        """How many enquiries may be claimed together."""
        return min(self._settings.most_in_flight, max(1, int(self._settings.calls_per_second * AHEAD_SECONDS)))

    @property
    def lease_seconds(self) -> float:
        """How long a claim must hold: until its turn comes, the department has answered and the answer is recorded."""
        waiting = max(AHEAD_SECONDS, 1.0 / self._settings.calls_per_second)
        return waiting + self._settings.timeout_seconds + _RECORDING_SECONDS

    async def open(self) -> None:
        """Make the client."""
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
        if self._client is None:
            raise RuntimeError("the gateway is not open")
        async with self._places:
            if self._breaker.wait_seconds(time.monotonic()) > 0:
                # Another process may be let through: its enquiry should not wait for our breaker's rest.
                return TryLater("breaker_open")
            await asyncio.sleep(self._pace.turn(time.monotonic()))
            answer = await self._post(self._client, question)
        if isinstance(answer, TryLater) and answer.broken:
            self._breaker.failed(time.monotonic())
        else:
            self._breaker.succeeded()
        return answer

    async def _post(self, to: Client, question: Question) -> Answer:
        call = self._department.ask(question)
        body = json.dumps(call.body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", **self._signer.sign(real_now(), body)}
        content = bytearray()
        try:
            async with (
                asyncio.timeout(self._settings.timeout_seconds),
                to.stream("POST", call.path, content=body, headers=headers) as reply,
            ):
                async for chunk in reply.aiter_bytes():
                    content += chunk
                    if len(content) > _LONGEST_ANSWER:
                        break
        except _SLOW:
            return TryLater("slow", broken=True)
        except OUTSIDE_ERRORS as trouble:
            return TryLater(f"away: {type(trouble).__name__}", broken=True)
        return self._read(reply.status_code, reply.headers, bytes(content))

    def _read(self, status: int, headers: Mapping[str, str], content: bytes) -> Answer:
        after = _seconds(headers.get("retry-after"))
        if status == _BUSY:
            return TryLater("rate_limited", 1.0 if after is None else after)
        if status >= _SERVER_FAULT or status in _LATER:
            return TryLater(f"http_{status}", after, broken=True)
        text = content.decode("utf-8", "replace")
        if status != _OK:
            return Refused(f"http_{status}", storable(text, _LONGEST_REASON))
        if len(content) > _LONGEST_ANSWER:
            return Unreadable("answer_too_long", text)
        try:
            return _bounded(self._department.read(read_document(content)))
        except UNREADABLE as trouble:
            return Unreadable(f"unreadable_answer: {flaw(trouble)}", text)


def _bounded(answer: Answer) -> Answer:
    match answer:
        case Refused(code, reason):
            return Refused(storable(code, _LONGEST_REASON), storable(reason, _LONGEST_REASON))
        case NotYet(_, reason):
            return replace(answer, reason=storable(reason, _LONGEST_REASON))
    return answer


def _seconds(text: str | None) -> float | None:
    try:
        return min(max(0.0, float(text)), 86_400.0) if text else None
    except ValueError:
        return None
