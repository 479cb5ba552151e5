"""The feed on a real database: gapless numbers, the cursor, the stream that resumes, and who sees what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from httpx_sse import aconnect_sse
from sikua_chassis.service import Service
from sikua_command_office.app import build
from sikua_command_office.feed.delivery import Limits, Listener, LiveFeed
from sikua_contracts.envelope import Level, new_id
from sikua_contracts.examples import EXAMPLES
from sikua_contracts.language import EVENTS
from sikua_contracts.topics import FACTS, NOTICES, PROJECTS
from support import office_events as said
from support.system import System

SPEAKER = {FACTS: "tax-bridge", PROJECTS: "registry", NOTICES: "notifier"}
HUANGDAO = {"role": "district_owner", "division": "370211"}
SHINAN = {"role": "district_owner", "division": "370202"}


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone; the test speaks for the others."""
    return await system.start(build)


async def numbers(client: httpx.AsyncClient, **asked: Any) -> list[int]:
    answer = await client.get("/feed", params=asked)
    assert answer.status_code == 200, answer.text
    return [entry["number"] for entry in answer.json()["items"]]


@asynccontextmanager
async def listening(
    system: System, url: str, last: int | None = None, role: str = "command_office", **asked: Any
) -> AsyncIterator[AsyncIterator[Any]]:
    claims = {"division": asked.pop("division")} if "division" in asked else {}
    headers = {"Authorization": f"Bearer {system.token(role, **claims)}"}
    if last is not None:
        headers["Last-Event-ID"] = str(last)
    async with (
        httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client,
        aconnect_sse(client, "GET", "/feed/stream", params=asked) as source,
    ):
        assert source.response.headers["content-type"].startswith("text/event-stream")
        yield _with_data(source.aiter_sse())


