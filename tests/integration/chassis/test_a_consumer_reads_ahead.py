"""A consumer fetches while it handles; logs that are shared out meanwhile are sought anew, and nothing is heard twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sikua_chassis import consumer
from sikua_chassis.bus.embedded import EmbeddedBus, EmbeddedSubscription
from sikua_chassis.bus.port import Assigned, Batch, Revoked
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from sikua_contracts.topics import SPEAKERS
from support.small_services import Heard, closed, listener
from support.system import System


class Shared(EmbeddedSubscription):
    """Stands still after its logs were shared out, until they are sought, as a member of a group does."""

    async def start(self, assigned: Assigned, revoked: Revoked) -> None:
        self._told = assigned, revoked
        await super().start(assigned, revoked)

    async def share_out(self) -> None:
        """The group takes all logs and gives them back."""
        self._positions.clear()
        await self._told[1](self._logs)
        await self._told[0](self._logs)

    async def fetch(self, limit: int, timeout_seconds: float) -> Batch | None:
        if len(self._positions) < len(self._logs):
            await asyncio.sleep(0.01)
            return None
        return await super().fetch(2, timeout_seconds)


class SharingBus(EmbeddedBus):
    def subscribe(self, consumer: str, topics: frozenset[str]) -> Shared:
        logs = {service: (topic,) for topic in topics for service in self._speakers.get(topic, ())}
        self.subscription = Shared(self, logs)
        return self.subscription


async def test_a_log_that_comes_back_while_a_batch_is_handled_is_read_on(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "HAND_OVER_SECONDS", 0.05)
    await system.runtime.bus.stop()
    bus = SharingBus(system.url, SPEAKERS)
    await bus.start()
    system.runtime.bus = bus
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(session: Session, event: Event[Any]) -> None:
        begun.set()
        await go_on.wait()
        await Heard.note(session, event)

    service = await system.start(listener(slow))
    await system.say("scheduler", *[closed("p1")] * 7)
    async with asyncio.timeout(20):
        await begun.wait()
    await bus.subscription.share_out()
    go_on.set()
    await system.quiet()
    assert await Heard.of(service) == [("p1", n) for n in range(1, 8)]


@pytest.mark.parametrize("fails", [False, True])
async def test_what_comes_next_waits_from_the_first_handler_until_the_batch_leaves(system: System, fails: bool) -> None:
    told: list[str] = []

    class Telling(EmbeddedSubscription):
        def hold_back(self) -> None:
            told.append("held back")

        def go_on(self) -> None:
            if told[-1] != "goes on":
                told.append("goes on")

    class TellingBus(EmbeddedBus):
        def subscribe(self, consumer: str, topics: frozenset[str]) -> Telling:
            return Telling(self, {service: (topic,) for topic in topics for service in self._speakers.get(topic, ())})

    async def handler(session: Session, event: Event[Any]) -> None:
        told.append("handled")
        await Heard.note(session, event)
        if fails and told.count("handled") == 1:
            raise ValueError("fails the first time")

    await system.runtime.bus.stop()
    system.runtime.bus = TellingBus(system.url, SPEAKERS)
    await system.runtime.bus.start()
    service = await system.start(listener(handler))
    await system.say("scheduler", closed("p1"))
    await system.quiet()
    assert await Heard.of(service) == [("p1", 1)]
    assert told == ["held back", "handled", "goes on", *["handled", "goes on"] * fails]
