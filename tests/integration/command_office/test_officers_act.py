"""Officers act from the page: each act reaches its owner once, its refusal comes back in words, nobody acts for others."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx
import pytest
from prometheus_client import generate_latest
from support.acting import Acting, acting, after_the_act
from support.line import Line
from support.officers import PAGE, proof_in, signed_in
from support.system import START, System

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=1>\u202egnp.exe{{ 7*7 }}"


@pytest.fixture
async def city(system: System) -> Acting:
    """The command office with the registry and the scheduler behind it."""
    return await acting(system)


def form_in(page: str, word: str) -> dict[str, str]:
    """The hidden fields of an act's form, and where it goes."""
    found = re.search(rf'<form class="act-form" method="post" action="([^"]+/acts/{word}/[^"]+)".*?</form>', page, re.S)
    assert found, f"no form for {word}"
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found[0]))
    return {"action": found[1], **hidden}


async def drawn(officer: httpx.AsyncClient, project: str, word: str) -> dict[str, str]:
    page = await officer.get(f"{PAGE}/projects/{project}")
    assert page.status_code == 200, page.text
    return form_in(page.text, word)


async def sent(officer: httpx.AsyncClient, form: dict[str, str], **typed: str) -> httpx.Response:
    action = form["action"]
    return await officer.post(action, data={**{name: form[name] for name in form if name != "action"}, **typed})


async def done(officer: httpx.AsyncClient, project: str, word: str, **typed: str) -> httpx.Response:
    """Draw the page, send the form of the act."""
    return await sent(officer, await drawn(officer, project, word), **typed)


