"""A patient client asks again while the other side is away, and only then, and not for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from itertools import repeat

import httpx
import pytest
from sikua_chassis.http import Patient, client

Answer = Callable[[], httpx.Response]


class Other(httpx.AsyncBaseTransport):
    """The other side: gives these answers, one each time it is asked, and notes what it was asked."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self._answers = iter(answers)
        self.asked: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(await request.aread())
        return next(self._answers)()


class CutShort(httpx.AsyncByteStream):
    """A body whose connection is lost while it is read."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"half":'
        raise httpx.ReadError("lost")


def good() -> httpx.Response:
    return httpx.Response(201, json={"id": "1"})


def away() -> httpx.Response:
    return httpx.Response(503, json={"hop": "registry"}, headers={"Retry-After": "2"})


def refused() -> httpx.Response:
    return httpx.Response(409, json={})


def unreachable() -> httpx.Response:
    raise httpx.ConnectError("nobody listens")


def cut_short() -> httpx.Response:
    return httpx.Response(200, stream=CutShort())


async def asked(other: Other, patience_seconds: float = 30.0) -> httpx.Response:
    async with client("http://other", transport=Patient(other, patience_seconds)) as http:
        return await http.post("/projects", json={"name": "道路"}, headers={"Idempotency-Key": "1"})


@pytest.mark.parametrize("absent", [away, unreachable, cut_short])
async def test_whoever_is_away_is_asked_the_same_again(absent: Answer) -> None:
    other = Other([absent, absent, good])
    answer = await asked(other)
    assert (answer.status_code, answer.json()) == (201, {"id": "1"})
    assert other.asked == [other.asked[0]] * 3


async def test_a_refusal_is_an_answer() -> None:
    other = Other([refused])
    assert (await asked(other)).status_code == 409


async def test_patience_ends_with_the_last_answer_or_failure() -> None:
    assert (await asked(Other(repeat(away)), 0.3)).json() == {"hop": "registry"}
    with pytest.raises(httpx.ConnectError):
        await asked(Other(repeat(unreachable)), 0.3)
