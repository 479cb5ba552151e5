"""How many statements a unit of work and a batch cost, exactly: the path's speed rests on it."""

import asyncio
from typing import Any

from sikua_chassis import outbox
from sikua_chassis.claims import Worker
from sikua_chassis.flow import Work
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from support.small_services import Heard, closed, listener, seen
from support.system import System


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


async def test_a_unit_that_only_writes_and_says_is_one_statement(system: System) -> None:
    service = await system.start(listener(noted))
    database = service.database
    before = database.statements
    async with database.unit_of_work() as session:
        session.gather(Heard.write, "p1", 1, "a")
        session.gather("UPDATE lane SET attempts = 2 WHERE subject = $1", "nobody")
        outbox.publish(session, closed("p1"))
        outbox.publish(session, closed("p2"))
    assert database.statements - before == 1


async def test_two_writes_to_one_table_go_one_after_the_other_and_the_later_wins(system: System) -> None:
    service = await system.start(listener(noted))
    database = service.database
    before = database.statements
    async with database.unit_of_work() as session:
        session.gather("DELETE FROM heard WHERE subject = $1", "p1")
        session.gather(Heard.write, "p1", 1, "a")
        session.gather("DELETE FROM heard WHERE subject = $1", "p1")
        session.gather(Heard.write, "p1", 2, "b")
    assert await Heard.of(service) == [("p1", 2)]
    assert database.statements - before == 4


async def test_a_unit_that_reads_first_costs_its_reads_and_its_writes(system: System) -> None:
    service = await system.start(listener(noted))
    database = service.database
    before = database.statements
    async with database.unit_of_work() as session:
        await session.fetchval("SELECT count(*) FROM heard")
        session.gather(Heard.write, "p1", 1, "a")
        outbox.publish(session, closed("p1"))
    assert database.statements - before == 3


async def test_what_was_gathered_is_sent_before_a_read_that_names_its_table_and_no_other(system: System) -> None:
    service = await system.start(listener(noted))
    database = service.database
    before = database.statements
    async with database.unit_of_work() as session:
        session.gather(Heard.write, "p1", 1, "a")
        await session.fetchval("SELECT count(*) FROM lane")
        assert session.gathering.parts
        assert await session.fetchval("SELECT count(*) FROM heard") == 1
        session.gather(Heard.write, "p1", 2, "b")
        assert await session.execute("UPDATE lane SET attempts = 2 WHERE subject = 'nobody'") == "UPDATE 0"
        assert not session.gathering.parts
    assert database.statements - before == 5


async def test_a_batch_costs_two_statements_however_many_events_it_has(system: System) -> None:
    service = await system.start(listener(noted))
    before = service.database.statements
    await system.say("scheduler", *(closed(f"p{n}") for n in range(150)))
    async with asyncio.timeout(60):
        while len(await Heard.of(service)) < 150:
            await asyncio.sleep(0.02)
    # Position and lanes, and what the handlers gathered as one.
    assert service.database.statements - before == 2


async def test_only_a_unit_that_says_something_wakes_the_relay(system: System) -> None:
    service = await system.start(listener(noted))
    database = service.database
    before = database.said.generation
    async with database.unit_of_work() as session:
        session.gather(Heard.write, "p1", 1, "a")
    assert database.said.generation == before
    async with database.unit_of_work() as session:
        outbox.publish(session, closed("p1"))
    assert database.said.generation > before


async def test_what_is_said_event_by_event_wakes_the_relay_too(system: System) -> None:
    async def answers(session: Session, event: Event[Any]) -> None:
        if event.subject == "p2":
            raise ValueError("this one fails, so the batch is run event by event")
        outbox.publish(session, seen(event.subject))

    service = await system.start(listener(answers))
    before = service.database.said.generation
    await system.say("scheduler", closed("p1"), closed("p2"))
    async with asyncio.timeout(20):
        while service.database.said.generation == before:
            await asyncio.sleep(0.02)


async def test_looking_for_work_costs_one_question_where_nothing_is_due(system: System) -> None:
    due, claimed = [0], list[bool]()

    async def claim(session: Session, _limit: int) -> list[Any]:
        await session.fetchval("SELECT 1")
        claimed.append(True)
        due[0] = 0
        return []

    async def count(session: Session) -> int:
        return int(await session.fetchval("SELECT $1::int", due[0]))

    service = await system.start(listener(noted))
    database = service.database
    worker = Worker(Work("work", claim, claim, count), database, service.tracing, service.metrics)
    before = database.statements
    assert await worker.once() == 0
    assert (database.statements - before, claimed) == (1, [])
    due[0] = 1
    assert await worker.once() == 0
    assert (database.statements - before, claimed) == (3, [True])


async def test_a_claim_of_one_statement_is_asked_alone(system: System) -> None:
    transactions = list[bool]()

    async def claim(session: Session, _limit: int) -> list[Any]:
        await session.fetchval("SELECT 1")
        transactions.append(session._connection.in_transaction)
        return []

    async def never(_session: Session) -> int:
        raise AssertionError("nobody asks before")

    service = await system.start(listener(noted))
    for at_once in (True, False):
        work = Work("work", claim, claim, never if at_once else _one, claims_at_once=at_once)
        await Worker(work, service.database, service.tracing, service.metrics).once()
    assert transactions == [False, True]


async def _one(_session: Session) -> int:
    return 1