async def test_every_act_on_a_step_is_done_from_its_form(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    courses: list[tuple[str, dict[str, str], str]] = [
        ("start", {}, "step.started"),
        ("block", {"reason": "用地规模不足", "waiting_for": "natural_resources@370200"}, "step.blocked"),
        ("unblock", {"resolution": "已调剂"}, "step.unblocked"),
        ("pause", {"reason": "法审补正", "document": "函1"}, "step.paused"),
        ("resume", {"document": "函2"}, "step.resumed"),
        ("extend", {"amount": "1", "reason": "评审专家外出", "approved_by": "王区长"}, "step.extended"),
        ("reassign", {"owner": "commerce@370200", "reason": "分工调整"}, "step.reassigned"),
        ("complete", {"document": "纪要3", "note": "会议通过"}, "step.completed"),
        ("track", {"reason": "市领导批示", "document": "督办单1"}, "track.opened"),
        ("untrack", {"reason": "已经理顺"}, "track.closed"),
        ("reopen", {"reason": "漏签一页"}, "step.reopened"),
        ("close", {"reason": "企业放弃", "document": ""}, "project.closed"),
    ]
    for word, typed, event in courses:
        answer = await done(officer, project, word, **typed)
        assert (answer.status_code, answer.headers.get("location")) == (303, f"{PAGE}/projects/{project}"), (
            word,
            html.unescape(answer.text),
        )
        assert event in await city.said(project), word
    page = (await officer.get(f"{PAGE}/projects/{project}")).text
    assert "/acts/" not in page, "nothing is offered on a closed project"


async def test_an_escalation_is_accepted_pushed_to_the_top_and_put_right(city: Acting) -> None:
    project = await city.project()
    await city.system.turn_to(START + timedelta(days=60))
    officer = await signed_in(city.system)
    for word, typed, event in (
        ("acknowledge", {}, "escalation.acknowledged"),
        ("raise", {"rung": "TOP", "reason": "久拖不决"}, "escalation.raised"),
        ("resolve", {"resolution": "专班已协调"}, "escalation.resolved"),
    ):
        answer = await done(officer, project, word, **typed)
        assert answer.status_code == 303, html.unescape(answer.text)
        assert event in await city.said(project)
    assert "TOP" in [one["rung"] for one in await city.escalations(project)]


async def test_a_form_sent_twice_acts_once_even_after_somebody_else_acted(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    form = await drawn(officer, project, "block")
    for _ in range(2):
        assert (await sent(officer, form, reason="用地规模不足")).status_code == 303
    assert (await done(officer, project, "unblock", resolution="已调剂")).status_code == 303
    assert (await sent(officer, form, reason="用地规模不足")).status_code == 303
    told = await city.said(project)
    assert [one for one in told if "block" in one] == ["step.blocked", "step.unblocked"]
    other = await sent(officer, form, reason="另一个原因")
    assert other.status_code == 422
    assert "此前提交的内容已经办理" in other.text


async def test_an_answer_that_was_lost_is_said_to_be_and_the_same_form_settles_it(city: Acting) -> None:
    scheduler = city.system.services["scheduler"]
    line = Line(int(city.system.runtime.settings.services["scheduler"].rpartition(":")[2]))
    city.system.runtime.settings.services["scheduler"] = await line.start()
    project = await city.project()
    officer = await signed_in(city.system)
    form = await drawn(officer, project, "block")
    after_the_act(scheduler, line.cut)
    lost = await sent(officer, form, reason="用地规模不足")
    assert lost.status_code == 503
    assert "没有收到答复,不知是否已办理" in lost.text
    assert "再次提交:登记堵点" in lost.text
    assert "用地规模不足</textarea>" in lost.text
    again = form_in(lost.text, "block")
    assert again["key"] == form["key"]
    assert (await sent(officer, again, reason="用地规模不足")).status_code == 303
    assert (await city.said(project)).count("step.blocked") == 1
    await line.stop()


async def test_an_owner_that_is_away_is_told_of_and_nothing_typed_is_lost(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    form = await drawn(officer, project, "block")
    city.system.runtime.settings.services["scheduler"] = "http://127.0.0.1:9"
    away = await sent(officer, form, reason=HOSTILE)
    assert away.status_code == 503
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in away.text
    assert "<script>alert" not in away.text


async def test_a_refusal_is_shown_in_words_with_what_was_typed(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    stale = await drawn(officer, project, "pause")
    form = await drawn(officer, project, "extend")
    wrong = await sent(officer, form, amount="许多", reason="x", approved_by="王区长")
    assert wrong.status_code == 422
    text = html.unescape(wrong.text)
    assert "延长多少 How many more:需要" in text
    assert "原因 Reason:需要" in text
    assert 'value="许多"' in text
    assert 'value="王区长"' in text
    assert text.count('aria-invalid="true"') == 2
    too_long = await sent(officer, form_in(wrong.text, "extend"), amount="900", reason="评审", approved_by="王区长")
    assert (too_long.status_code, "延期超过允许的上限" in html.unescape(too_long.text)) == (409, True)
    assert (await done(officer, project, "pause", reason="法审补正", document="函1")).status_code == 303
    late = await sent(officer, stale, reason="法审补正", document="函1")
    assert late.status_code == 409
    assert "本环节中止计时,请先恢复" in html.unescape(late.text).replace("，", ",")
    unproven = await done(officer, project, "resume", document="")
    assert unproven.status_code == 422
    assert "依据文件 Document:需要" in html.unescape(unproven.text)


async def test_a_script_gets_the_form_alone_and_stays_where_it_is(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    officer.headers["Sikua-Act"] = "1"
    form = await drawn(officer, project, "block")
    refused = await sent(officer, form, reason="x")
    assert refused.status_code == 422
    assert refused.text.lstrip().startswith('<form class="act-form"')
    assert (await sent(officer, form, reason="用地规模不足")).status_code == 204


async def test_only_acts_that_role_and_state_allow_are_offered(city: Acting) -> None:
    project = await city.project()
    await city.system.turn_to(START + timedelta(days=60))
    office = city.system.services["command-office"]
    offered: dict[str, set[str]] = {}
    for who, role, claims in (
        ("office", "command_office", {}),
        ("district", "district_owner", {"division": "370211"}),
        ("elsewhere", "department_owner", {"division": "370200", "unit": "tax"}),
        ("leader", "leader", {}),
        ("auditor", "auditor", {}),
    ):
        page = await (await signed_in(city.system, role, **claims)).get(f"{PAGE}/projects/{project}")
        offered[who] = set(re.findall(r"/acts/(\w+)/", page.text))
    assert offered["office"] >= {"start", "complete", "block", "pause", "extend", "reassign", "track", "close", "raise"}
    assert "unblock" not in offered["office"]
    assert "resume" not in offered["office"]
    assert offered["district"] >= {"start", "complete", "block"}
    assert offered["district"] & {"track", "close", "acknowledge", "raise"} == set()
    assert offered["elsewhere"] == set()
    assert offered["leader"] == {"acknowledge", "raise", "resolve"}
    assert offered["auditor"] == set()
    auditor = await signed_in(city.system, "auditor")
    step = (await city.step(project))["step_id"]
    assert (await auditor.get(f"{PAGE}/projects/{project}/acts/block/{step}")).status_code == 409
    proof = proof_in((await auditor.get(f"{PAGE}/")).text)
    forced = await auditor.post(
        f"{PAGE}/projects/{project}/acts/block/{step}", data={"proof": proof, "key": "0" * 32, "reason": "硬来"}
    )
    assert (forced.status_code, "缺少权限" in forced.text) == (403, True)
    assert "missing_scope" in generate_latest(office.metrics.registry).decode()


async def test_an_officer_of_another_district_gets_404_by_every_route(city: Acting) -> None:
    project = await city.project()
    step = (await city.step(project))["step_id"]
    laoshan = await signed_in(city.system, "district_owner", division="370212")
    proof = proof_in((await laoshan.get(f"{PAGE}/")).text)
    for word, subject in (("block", step), ("close", project), ("track", project)):
        where = f"{PAGE}/projects/{project}/acts/{word}/{subject}"
        assert (await laoshan.get(where)).status_code == 404
        answer = await laoshan.post(
            where, data={"proof": proof, "key": "0" * 32, "reason": "不归我管", "document": "函"}
        )
        assert answer.status_code == 404
    mine = await city.project("崂山项目", "370212")
    through = f"{PAGE}/projects/{mine}/acts/block/{step}"
    answer = await laoshan.post(through, data={"proof": proof, "key": "0" * 32, "reason": "借道"})
    assert answer.status_code == 404
    program = city.system.client("command-office", "district_owner", division="370212")
    assert (await program.post(f"/steps/{step}/block", json={"reason": "不归我管"})).status_code == 404
    assert "step.blocked" not in await city.said(project)


async def test_forged_and_replayed_forms_are_refused_and_recorded(city: Acting) -> None:
    project = await city.project()
    officer, other = await signed_in(city.system), await signed_in(city.system)
    form = await drawn(officer, project, "block")
    denials = city.system.services["command-office"].metrics
    assert (await sent(other, form, reason="别人的表单")).status_code == 403
    assert (await sent(officer, {**form, "proof": "0" * 64}, reason="伪造")).status_code == 403
    assert (await sent(officer, {**form, "key": "1"}, reason="无凭号")).status_code == 400
    foreign = {"Origin": "https://elsewhere.example"}
    data = {**{name: form[name] for name in ("proof", "key", "back")}, "reason": "外站"}
    assert (await officer.post(form["action"], data=data, headers=foreign)).status_code == 403
    cookie = dict(officer.cookies)
    await officer.post(f"{PAGE}/sign-out", data={"proof": form["proof"]})
    officer.cookies.update(cookie)
    assert (await sent(officer, form, reason="退出之后")).status_code == 401
    text = generate_latest(denials.registry).decode()
    for reason in ("forged_form", "keyless_form", "foreign_origin", "unknown_session"):
        assert reason in text, reason
    assert "step.blocked" not in await city.said(project)


async def test_hostile_words_are_text_on_the_page(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    assert (await done(officer, project, "block", reason=HOSTILE)).status_code == 303
    page = (await officer.get(f"{PAGE}/projects/{project}")).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_a_plain_form_leads_back_to_where_one_was_and_nowhere_else(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    form = await drawn(officer, project, "start")
    assert (await sent(officer, {**form, "back": "/?light=RED"})).headers["location"] == f"{PAGE}/?light=RED"
    form = await drawn(officer, project, "block")
    away = await sent(officer, {**form, "back": "//elsewhere.example"}, reason="用地规模不足")
    assert away.headers["location"] == f"{PAGE}/"


async def test_programs_act_under_the_owners_paths_with_their_own_token(city: Acting) -> None:
    project = await city.project()
    step = (await city.step(project))["step_id"]
    program = city.system.client("command-office")
    key = {"Idempotency-Key": "p-1"}
    first = await program.post(f"/steps/{step}/block", json={"reason": "用地规模不足"}, headers=key)
    again = await program.post(f"/steps/{step}/block", json={"reason": "用地规模不足"}, headers=key)
    assert (first.status_code, first.json()["status"]) == (200, "BLOCKED")
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    wrong = await program.post(f"/steps/{step}/unblock", json={})
    assert (wrong.status_code, wrong.headers["content-type"]) == (422, "application/problem+json")
    assert wrong.json()["errors"][0]["field"] == "/resolution"
    order = {"project_id": project, "reason": "市领导批示", "document": "督办单1"}
    opened = await program.post("/tracks", json=order)
    assert opened.status_code == 201
    assert (
        await program.post(f"/tracks/{opened.json()['track_id']}/close", json={"reason": "理顺"})
    ).status_code == 200
    closed = await program.post(f"/projects/{project}/close", json={"reason": "企业放弃"})
    assert (closed.status_code, closed.json()["status"], closed.headers["etag"][:2]) == (200, "CLOSED", '"v')
    leader = city.system.client("command-office", "leader")
    assert (await leader.post(f"/steps/{step}/start")).status_code == 403
    assert (await program.post(f"/steps/{step}/vanish")).status_code == 422


async def test_an_act_carries_the_trace_from_the_browser_to_its_event(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    officer.headers["traceparent"] = f"00-{trace}-00f067aa0ba902b7-01"
    assert (await done(officer, project, "block", reason="用地规模不足")).status_code == 303
    await city.system.quiet()
    events = (await city.system.client("scheduler", "operator").get("/events", params={"limit": 500})).json()["items"]
    blocked = [event for event in events if event["type"] == "cn.sikua.step.blocked.v1"]
    assert [event["traceparent"].split("-")[1] for event in blocked] == [trace]


async def test_a_form_on_a_page_of_its_own_leads_back_to_where_it_was_asked_for(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    step = (await city.step(project))["step_id"]
    page = await officer.get(f"{PAGE}/projects/{project}/acts/block/{step}?back=%2F%3Flight%3DRED")
    assert (page.status_code, "截至" in page.text) == (200, True)
    answer = await sent(officer, form_in(page.text, "block"), reason="用地规模不足")
    assert answer.headers["location"] == f"{PAGE}/?light=RED"
    assert (await officer.get(f"{PAGE}/projects/{project}/acts/vanish/{step}")).status_code == 404
    assert (await officer.get(f"{PAGE}/projects/{project}/acts/block/{project}")).status_code == 404
