"""From one service's database to the next: nothing lost, nothing twice, nothing out of order."""

import asyncio
from typing import Any

import pytest
from sikua_chassis import lanes as waiting_lanes
from sikua_chassis.flow import Hears, NotYet
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from sikua_contracts.notifier import NoticeAcknowledged
from support.small_services import Heard, closed, listener, seen
from support.system import System


@pytest.fixture(params=["system", "distributed"], ids=["embedded", "kafka"])
def system(request: pytest.FixtureRequest) -> System:
    """The same promise over both buses."""
    found: System = request.getfixturevalue(request.param)
    return found


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


async def test_concurrent_writers_leave_streams_without_a_gap(system: System) -> None:
    service = await system.start(listener(noted))
    await asyncio.gather(*(system.say("scheduler", closed(f"p{n % 5}"), closed(f"p{(n + 1) % 5}")) for n in range(60)))
    await system.quiet()
    for project in range(5):
        assert [sequence for _, sequence in await Heard.of(service, f"p{project}")] == list(range(1, 25))


async def test_a_unit_of_work_that_fails_says_nothing(system: System) -> None:
    service = await system.start(listener(noted))
    database = await system.speaker("scheduler")
    from sikua_chassis import outbox

    with pytest.raises(ZeroDivisionError):
        async with database.unit_of_work() as session:
            outbox.publish(session, closed("p1"))
            raise ZeroDivisionError
    await system.say("scheduler", closed("p1"))
    await system.quiet()
    assert await Heard.of(service) == [("p1", 1)]


async def test_an_event_names_the_one_before_it_in_its_stream(system: System) -> None:
    chain: list[tuple[str, str | None]] = []

    async def follow(session: Session, event: Event[Any]) -> None:
        chain.append((event.id, event.previousid))

    await system.start(listener(follow))
    await system.say("scheduler", closed("p1"), closed("p1"))
    await system.say("scheduler", closed("p1"))
    await system.quiet()
    assert [previous for _, previous in chain] == [None, chain[0][0], chain[1][0]]


async def test_a_held_event_of_one_project_leaves_every_other_project_flowing(system: System) -> None:
    async def refuse_p1(session: Session, event: Event[Any]) -> None:
        await Heard.note(session, event)
        if event.subject == "p1" and event.sequence == 2:
            raise ValueError("cannot be handled")

    service = await system.start(listener(refuse_p1))
    for _ in range(3):
        await system.say("scheduler", *(closed(f"p{n}") for n in range(4)))
    async with asyncio.timeout(60):
        while [len(await Heard.of(service, f"p{n}")) for n in range(4)] != [3, 1, 3, 3]:
            await asyncio.sleep(0.05)
    client = system.client("command-office", "operator")
    lanes = (await client.get("/lanes")).json()["items"]
    assert [(lane["subject"], lane["sequence"], lane["held"], lane["cause"]) for lane in lanes] == [
        ("p1", 1, 2, "handler_failed")
    ]


@pytest.mark.parametrize("refused_by", ["handler", "database"])
async def test_a_redriven_lane_goes_on_in_order_when_its_handler_is_mended(
    system: System, monkeypatch: pytest.MonkeyPatch, refused_by: str
) -> None:
    # Long enough that the lane goes on because somebody said so, and not by itself.
    monkeypatch.setattr(waiting_lanes, "FIRST_RETRY_SECONDS", 1000.0)
    monkeypatch.setattr(waiting_lanes, "LONGEST_RETRY_SECONDS", 1000.0)
    broken = True

    async def maybe(session: Session, event: Event[Any]) -> None:
        if broken and event.sequence == 2:
            if refused_by == "handler":
                raise ValueError("broken deployment")
            # The handler goes well; what it gathered does not.
            session.gather("INSERT INTO heard (sequence) SELECT 1 / $1::bigint", 0)
        await Heard.note(session, event)

    service = await system.start(listener(maybe))
    await system.say("scheduler", closed("p1"), closed("p1"), closed("p1"))
    client = system.client("command-office", "operator")
    async with asyncio.timeout(60):
        while not (lanes := (await client.get("/lanes")).json()["items"]):
            await asyncio.sleep(0.05)
    broken = False
    assert (await client.post(f"/lanes/{lanes[0]['id']}/redrive")).status_code == 202
    await system.quiet()
    assert await Heard.of(service, "p1") == [("p1", 1), ("p1", 2), ("p1", 3)]
    assert (await client.get("/lanes")).json()["items"] == []


