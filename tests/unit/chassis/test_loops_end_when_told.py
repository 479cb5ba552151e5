"""A loop that is told to end amid a request ends, though the driver makes a failure of its own of being cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.claims import Ticker, Worker
from sikua_chassis.consumer import Consumer
from sikua_chassis.database import Database
from sikua_chassis.flow import Flow, Tick, Work
from sikua_chassis.forgetting import Forgetting
from sikua_chassis.held_lanes import HeldLanes
from sikua_chassis.inbox import Inbox
from sikua_chassis.relay import Relay
from sikua_chassis.supervision import supervised
from sikua_chassis.telemetry.metrics import Metrics
from sikua_chassis.telemetry.traces import tracing

ENDING_SECONDS = 30

URL = "postgresql:///none"
BUS = EmbeddedBus(URL, {})
FLOW = Flow("notifier")

Loop = Callable[[], Awaitable[None]]


class CutOff:
    """A request that is answered never; whoever cancels it is given a failure of the driver's instead."""

    def __init__(self, failure: Exception) -> None:
        self.begun = asyncio.Event()
        self.times = 0
        self._failure = failure

    async def __call__(self, *_: Any) -> Any:
        self.times += 1
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise self._failure from None


def _nothing(*_: Any) -> None:
    """What is told of a failure."""


async def _not_asked_for(*_: Any) -> Any:
    raise AssertionError("not asked for in this test")


def _relay(database: Database, request: CutOff, patch: pytest.MonkeyPatch) -> Loop:
    patch.setattr(Relay, "_hold", request)
    return Relay(database, BUS).run


def _consumer(database: Database, request: CutOff, patch: pytest.MonkeyPatch) -> Loop:
    patch.setattr(Consumer, "_turn", request)
    return _consumer_of(database).run


def _worker(database: Database, request: CutOff, patch: pytest.MonkeyPatch) -> Loop:
    patch.setattr(Worker, "once", request)
    work = Work("work", _not_asked_for, _not_asked_for, _not_asked_for)
    return Worker(work, database, tracing("notifier"), Metrics("notifier")).run


def _ticker(database: Database, request: CutOff, patch: pytest.MonkeyPatch) -> Loop:
    return Ticker(Tick("tick", request), database, Metrics("notifier")).run


def _held_lanes(database: Database, request: CutOff, patch: pytest.MonkeyPatch) -> Loop:
    patch.setattr(HeldLanes, "sweep", request)
    return HeldLanes(database, _consumer_of(database), _inbox(database), _not_asked_for).run


def _forgetting(database: Database, request: CutOff, patch: pytest.MonkeyPatch) -> Loop:
    patch.setattr("sikua_chassis.forgetting.FORGET_SECONDS", 0)
    patch.setattr(Forgetting, "all", request)
    return Forgetting(database, timedelta(hours=1)).run


def _supervised(database: Database, request: CutOff, patch: pytest.MonkeyPatch) -> Loop:
    return lambda: supervised("loop", request, _nothing)


def _inbox(database: Database) -> Inbox:
    return Inbox(database, FLOW, tracing("notifier"))


def _consumer_of(database: Database) -> Consumer:
    return Consumer(database, BUS, FLOW, _inbox(database), Metrics("notifier"))


@pytest.mark.parametrize("loop", [_relay, _consumer, _worker, _ticker, _held_lanes, _forgetting, _supervised])
@pytest.mark.parametrize("failure", [asyncpg.InternalClientError("cut off"), TimeoutError(), OSError("cut off")])
async def test_a_loop_that_is_cut_off_amid_a_request_ends(
    loop: Callable[[Database, CutOff, pytest.MonkeyPatch], Loop], failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(
        URL, "notifier", service="notifier", source="/notifier", business_now=lambda: datetime(2026, 3, 2, tzinfo=UTC)
    )
    request = CutOff(failure)
    running = asyncio.ensure_future(loop(database, request, monkeypatch)())
    async with asyncio.timeout(ENDING_SECONDS):
        await request.begun.wait()
        running.cancel()
        await asyncio.wait({running})
    assert running.cancelled()
    assert request.times == 1
