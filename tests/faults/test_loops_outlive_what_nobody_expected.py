"""A relay, a consumer and a lane worker that meet a failure nobody foresaw pause, say so, and go on when it is over."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from support.small_services import Heard, closed, listener
from support.system import System


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


@pytest.mark.parametrize(
    ("schema", "table"),
    [("command-office", "position"), ("command-office", "lane"), ("scheduler", "publication")],
)
async def test_a_table_that_is_not_there_for_a_while_costs_time(system: System, schema: str, table: str) -> None:
    service = await system.start(listener(noted))
    await system.say("scheduler", closed("p1"))
    await system.quiet()
    operator = await asyncpg.connect(system.url)
    try:
        await operator.execute(f'ALTER TABLE "{schema}".{table} RENAME TO away')
        await system.say("scheduler", closed("p1"), closed("p2"))
        await asyncio.sleep(1.0)
        assert await Heard.of(service) == [("p1", 1)]
        await operator.execute(f'ALTER TABLE "{schema}".away RENAME TO {table}')
    finally:
        await operator.close()
    await system.quiet()
    assert await Heard.of(service, "p1") == [("p1", 1), ("p1", 2)]
    assert await Heard.of(service, "p2") == [("p2", 1)]
    client = system.client("command-office", "operator")
    assert (await client.get("/lanes")).json()["items"] == []


async def test_one_lane_that_cannot_be_worked_off_keeps_no_other_waiting(system: System) -> None:
    broken = True

    async def refuse(session: Session, event: Event[Any]) -> None:
        if broken:
            raise ValueError("broken deployment")
        await Heard.note(session, event)

    service = await system.start(listener(refuse))
    await system.say("scheduler", closed("p1"), closed("p2"), closed("p3"))
    client = system.client("command-office", "operator")
    async with asyncio.timeout(60):
        while len(lanes := (await client.get("/lanes")).json()["items"]) < 3:
            await asyncio.sleep(0.05)
    broken = False
    await service.database.pool.execute(
        """UPDATE held SET record = '{"not": "a record"}' WHERE subject = 'p1';
        UPDATE lane SET next_try_at = now() - interval '1 hour' WHERE subject = 'p1'"""
    )
    for lane in lanes[1:]:
        await client.post(f"/lanes/{lane['id']}/redrive")
    async with asyncio.timeout(60):
        while len(await Heard.of(service)) < 2:
            await asyncio.sleep(0.05)
    assert sorted(await Heard.of(service)) == [("p2", 1), ("p3", 1)]
