"""Whatever a real server sends back, our side of the gateway makes one of the agreed answers of it, within its time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from sikua_bridge.answers import Answer, Found, NoSuchSubject, NotYet, Refused, TryLater, Unreadable
from sikua_bridge.datasets import KeyKind
from sikua_bridge.department import Question
from sikua_bridge.gateway import Gateway
from sikua_bridge.settings import BridgeSettings
from sikua_tax_bridge.department import DEPARTMENT

QUESTION = Question("tax.registration", KeyKind.USCC, "91370211MA3C00011M")
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass
class Odd:
    """A server that answers every call with the same status, headers and body, `delay` seconds late."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    calls: int = 0

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Send) -> None:
        """Answer one call."""
        self.calls += 1
        await asyncio.sleep(self.delay)
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


@asynccontextmanager
async def gateway(app: Any, **settings: Any) -> AsyncIterator[Gateway]:
    """The tax bridge's side of a gateway, before this application on a loopback port of its own."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None, access_log=False))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    ours = Gateway(DEPARTMENT, BridgeSettings(department_url=url, **settings))
    await ours.open()
    try:
        yield ours
    finally:
        await ours.close()
        server.should_exit = True
        await task


async def asked(odd: Odd, **settings: Any) -> Answer:
    async with gateway(odd, **settings) as ours:
        return await ours.ask(QUESTION)


def said(**document: Any) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (Odd(429), TryLater("rate_limited", 1.0)),
        (Odd(429, headers={"Retry-After": "7"}), TryLater("rate_limited", 7.0)),
        (Odd(429, headers={"Retry-After": "nan"}), TryLater("rate_limited", 0.0)),
        (Odd(429, headers={"Retry-After": "Mon, 02 Mar 2026 09:00:00 GMT"}), TryLater("rate_limited", 1.0)),
        (Odd(503, headers={"Retry-After": "9999999"}), TryLater("http_503", 86_400.0, broken=True)),
        (Odd(500), TryLater("http_500", None, broken=True)),
        (Odd(408), TryLater("http_408", None, broken=True)),
        (Odd(404, b"no\x00thing"), Refused("http_404", "no\ufffdthing")),
        (Odd(302, headers={"Location": "http://127.0.0.1:9/"}), Refused("http_302", "")),
        (Odd(200, said(code="0", data=[{"a": 1}])), Found(({"a": 1},))),
        (Odd(200, said(code=0, data=[], simulated=True)), Found((), simulated=True)),
        (Odd(200, said(code="40404")), NoSuchSubject("查无此纳税人 · no such taxpayer")),
        (Odd(200, said(code="9\x00", msg="\ud800" * 400)), Refused("9\ufffd", "\ufffd" * 300)),
        (Odd(200, b"no gzip at all", {"Content-Encoding": "gzip"}), TryLater("away: DecodingError", broken=True)),
    ],
)
async def test_each_reply_has_its_answer(odd: Odd, expected: Answer) -> None:
    assert await asked(odd) == expected


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "JSONDecodeError"),
        (b"<html>", "JSONDecodeError"),
        (b"[]", "TypeError"),
        (b"null", "TypeError"),
        (b"[" * 50_000, "RecursionError"),
        (b'{"code": NaN}', "ValueError"),
        (b"{\xff\xff}", "UnicodeDecodeError"),
        (said(code="0", data={"a": 1}), "TypeError"),
        (said(code="0", data=[1]), "TypeError"),
        (said(code="0"), "missing 'data'"),
        (said(code="0", data=[], xcgxsj="2026-03-02 09:00:00"), "expected a moment with offset"),
        (said(code="20201"), "missing 'askAgainAt'"),
        (said(code="20201", askAgainAt="9999-12-31T23:59:59-08:00"), "expected a moment between"),
    ],
)
async def test_what_is_no_agreed_answer_is_kept_as_it_came_with_a_reason(body: bytes, reason: str) -> None:
    answer = await asked(Odd(200, body))
    assert isinstance(answer, Unreadable)
    assert reason in answer.reason
    assert answer.raw == body.decode("utf-8", "replace")


async def test_an_answer_without_end_is_cut_off() -> None:
    answer = await asked(Odd(200, b'"' + b"a" * 3_000_000 + b'"'))
    assert isinstance(answer, Unreadable)
    assert answer.reason == "answer_too_long"
    assert len(answer.raw) < 3_000_000


async def test_not_yet_carries_its_moment() -> None:
    answer = await asked(Odd(200, said(code="20201", askAgainAt="2026-03-09T09:00:00+08:00")))
    assert isinstance(answer, NotYet)
    assert answer.ask_at.isoformat() == "2026-03-09T09:00:00+08:00"


async def test_a_reply_that_is_too_late_is_no_reply() -> None:
    assert await asked(Odd(200, said(code="40404"), delay=1.0), timeout_seconds=0.2) == TryLater("slow", broken=True)


async def test_being_told_to_slow_down_does_not_open_the_breaker_and_failing_does() -> None:
    busy = Odd(429, headers={"Retry-After": "0"})
    async with gateway(busy, breaker_threshold=2, breaker_rest_seconds=30.0) as ours:
        assert [await ours.ask(QUESTION) for _ in range(5)] == [TryLater("rate_limited", 0.0)] * 5
        busy.status = 500
        answers = [await ours.ask(QUESTION) for _ in range(5)]
    assert [answer.reason for answer in answers if isinstance(answer, TryLater)] == ["http_500"] * 2 + [
        "breaker_open"
    ] * 3
    assert busy.calls == 7


async def test_no_more_calls_are_under_way_than_agreed() -> None:
    slow, most, now = Odd(200, said(code="40404"), delay=0.05), 0, 0

    async def counted(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Send) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await slow(scope, receive, send)
        now -= 1

    async with gateway(counted, most_in_flight=3) as ours:
        answers = await asyncio.gather(*(ours.ask(QUESTION) for _ in range(12)))
    assert {type(answer) for answer in answers} == {NoSuchSubject}
    assert most == 3


@pytest.mark.parametrize(("rate", "most", "lease"), [(200.0, 8, 20.0), (1.0, 5, 20.0), (0.05, 1, 35.0)])
def test_no_more_is_claimed_than_can_be_asked_within_the_lease(rate: float, most: int, lease: float) -> None:
    ours = Gateway(DEPARTMENT, BridgeSettings(calls_per_second=rate))
    assert (ours.most_at_once, ours.lease_seconds) == (most, lease)
    assert ours.most_at_once / rate + 10.0 < ours.lease_seconds + 5.0
