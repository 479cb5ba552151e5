"""Forged and replayed acts are written down with what they were aimed at, and an auditor, alone, sees them on the page."""

from __future__ import annotations

import pytest
from sikua_chassis.service import Service
from sikua_command_office.app import build
from sikua_command_office.pages.web.officer import COOKIE
from sikua_contracts.envelope import new_id
from support import office_events as said
from support.officers import PAGE, proof_in, signed_in
from support.system import System

ROUTE = f"{PAGE}/projects/{{project_id}}/acts/{{word}}/{{subject}}"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone."""
    return await system.start(build)


async def test_a_forged_act_and_one_of_an_ended_session_stand_there_with_what_they_were_aimed_at(
    office: Service, system: System
) -> None:
    project = new_id()
    await system.say("registry", said.registered(project))
    await system.say("scheduler", said.tracked(project), said.armed(project))
    await system.quiet()
    wang, auditor = await signed_in(system, sub="wang"), await signed_in(system, "auditor")
    own = proof_in((await wang.get(f"{PAGE}/")).text)
    address = f"{PAGE}/projects/{project}/acts/block/{project}-quota"
    form = {"proof": "0" * 64, "key": "0" * 32, "reason": "不得留下的话"}
    assert (await wang.post(address, data=form)).status_code == 403
    cookie = dict(wang.cookies)
    await wang.post(f"{PAGE}/sign-out", data={"proof": own})
    wang.cookies.update(cookie)
    assert (await wang.post(address, data={**form, "proof": own})).status_code == 401
    await office.denials.keep()
    rows = await office.database.pool.fetch("SELECT * FROM denial ORDER BY id")
    assert [(row["sub"], row["reason"]) for row in rows] == [("wang", "forged_form"), ("", "unknown_session")]
    for row in rows:
        assert (row["method"], row["route"]) == ("POST", ROUTE)
        assert row["ids"] == {"project_id": project, "word": "block", "subject": f"{project}-quota"}
        assert row["trace_id"]
    page = (await auditor.get(f"{PAGE}/denials")).text
    for shown in ("伪造的表单", "a forged form", "wang", f"{project}-quota", rows[0]["trace_id"]):
        assert shown in page, shown
    for secret in (own, "0" * 32, *cookie.values(), "不得留下的话"):
        assert secret not in str(rows)
        assert secret not in page


async def test_nobody_but_an_auditor_sees_them_or_is_led_there_and_whoever_tries_is_written_down(
    office: Service, system: System
) -> None:
    leader, auditor = await signed_in(system, "leader", sub="li"), await signed_in(system, "auditor")
    assert "拒绝记录" not in (await leader.get(f"{PAGE}/")).text
    assert 'data-key="a"' in (await auditor.get(f"{PAGE}/")).text
    assert (await leader.get(f"{PAGE}/denials")).status_code == 403
    await office.denials.keep()
    page = (await auditor.get(f"{PAGE}/denials")).text
    assert "缺少权限" in page
    assert "<bdi>li</bdi>" in page


async def test_what_a_stranger_put_into_the_path_is_text(office: Service, system: System) -> None:
    browser, auditor = system.client("command-office"), await signed_in(system, "auditor")
    browser.cookies.set(COOKIE, "a session that never was")
    assert (await browser.post(f"{PAGE}/projects/{HOSTILE}/acts/block/x", data={"proof": ""})).status_code == 401
    browser.cookies.clear()
    await browser.post(f"{PAGE}/sign-in", data={"code": "AAAA-AAAA-AAAA"})
    await office.denials.keep()
    page = (await auditor.get(f"{PAGE}/denials")).text
    assert "&lt;img src=x" in page
    assert HOSTILE not in page
    assert "登录码用过" in page


async def test_older_ones_stand_on_the_next_page(office: Service, system: System) -> None:
    auditor = await signed_in(system, "auditor")
    await office.database.pool.execute(
        "INSERT INTO denial (at, method, route, ids, sub, reason, times) "
        "SELECT now(), 'GET', '/board', '{}', 'wang ' || n, 'missing_scope', 1 FROM generate_series(1, 101) n"
    )
    first = (await auditor.get(f"{PAGE}/denials")).text
    assert "<bdi>wang 101</bdi>" in first
    assert "<bdi>wang 1</bdi>" not in first
    rest = (await auditor.get(f"{PAGE}/denials", params={"before": 2})).text
    assert "<bdi>wang 1</bdi>" in rest
    assert (await auditor.get(f"{PAGE}/denials", params={"before": "x"})).status_code == 422