async def _with_data(events: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for event in events:
        if event.data:
            yield event


async def heard(events: AsyncIterator[Any], count: int) -> list[Any]:
    async with asyncio.timeout(60):
        return [await anext(events) for _ in range(count)]


async def test_every_event_type_becomes_one_entry_numbered_without_a_gap(office: Service, system: System) -> None:
    for event in EXAMPLES.values():
        await system.say(SPEAKER.get(event.topic, "scheduler"), event.data)
    await system.quiet()
    answer = await system.client("command-office").get("/feed", params={"limit": 500})
    entries = answer.json()["items"]
    assert [entry["number"] for entry in entries] == list(range(1, len(EVENTS) + 1))
    assert {entry["type"] for entry in entries} == set(EVENTS)
    assert answer.json()["next"] == len(EVENTS)


async def test_the_cursor_pages_forward_and_back_and_finds_a_project_and_a_type(
    office: Service, system: System
) -> None:
    one, other = new_id(), new_id()
    await system.say("registry", said.registered(one), said.registered(other))
    # Logs have no order among each other.
    await system.quiet()
    await system.say("scheduler", said.armed(one), said.armed(other), said.blocked(one))
    await system.quiet()
    client = system.client("command-office")
    assert await numbers(client) == [1, 2, 3, 4, 5]
    assert await numbers(client, after=2, limit=2) == [3, 4]
    assert await numbers(client, before=2**62, limit=2) == [5, 4]
    assert await numbers(client, before=4, limit=500) == [3, 2, 1]
    assert await numbers(client, project_id=one, type="cn.sikua.step.blocked.v1") == [5]
    types = ["cn.sikua.step.armed.v1", "cn.sikua.project.registered.v1"]
    assert await numbers(client, type=types) == [1, 2, 3, 4]
    assert await numbers(client, after=5) == []


async def test_many_speakers_at_once_leave_no_gap_and_no_double(office: Service, system: System) -> None:
    projects = [new_id() for _ in range(60)]
    for speaker in ("registry", "scheduler", "tax-bridge"):
        await system.speaker(speaker)
    await asyncio.gather(
        *(system.say("registry", said.registered(project)) for project in projects),
        *(system.say("scheduler", said.armed(project), said.blocked(project)) for project in projects),
        *(system.say("tax-bridge", said.a_fact(project, tax_reg_status=("正常", Level.L2))) for project in projects),
    )
    await system.quiet()
    found = await numbers(system.client("command-office"), limit=500)
    assert found == list(range(1, 241))


async def test_a_value_above_l2_is_nowhere_in_the_office(office: Service, system: System) -> None:
    project = new_id()
    await system.say("registry", said.registered(project))
    fact = said.a_fact(project, tax_paid_band=("SECRET-BAND", Level.L3), first_tax_date=("2026-01-05", Level.L2))
    await system.say("tax-bridge", fact)
    await system.quiet()
    client = system.client("command-office")
    entries = (await client.get("/feed", params={"project_id": project})).json()["items"]
    # Two services spoke: which of them the feed numbers first is nobody's promise.
    [entry] = [each for each in entries if each["type"] == fact.type]
    assert entry["data"]["withheld"] == ["tax_paid_band"]
    page = await client.get(f"/projects/{project}")
    assert page.json()["facts"][0]["withheld"] == ["tax_paid_band"]
    assert "SECRET-BAND" not in page.text + str(entry)
    for table in ("feed_entry", "fact_card"):
        rows = await office.database.pool.fetch(f"SELECT * FROM {table}")
        assert "SECRET-BAND" not in str([dict(row) for row in rows])


async def test_the_stream_resumes_after_a_cut_without_missing_or_repeating(office: Service, system: System) -> None:
    url, project = await system.serve("command-office"), new_id()
    async with listening(system, url) as events:
        await system.say("registry", said.registered(project))
        (first,) = await heard(events, 1)
        assert first.event == "cn.sikua.project.registered.v1"
        assert (first.id, first.json()["number"]) == ("1", 1)
        assert first.json()["sentence_zh"].startswith("登记入册")
    await system.say("scheduler", said.armed(project), said.blocked(project))
    await system.quiet()
    async with listening(system, url, last=1) as events:
        await system.say("scheduler", said.raised(project))
        assert [event.id for event in await heard(events, 3)] == ["2", "3", "4"]


async def test_a_stream_may_begin_anywhere_and_catches_up_over_many_entries(office: Service, system: System) -> None:
    url, project = await system.serve("command-office"), new_id()
    await system.say("registry", said.registered(project))
    for _ in range(6):
        await system.say("scheduler", *(said.armed(project) for _ in range(200)))
    await system.quiet()
    async with listening(system, url, after=0) as events:
        await system.say("scheduler", said.blocked(project))
        found = await heard(events, 1202)
    assert [int(event.id) for event in found] == list(range(1, 1203))


async def test_a_stream_may_ask_for_one_project_or_type(office: Service, system: System) -> None:
    url = await system.serve("command-office")
    one, other = new_id(), new_id()
    await system.say("registry", said.registered(one), said.registered(other))
    async with (
        listening(system, url, after=0, project_id=other) as of_project,
        listening(system, url, after=0, type="cn.sikua.step.blocked.v1") as of_type,
    ):
        await system.say("scheduler", said.armed(one), said.armed(other), said.blocked(one))
        assert [event.json()["project_id"] for event in await heard(of_project, 2)] == [other, other]
        assert [event.json()["project_id"] for event in await heard(of_type, 1)] == [one]


async def test_a_district_hears_and_reads_of_its_own_projects_only(office: Service, system: System) -> None:
    url = await system.serve("command-office")
    own, foreign = new_id(), new_id()
    async with listening(system, url, **HUANGDAO) as events:
        await system.say("registry", said.registered(foreign, "370202"), said.registered(own))
        await system.say("scheduler", said.armed(foreign), said.armed(own))
        assert {event.json()["project_id"] for event in await heard(events, 2)} == {own}
    await system.quiet()
    district = system.client("command-office", **HUANGDAO)
    read = (await district.get("/feed")).json()["items"]
    assert [entry["project_id"] for entry in read] == [own, own]
    listed = (await district.get("/projects")).json()["items"]
    assert [project["project_id"] for project in listed] == [own]
    for route in (f"/projects/{foreign}", f"/feed?project_id={foreign}", f"/feed/stream?project_id={foreign}"):
        answer = await district.get(route)
        assert answer.status_code == 404, route
        assert answer.headers["content-type"] == "application/problem+json"
    board = (await district.get("/board")).json()
    cards = [card["project_id"] for column in board["columns"] for card in column["cards"]]
    assert cards == [own]


async def test_an_entry_that_came_before_its_project_reaches_the_district_all_the_same(
    office: Service, system: System
) -> None:
    url, project = await system.serve("command-office"), new_id()
    async with listening(system, url, **HUANGDAO) as events:
        await system.say("scheduler", said.armed(project))
        await system.quiet()
        assert await numbers(system.client("command-office", **HUANGDAO)) == []
        assert await numbers(system.client("command-office")) == [1]
        await system.say("registry", said.registered(project))
        assert [event.id for event in await heard(events, 2)] == ["1", "2"]


async def test_what_concerns_no_project_is_for_everybody(office: Service, system: System) -> None:
    await system.say("scheduler", EXAMPLES["cn.sikua.calendar.published.v1"].data)
    await system.quiet()
    assert await numbers(system.client("command-office", **SHINAN)) == [1]


async def test_a_listener_that_cannot_keep_up_is_let_go_and_loses_nothing(office: Service, system: System) -> None:
    live = LiveFeed(Limits(queued=3, lifetime_seconds=30))
    live.follow(office.database)
    project = new_id()
    await system.say("registry", said.registered(project))
    await system.quiet()
    stream = await live.join(Listener(visible=None), after=0)
    received = [await anext(stream), await anext(stream)]
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.05)
    await system.say("scheduler", *(said.armed(project) for _ in range(9)))
    received += [await waiting] if await ends_well(waiting) else []
    received += [text async for text in stream]
    last = b"".join(received).count(b"id: ")
    assert live.listening == 0
    again = await live.join(Listener(visible=None), after=last)
    found = b""
    async with asyncio.timeout(60):
        while found.count(b"id: ") < 10 - last:
            found += await anext(again)
    assert f"id: {last + 1}\n".encode() in found
    await live.stop()
    assert [text async for text in again] == []


