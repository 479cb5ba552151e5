"""One event is written by a statement of its own, several by another: a stream goes on through both without a seam."""

import asyncio
from typing import Any

from sikua_chassis import outbox
from sikua_chassis.service import Service
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from support.small_services import Heard, closed, listener
from support.system import System

LOG = """SELECT id, aggregatetype, aggregateid, type, payload::text, source, sequence, previousid, headers::text
FROM published ORDER BY position"""


async def log_of(service: Service, wanted: int) -> list[dict[str, Any]]:
    """The published log, once it holds so many."""
    async with asyncio.timeout(20):
        while len(rows := await service.database.pool.fetch(LOG)) < wanted:
            await asyncio.sleep(0.02)
    return [dict(row) for row in rows]


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


async def test_a_stream_goes_on_through_units_that_say_one_thing_and_several(system: System) -> None:
    service = await system.start(listener(noted))
    database = service.database
    said = []
    for reasons in (["a"], ["b"], ["c", "d"], ["e"]):
        async with database.unit_of_work() as session:
            said += [outbox.publish(session, closed("p1", reason)) for reason in reasons]
    rows = await log_of(service, len(said))
    assert [row["sequence"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["id"] for row in rows] == [event.id for event in said]
    assert [row["previousid"] for row in rows] == [None, *(event.id for event in said[:-1])]


async def test_one_event_is_written_as_it_is_among_others(system: System) -> None:
    service = await system.start(listener(noted))
    database = service.database
    async with database.unit_of_work() as session:
        alone = outbox.publish(session, closed("alone"))
    async with database.unit_of_work() as session:
        outbox.publish(session, closed("one of two"))
        outbox.publish(session, closed("two of two"))
    log = {row["aggregateid"]: row for row in await log_of(service, 3)}
    first, others = log.pop("alone"), log.values()
    assert first["id"] == alone.id
    assert first["payload"] == alone.data.model_dump_json()
    for other in others:
        for name in ("aggregatetype", "type", "source", "sequence", "previousid", "headers"):
            assert first[name] == other[name]
