"""Claim, ask, record: a crash in between, an answer that comes late, two replicas, and a question that never comes to an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sikua_bridge.answers import Found, NoSuchSubject
from sikua_bridge.enquiries import store, work
from sikua_bridge.enquiries.store import Claimed
from sikua_chassis.service import Service
from sikua_chassis.status import status_of
from sikua_simulators.departments import Fault, FaultKind
from support.bridges import Bridges, build_of_bridge

DATASET = "tax.registration"


async def stopped(bridges: Bridges) -> tuple[Service, str]:
    """A tax bridge that heard of a project and then stopped asking; its service and the company's USCC."""
    known = bridges.seek(lambda each: len(each.company.registration.revisions) == 1, established=True)
    bridges.departments.faults["tax"].add(Fault(kind=FaultKind.ASK_LATER, count=3, days=1))
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    service = bridges.system.services["tax-bridge"]
    for task in service._tasks:
        if task.get_name().endswith("enquire"):
            task.cancel()
    await bridges.rows("tax", "UPDATE enquiry SET ask_at = $1", bridges.system.runtime.clock.now())
    return service, known.company.uscc


async def claimed(service: Service) -> dict[str, Claimed]:
    """Claim as the worker does; by dataset."""
    async with service.database.unit_of_work() as session:
        return {claim.dataset: claim for claim in await store.claim(session, 40)}


async def record(service: Service, claim: Claimed, answer: Any) -> None:
    async with service.database.unit_of_work() as session:
        await work.record(session, claim, answer)


async def lapse(bridges: Bridges) -> None:
    """The leases run out, as they do when a process died."""
    await bridges.rows(
        "tax", "UPDATE enquiry SET claimed_until = now() - interval '1 second' WHERE claimed_until IS NOT NULL"
    )


async def facts(bridges: Bridges) -> list[str]:
    rows = await bridges.rows(
        "tax",
        "SELECT type FROM (SELECT type, payload, sequence FROM outbox UNION ALL SELECT type, payload, sequence FROM published)"
        " AS said WHERE payload->>'dataset' = $1 ORDER BY sequence",
        DATASET,
    )
    return [row["type"].split(".")[3] for row in rows][1:]


async def test_what_is_claimed_is_claimed_by_nobody_else_until_its_lease_runs_out(bridges: Bridges) -> None:
    service, _ = await stopped(bridges)
    assert len(await claimed(service)) == 3
    assert await claimed(service) == {}
    assert (await status_of(service)).works == {"enquire": 3}
    await lapse(bridges)
    again = await claimed(service)
    assert {claim.attempts for claim in again.values()} == {2}


async def test_a_crash_between_asking_and_recording_asks_again_and_states_once(bridges: Bridges) -> None:
    service, _ = await stopped(bridges)
    first = await claimed(service)
    answer = await work.act(service.database.tools, first[DATASET])
    assert isinstance(answer, Found)
    await lapse(bridges)

    second = await claimed(service)
    await record(service, second[DATASET], await work.act(service.database.tools, second[DATASET]))
    assert await facts(bridges) == ["reported"]


async def test_an_answer_that_comes_after_somebody_else_has_claimed_is_not_recorded(bridges: Bridges) -> None:
    service, _ = await stopped(bridges)
    first = await claimed(service)
    await lapse(bridges)
    second = await claimed(service)
    await record(service, second[DATASET], await work.act(service.database.tools, second[DATASET]))
    await record(service, first[DATASET], NoSuchSubject("late and wrong"))
    assert await facts(bridges) == ["reported"]
    assert (await bridges.enquiry("tax", DATASET))["state"] == "found"


async def test_a_late_answer_counts_while_nobody_else_has_claimed(bridges: Bridges) -> None:
    service, _ = await stopped(bridges)
    first = await claimed(service)
    await lapse(bridges)
    await record(service, first[DATASET], await work.act(service.database.tools, first[DATASET]))
    assert await facts(bridges) == ["reported"]