async def test_a_discarded_event_is_kept_and_its_lane_goes_on(system: System) -> None:
    async def refuse_second(session: Session, event: Event[Any]) -> None:
        if event.sequence == 2:
            raise ValueError("poison")
        await Heard.note(session, event)

    service = await system.start(listener(refuse_second))
    await system.say("scheduler", closed("p1"), closed("p1"), closed("p1"))
    client = system.client("command-office", "operator")
    async with asyncio.timeout(60):
        while not (lanes := (await client.get("/lanes")).json()["items"]):
            await asyncio.sleep(0.05)
    refused = await client.post(f"/lanes/{lanes[0]['id']}/discard", json={"sequence": 3, "reason": "wrong one"})
    assert refused.status_code == 409
    taken = await client.post(f"/lanes/{lanes[0]['id']}/discard", json={"sequence": 2, "reason": "poison, seen"})
    assert taken.status_code == 202
    await system.quiet()
    assert await Heard.of(service, "p1") == [("p1", 1), ("p1", 3)]
    rows = await service.database.pool.fetch("SELECT sequence, reason, discarded_by FROM discarded")
    assert [(row["sequence"], row["reason"], row["discarded_by"]) for row in rows] == [
        (2, "poison, seen", "operator@test")
    ]


async def test_a_handler_that_says_not_yet_is_woken_by_progress_in_another_stream(system: System) -> None:
    async def wait_for_notice(session: Session, event: Event[Any]) -> NotYet | None:
        known = await session.fetchval("SELECT count(*) FROM heard WHERE subject = $1 AND id = 'notice'", event.subject)
        if not known:
            return NotYet("the notice is missing")
        await Heard.note(session, event)
        return None

    async def notice(session: Session, event: Event[NoticeAcknowledged]) -> None:
        session.gather(Heard.write, event.subject, 0, "notice")

    service = await system.start(listener(wait_for_notice, also=(Hears(NoticeAcknowledged, notice),)))
    await system.say("scheduler", closed("p1"), closed("p2"))
    await system.say("notifier", seen("p2"))
    await asyncio.sleep(0.5)
    assert await Heard.of(service, "p1") == []
    await system.say("notifier", seen("p1"))
    await system.quiet()
    assert await Heard.of(service, "p1") == [("p1", 0), ("p1", 1)]
    assert await Heard.of(service, "p2") == [("p2", 0), ("p2", 1)]


async def test_a_batch_read_from_another_position_is_thrown_away(system: System) -> None:
    service = await system.start(listener(noted))
    await system.say("scheduler", closed("p1"))
    await system.quiet()
    assert service.consumer is not None
    log = await service.database.pool.fetchval("SELECT log FROM position WHERE position > 0")
    await service.consumer._subscription.seek(log, 0)
    await system.say("scheduler", closed("p1"))
    await system.quiet()
    assert await Heard.of(service) == [("p1", 1), ("p1", 2)]


async def test_records_read_again_from_the_beginning_are_dropped_as_duplicates(system: System) -> None:
    service = await system.start(listener(noted))
    await system.say("scheduler", closed("p1"), closed("p2"))
    await system.quiet()
    await service.database.pool.execute("UPDATE position SET position = 0")
    await system.say("scheduler", closed("p1"), closed("p2"))
    await system.quiet()
    assert await Heard.of(service, "p1") == [("p1", 1), ("p1", 2)]
    assert await Heard.of(service, "p2") == [("p2", 1), ("p2", 2)]


async def test_an_event_nobody_handles_moves_its_lane(system: System) -> None:
    service = await system.start(listener(noted))
    from sikua_contracts.scheduler import CalendarPublished

    await system.say("scheduler", CalendarPublished(year=2027, version=1, off=[], work=[], papers=[]))
    await system.quiet()
    rows = await service.database.pool.fetch("SELECT subject, sequence FROM lane")
    assert [(row["subject"], row["sequence"]) for row in rows] == [("calendar:2027", 1)]


async def test_the_published_log_is_read_by_position_and_hides_what_is_above_level_two(system: System) -> None:
    await system.start(listener(noted))
    from sikua_contracts.bridges import FactWithdrawn

    await system.say(
        "command-office", FactWithdrawn(project_id="p1", department="tax", dataset="tax.paid", fact_id="f", reason="x")
    )
    await system.say("command-office", closed("p1"))
    client = system.client("command-office", "auditor")
    await system.quiet()
    items = (await client.get("/events?after=0")).json()["items"]
    assert [item["type"] for item in items] == ["cn.sikua.track.closed.v1"]
    ours = (await system.client("command-office", "service").get("/events?subject=p1")).json()["items"]
    assert [item["position"] for item in ours] == [1, 2]
