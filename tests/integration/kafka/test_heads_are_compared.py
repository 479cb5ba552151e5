"""The comparison of heads finds what is missing and never what is only under way."""

from __future__ import annotations

import asyncio
from typing import Any

from sikua_chassis.gaps import Source
from sikua_chassis.heads import HeadAudit
from sikua_chassis.held_lanes import HeldLanes
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from sikua_contracts.topics import STEPS
from support.small_services import Heard, closed, listener, silent
from support.system import System

PROJECTS = 5


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


async def audited(system: System) -> tuple[HeadAudit, asyncio.Event]:
    """An audit of a running listener against the scheduler's own answer."""
    await system.start(silent("scheduler"))
    services = {"scheduler": await system.serve("scheduler")}
    service = await system.start(listener(noted))
    assert service.consumer is not None
    source = Source(services, system.runtime.service_token)
    held = HeldLanes(service.database, service.consumer, service.inbox, source.events)
    return HeadAudit(service.database, service.consumer, held, source, {STEPS}), asyncio.Event()


async def test_events_under_way_are_not_taken_for_lost(distributed: System) -> None:
    audit, ended = await audited(distributed)

    async def say_all_the_time() -> int:
        rounds = 0
        while not ended.is_set():
            await distributed.say("scheduler", *(closed(f"p{n}") for n in range(PROJECTS)))
            rounds += 1
        return rounds

    saying = asyncio.create_task(say_all_the_time())
    found = [await audit.audit() for _ in range(10)]
    ended.set()
    rounds = await saying
    await distributed.quiet()
    heard = await Heard.of(distributed.services["command-office"])
    assert found == [0] * 10
    assert len(heard) == rounds * PROJECTS


async def test_streams_are_told_page_by_page_with_what_is_published(distributed: System) -> None:
    await audited(distributed)
    await distributed.say("scheduler", *(closed(f"p{n}") for n in range(PROJECTS)), closed("p3"))
    await distributed.quiet()
    client = distributed.client("scheduler", "service")
    found: dict[str, int] = {}
    after: str | None = ""
    while after is not None:
        page = (await client.get("/streams", params={"topic": STEPS, "after": after, "limit": 2})).json()
        found |= {item["subject"]: item["sequence"] for item in page["items"]}
        after = page["next"]
    assert found == {"p0": 1, "p1": 1, "p2": 1, "p3": 2, "p4": 1}