async def ends_well(task: asyncio.Future[bytes]) -> bool:
    await asyncio.wait([task], timeout=60)
    return task.exception() is None


async def test_a_silent_stream_says_that_it_lives_and_ends_in_time(office: Service) -> None:
    live = LiveFeed(Limits(keep_alive_seconds=0.05, lifetime_seconds=0.4))
    live.follow(office.database)
    stream = await live.join(Listener(visible=None), after=None)
    texts = [text async for text in stream]
    assert texts[0].startswith(b"retry: ")
    assert 1 <= len(texts[1:]) <= 9
    assert set(texts[1:]) == {b": keep-alive\n\n"}
    await live.stop()


async def test_a_full_house_is_refused_with_the_time_to_wait(office: Service) -> None:
    live = LiveFeed(Limits(listeners=1))
    live.follow(office.database)
    first = await live.join(Listener(visible=None), after=None)
    await anext(first)
    with pytest.raises(Exception, match="too many listeners") as refused:
        await live.join(Listener(visible=None), after=None)
    assert getattr(refused.value, "status", 0) == 503
    await live.stop()


@pytest.mark.parametrize("events", [1, 50])
async def test_a_batch_is_one_statement_however_many_events_it_carries(system: System, events: int) -> None:
    """Position, lanes, entries, counter and steps together, without BEGIN and COMMIT."""
    await system.say("scheduler", *(said.armed(new_id()) for _ in range(events)))
    speaker = await system.speaker("scheduler")
    while await speaker.pool.fetchval("SELECT count(*) FROM outbox"):
        await asyncio.sleep(0.01)
    service = await system.start(build)
    while await service.database.pool.fetchval("SELECT last FROM feed_counter") < events:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert service.database.statements == 1


async def test_wrong_parameters_are_named_field_by_field(office: Service, system: System) -> None:
    answer = await system.client("command-office").get("/feed", params={"after": "-1", "limit": "0", "type": "A B"})
    assert answer.status_code == 422
    fields = {error["field"] for error in answer.json()["errors"]}
    assert {"query.after", "query.limit"} <= fields
    assert any(field.startswith("query.type") for field in fields)