async def test_a_question_that_never_comes_to_an_end_is_quarantined_and_the_bridge_is_quiet(bridges: Bridges) -> None:
    service, uscc = await stopped(bridges)
    attempts = service.database.tools.backoff.attempts
    for _ in range(attempts):
        assert DATASET in await claimed(service)
        await lapse(bridges)
    last = (await claimed(service))[DATASET]
    before = bridges.calls("tax")
    await record(service, last, await work.act(service.database.tools, last))
    assert bridges.calls("tax") == before
    (kept,) = await bridges.page("tax", "/quarantine")
    assert (kept["key"], kept["form"]) == (uscc, "answer")
    assert "never recorded" in kept["reason"]
    assert (await bridges.enquiry("tax", DATASET))["state"] == "quarantined"


async def test_a_project_that_links_while_an_answer_is_recorded_is_not_forgotten(bridges: Bridges) -> None:
    service, uscc = await stopped(bridges)
    first = await claimed(service)
    answer = await work.act(service.database.tools, first[DATASET])
    recording = [asyncio.create_task(record(service, claim, answer)) for claim in first.values()]
    await bridges.announce("p-2", "同时来的项目", uscc=[uscc])
    await asyncio.gather(*recording)
    await bridges.system.quiet()
    said = [fact for fact in await bridges.said("tax", "p-2") if fact["dataset"] == DATASET]
    assert [fact["said"] for fact in said][-1:] == ["reported"]


async def test_rows_with_anything_in_their_text_never_stop_the_worker(bridges: Bridges) -> None:
    service, uscc = await stopped(bridges)
    strange = {"nsrsbh": uscc, "nsrmc": "a\x00\ud800", "nsrzt": "\x00", "djrq": "\x00", "gxsj": {"deep": "\ud800"}}
    first = await claimed(service)
    await record(service, first[DATASET], Found((strange, {"nsrsbh": uscc, "nsrzt": ["03"]}, {})))
    assert len(await bridges.page("tax", "/quarantine")) == 3
    assert await facts(bridges) == []


@asynccontextmanager
async def second_replica(bridges: Bridges, **settings: Any) -> AsyncIterator[Service]:
    """Another process of the tax bridge, as far as the database can tell: its own pool, breaker and pace."""
    replica = build_of_bridge("tax", bridges.departments.urls["tax"], **settings)(bridges.system.runtime)
    await replica.start()
    try:
        yield replica
    finally:
        await replica.stop()


async def test_two_replicas_share_the_questions_and_nothing_is_asked_or_said_twice(bridges: Bridges) -> None:
    await bridges.start("tax")
    async with second_replica(bridges) as replica:
        for number in range(25):
            known = bridges.seek(lambda each: True, established=True, name=f"甲{number}", investor=f"甲{number}集团")
            await bridges.announce(f"p-{number:02}", known.seed.name, uscc=[known.company.uscc])
        await bridges.system.quiet(60)
        assert bridges.calls("tax") == 75
        assert {call["outcome"] for call in bridges.departments.calls["tax"].newest} == {"answered"}
        recorded = [each.workers[0].recorded for each in (bridges.system.services["tax-bridge"], replica)]
        assert sum(recorded) == 75
    stated = [fact["fact_id"] for fact in await bridges.said("tax") if fact["said"] == "reported"]
    assert len(stated) == len(set(stated))


async def test_the_open_breaker_of_one_replica_does_not_keep_the_other_from_answering(bridges: Bridges) -> None:
    known = bridges.seek(lambda each: len(each.company.registration.revisions) == 1, established=True)
    await bridges.start("tax", breaker_threshold=1, breaker_rest_seconds=25.0, retry_attempts=20)
    service = bridges.system.services["tax-bridge"]
    for _ in range(20):
        service.database.tools.gateway._breaker.failed(asyncio.get_running_loop().time() + 1000)
    async with second_replica(bridges):
        await bridges.register("p-1", uscc=[known.company.uscc])
    assert (await bridges.enquiry("tax", DATASET))["state"] == "found"
    assert bridges.departments.calls["tax"].by_dataset[DATASET] == 1


async def test_an_idle_bridge_is_quiet_and_does_not_ask(bridges: Bridges) -> None:
    known = bridges.seek(lambda each: len(each.company.registration.revisions) == 1, established=True)
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    service = bridges.system.services["tax-bridge"]
    before = bridges.calls("tax")
    for _ in range(5):
        service.wake()
        await asyncio.sleep(0.05)
        status = await status_of(service)
        assert (status.quiet, status.works, status.behind) == (True, {"enquire": 0}, 0)
    assert bridges.calls("tax") == before
