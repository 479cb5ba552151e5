"""An officer of one district gets 404 for another's project by every route of the page, whatever routes there are."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import httpx
import pytest
from architecture.house.routes import every
from sikua_chassis.service import Service
from sikua_command_office.app import build
from sikua_contracts.envelope import new_id
from sikua_contracts.words import Owner, Rung
from starlette.routing import Mount
from support import office_events as said
from support.officers import PAGE, proof_in, signed_in
from support.system import System

NAME = "崂山生物医药园区项目"
IN_PATH = re.compile(r"\{(\w+)(?::\w+)?\}")
LAOSHAN = Owner(role="district_government", division="370212")


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone; the test speaks for the others."""
    return await system.start(build)


async def a_project(system: System) -> dict[str, str]:
    """A project of Laoshan that has everything a route could name; by the name of the path's parameter."""
    project = new_id()
    await system.say("registry", said.registered(project, "370212", name=NAME))
    await system.say("scheduler", said.tracked(project), said.armed(project), said.blocked(project))
    await system.say("scheduler", said.raised(project, Rung.TOP).model_copy(update={"recipients": [LAOSHAN]}))
    await system.say("notifier", said.noticed(project))
    await system.quiet()
    return {
        "project_id": project,
        "step_id": f"{project}-quota",
        "escalation_id": f"{project}-{Rung.TOP}",
        "notice_id": f"{project}-notice",
        "track_id": f"{project}-track",
        "word": "unblock",
        "subject": f"{project}-quota",
        "sha256": "0" * 64,
    }


def routes_of(office: Service) -> list[tuple[str, str]]:
    """Method and path of every route of the page, but for its assets, its sign-in and the stream that never ends."""
    (pages,) = [route for route in office.app.routes if isinstance(route, Mount) and route.path == PAGE]
    left_out = ("/sign-in", "/sign-out", "/stream", "/static")
    return sorted({(method, path) for method, path, _ in every(pages.routes) if not path.startswith(left_out)})


def filled(path: str, known: dict[str, str]) -> str:
    return IN_PATH.sub(lambda found: known.get(found[1], known["project_id"]), path)


def queries() -> Iterator[str]:
    yield from ("", f"?q={NAME}", "?division=370212", "?step=QUOTA", "?all=true", "?light=RED", "?owner=ecology")


async def sent(browser: httpx.AsyncClient, method: str, path: str, proof: str) -> httpx.Response:
    if method in {"GET", "HEAD"}:
        return await browser.request(method, f"{PAGE}{path}")
    return await browser.request(method, f"{PAGE}{path}", data={"proof": proof, "reason": "x", "until": "0"})


async def test_another_districts_project_is_not_found_by_any_route(office: Service, system: System) -> None:
    known = await a_project(system)
    huangdao = await signed_in(system, "district_owner", division="370211")
    proof = proof_in((await huangdao.get(f"{PAGE}/")).text)
    about_one = [(method, path) for method, path in routes_of(office) if IN_PATH.search(path)]
    assert ("GET", "/projects/{project_id}") in about_one
    for method, path in about_one:
        answer = await sent(huangdao, method, filled(path, known), proof)
        if "{project_id}" in path:
            assert answer.status_code == 404, (method, path)
        assert answer.status_code >= 400, (method, path)
        assert NAME not in answer.text, (method, path)


async def test_no_list_and_no_form_shows_another_districts_project(office: Service, system: System) -> None:
    known = await a_project(system)
    huangdao = await signed_in(system, "district_owner", division="370211")
    laoshan = await signed_in(system, "district_owner", division="370212")
    lists = [path for method, path in routes_of(office) if method == "GET" and not IN_PATH.search(path)]
    assert {"/", "/desk", "/weekly"} <= set(lists)
    shown_to_its_own = set()
    for path in lists:
        for query in queries():
            hidden = (await huangdao.get(f"{PAGE}{path}{query}")).text
            assert known["project_id"] not in hidden, (path, query)
            assert NAME not in hidden.replace(f'value="{NAME}"', "").replace(f"<mark>{NAME}</mark>", ""), (path, query)
            if known["project_id"] in (await laoshan.get(f"{PAGE}{path}{query}")).text:
                shown_to_its_own.add(path)
    assert {"/", "/desk", "/weekly"} <= shown_to_its_own


async def test_the_stream_glances_only_at_projects_that_the_officer_sees(office: Service, system: System) -> None:
    known = await a_project(system)
    served = await system.serve("command-office")

    async def heard(division: str) -> str:
        browser = await signed_in(system, "district_owner", division=division)
        lines = ""
        async with (
            asyncio.timeout(30),
            httpx.AsyncClient(base_url=served, cookies=dict(browser.cookies), trust_env=False, timeout=30) as client,
            client.stream("GET", f"{PAGE}/stream?after=0") as stream,
        ):
            assert stream.status_code == 200
            pulses = 0
            async for line in stream.aiter_lines():
                lines += line
                pulses += line.startswith("event: pulse")
                if pulses == 2:
                    return lines
        raise AssertionError("the stream ended")

    assert known["project_id"] in await heard("370212")
    assert known["project_id"] not in await heard("370211")


@pytest.mark.parametrize("path", ["/desk", "/weekly", "/projects/none", "/stream", "/"])
async def test_nobody_sees_a_page_without_signing_in(office: Service, system: System, path: str) -> None:
    browser = system.client("command-office")
    del browser.headers["Authorization"]
    for cookies in ({}, {"sikua_officer": "made-up"}):
        browser.cookies.update(cookies)
        answer = await browser.get(f"{PAGE}{path}")
        assert answer.status_code in {303, 401}
        if answer.status_code == 303:
            assert answer.headers["location"].startswith(f"{PAGE}/sign-in")
