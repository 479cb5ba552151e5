"""Whoever waits for quiet waits as long as anything moves, and names who does not come to an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.http import client
from sikua_cli.demo.clock import until_quiet
from sikua_cli.demo.offices import Offices
from sikua_cli.trouble import Trouble

PATIENCE_SECONDS = 0.3


class Answering(httpx.AsyncBaseTransport):
    """Seven services, of which the scheduler is at work: `left` says how much it has to do when asked once more."""

    def __init__(self, left: Callable[[int], int]) -> None:
        self._left = left
        self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        service = request.url.path.split("/")[1]
        self.asked += service == "scheduler"
        left = self._left(self.asked) if service == "scheduler" else 0
        return httpx.Response(200, json=status(service, left))


def status(service: str, left: int) -> dict[str, Any]:
    return {
        "service": service,
        "quiet": left == 0,
        "published": 7,
        "outbox": 0,
        "logs": {},
        "works": {"climb": left},
        "halted": None,
        "failures": {},
    }


async def waited(left: Callable[[int], int]) -> Answering:
    answering = Answering(left)
    async with client("http://door", transport=answering) as http:
        await until_quiet(Offices(http, LocalIssuer.fresh()), PATIENCE_SECONDS)
    return answering


async def test_slow_work_is_waited_for_far_beyond_patience() -> None:
    answering = await waited(lambda asked: max(20 - asked, 0))
    assert answering.asked == 21


async def test_work_that_does_not_move_is_named() -> None:
    with pytest.raises(Trouble, match=r"nothing has moved for a while: scheduler \(climb 3\)"):
        await waited(lambda _asked: 3)
