"""A form that is not the officer's own is refused and recorded: forged, of another session or site, or sent again later."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from architecture.house.routes import every
from sikua_chassis.auth.roles import SCOPES, Role
from sikua_chassis.service import Service
from sikua_command_office.app import build
from sikua_command_office.pages.web.officer import SCOPES as NEEDED
from sikua_contracts.envelope import new_id
from starlette.routing import Mount
from structlog.testing import capture_logs
from support import office_events as said
from support.officers import PAGE, proof_in, signed_in
from support.system import System

IN_PATH = re.compile(r"\{(\w+)(?::\w+)?\}")
READERS = sorted(role for role in Role if SCOPES[role] >= NEEDED)


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone."""
    return await system.start(build)


async def a_blocked_project(system: System) -> dict[str, str]:
    """A project with a block that the command office may lift; what stands in the paths of routes."""
    project = new_id()
    await system.say("registry", said.registered(project))
    await system.say("scheduler", said.tracked(project), said.armed(project), said.blocked(project))
    await system.quiet()
    return {"project_id": project, "word": "unblock", "subject": f"{project}-quota"}


def acts_of(office: Service, known: dict[str, str]) -> list[tuple[str, str]]:
    """Every route of the page that changes something and needs an officer, with its path filled."""
    (pages,) = [route for route in office.app.routes if isinstance(route, Mount) and route.path == PAGE]
    return sorted(
        (method, IN_PATH.sub(lambda found: known[found[1]], path))
        for method, path, _ in every(pages.routes)
        if method not in {"GET", "HEAD", "OPTIONS"} and path != "/sign-in"
    )


def denied(office: Service, reason: str) -> float:
    return float(office.metrics.denials.labels(reason)._value.get())


async def refused(office: Service, reason: str, asked: Any) -> None:
    """The request is refused with 403 or led to the sign-in, counted under the reason, and logged without its secret."""
    before = denied(office, reason)
    with capture_logs() as logs:
        answer: httpx.Response = await asked
    assert answer.status_code in {303, 401, 403}, answer.text
    assert denied(office, reason) == before + 1
    (told,) = [entry for entry in logs if entry.get("action") == "denied"]
    assert told["reason"] == reason
    assert "proof" not in str(told)


async def test_every_act_refuses_a_forged_form_and_records_it(office: Service, system: System) -> None:
    wang, li = await signed_in(system, sub="wang"), await signed_in(system, sub="li")
    own = proof_in((await wang.get(f"{PAGE}/")).text)
    anothers = proof_in((await li.get(f"{PAGE}/")).text)
    assert own != anothers
    acts = acts_of(office, await a_blocked_project(system))
    assert ("POST", "/desk/seen") in acts
    for method, path in acts:
        for proof in ("", "0" * 64, anothers):
            await refused(
                office, "forged_form", wang.request(method, f"{PAGE}{path}", data={"proof": proof, "until": "0"})
            )
        for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
            asked = wang.request(method, f"{PAGE}{path}", data={"proof": own, "until": "0"}, headers=headers)
            await refused(office, "foreign_origin", asked)
    assert await office.database.pool.fetchval("SELECT count(*) FROM desk_mark") == 0
    assert (await wang.get(f"{PAGE}/")).status_code == 200


async def test_a_form_sent_again_after_signing_out_is_refused_and_recorded(office: Service, system: System) -> None:
    officer = await signed_in(system)
    proof, cookie = proof_in((await officer.get(f"{PAGE}/")).text), dict(officer.cookies)
    await officer.post(f"{PAGE}/sign-out", data={"proof": proof})
    for method, path in acts_of(office, await a_blocked_project(system)):
        officer.cookies.update(cookie)
        await refused(office, "unknown_session", officer.request(method, f"{PAGE}{path}", data={"proof": proof}))


async def test_a_wrong_code_is_recorded_and_a_token_in_the_address_opens_nothing(
    office: Service, system: System
) -> None:
    browser = system.client("command-office")
    token = browser.headers.pop("Authorization").partition(" ")[2]
    await refused(office, "wrong_code", browser.post(f"{PAGE}/sign-in", data={"code": "AAAA-AAAA-AAAA"}))
    for name in ("token", "access_token", "code", "sikua_officer"):
        answer = await browser.get(f"{PAGE}/", params={name: token})
        assert answer.status_code == 303
    assert (await browser.get(f"{PAGE}/", headers={"Authorization": f"Bearer {token}"})).status_code == 303


@pytest.mark.parametrize("role", READERS)
async def test_every_role_that_reads_signs_in_and_sees_every_view(office: Service, system: System, role: Role) -> None:
    officer = await signed_in(system, role, division="370211", unit="ecology")
    for path in ("/", "/desk", "/weekly"):
        page = await officer.get(f"{PAGE}{path}")
        assert page.status_code == 200
        assert "eyJ" not in page.text, "a token stands in the page"


def test_those_who_work_on_projects_are_among_the_readers() -> None:
    assert {Role.COMMAND_OFFICE, Role.DISTRICT_OWNER, Role.DEPARTMENT_OWNER, Role.LEADER, Role.AUDITOR} <= set(READERS)
    assert Role.SERVICE not in READERS
