"""Real servers over loopback: each kind of answer, the right one at the right time, and only to a proven sender."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sikua_bridge.answers import Found, NoSuchSubject, NotYet, Refused
from sikua_bridge.datasets import KeyKind
from sikua_chassis.clock import real_now
from sikua_simulators.departments import serve
from sikua_simulators.departments.chance import OPENING
from sikua_simulators.departments.gateway import LARGEST_CALL_BYTES
from sikua_simulators.departments.serving import SECRET
from sikua_simulators.departments.signatures import forged
from support.simulated_departments import ANY_PORTS, SEED, Offices, bridge_of

NOBODY = "91370200264574251E"
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "tax": ("/gateway/tax/nsrdj", {"nsrsbh": NOBODY}),
    "reform": ("/api/reform/public-credit", {"统一社会信用代码": NOBODY}),
    "finance": ("/finance/v1/equity/query", {"creditCode": NOBODY}),
}
every_department = pytest.mark.parametrize("name", ["tax", "reform", "finance"])


def signed(name: str, body: bytes, secret: str = SECRET, late: timedelta = timedelta()) -> dict[str, str]:
    """The headers by which our bridge proves itself."""
    bridge = bridge_of(name)
    headers: dict[str, str] = bridge.enquire_signer(bridge.app_id, secret).sign(real_now() - late, body)
    return headers


async def post(client: httpx.AsyncClient, path: str, body: bytes, headers: dict[str, str]) -> Any:
    """The document of an answer with HTTP 200."""
    reply = await client.post(path, content=body, headers={"Content-Type": "application/json", **headers})
    assert reply.status_code == 200
    return reply.json()


async def test_the_tax_office_knows_some_taxpayers_some_not_yet_and_some_not_at_all(offices: Offices) -> None:
    companies = offices.departments.books.companies.values()
    known = next(each for each in companies if each.registration.at(OPENING))
    coming = next(each for each in companies if each.registration.awaited(OPENING))
    silent = next(
        each for each in companies if each.registration.next_change(OPENING) and not each.registration.announced
    )

    found = await offices.ask("tax.registration", KeyKind.USCC, known.uscc)
    assert isinstance(found, Found)
    assert [row["nsrmc"] for row in found.rows] == [known.name]
    assert isinstance(await offices.ask("tax.registration", KeyKind.USCC, silent.uscc), NoSuchSubject)
    assert isinstance(await offices.ask("tax.registration", KeyKind.USCC, NOBODY), NoSuchSubject)

    before = await offices.ask("tax.registration", KeyKind.USCC, coming.uscc)
    assert isinstance(before, NotYet)
    offices.clock.moment = before.ask_at - timedelta(seconds=1)
    assert await offices.ask("tax.registration", KeyKind.USCC, coming.uscc) == before
    offices.clock.moment = before.ask_at
    assert isinstance(await offices.ask("tax.registration", KeyKind.USCC, coming.uscc), Found)


async def test_the_approval_platform_finds_by_name_and_place_and_then_by_code(offices: Offices) -> None:
    approvals = offices.departments.books.approvals.values()
    known = next(each for each in approvals if each.project.at(OPENING) and not each.seed.started)
    coming = next(each for each in approvals if each.project.awaited(OPENING))
    by_name = await offices.ask("reform.project", KeyKind.NAME, f"{known.seed.division}|{known.seed.name}")
    by_code = await offices.ask("reform.project", KeyKind.PROJECT_CODE, known.code)
    assert isinstance(by_code, Found)
    assert by_name == by_code
    assert by_code.rows[0]["项目单位统一社会信用代码"] == known.company.uscc

    before = await offices.ask("reform.project", KeyKind.PROJECT_CODE, coming.code)
    assert isinstance(before, NotYet)
    offices.clock.moment = before.ask_at
    assert isinstance(await offices.ask("reform.project", KeyKind.PROJECT_CODE, coming.code), Found)
    assert isinstance(await offices.ask("reform.project", KeyKind.NAME, "370211|没有这个项目"), NoSuchSubject)


async def test_the_finance_system_tells_nothing_recorded_from_nobody_there(offices: Offices) -> None:
    companies = offices.departments.books.companies.values()
    paid = next(each for each in companies if each.incentive.revisions)
    unpaid = next(each for each in companies if not each.incentive.revisions)
    offices.clock.moment = paid.incentive.revisions[-1][0]
    found = await offices.ask("finance.incentive", KeyKind.USCC, paid.uscc)
    assert isinstance(found, Found)
    assert [row["payStatus"] for row in found.rows] == ["40"]
    assert await offices.ask("finance.incentive", KeyKind.USCC, unpaid.uscc) == Found((), simulated=True)
    assert isinstance(await offices.ask("finance.incentive", KeyKind.USCC, NOBODY), NoSuchSubject)


async def test_foreign_capital_is_told_of_foreign_companies_only(offices: Offices) -> None:
    books = offices.departments.books
    offices.clock.moment = OPENING + timedelta(days=182)
    foreign = next(each for each in books.companies.values() if books.is_foreign(each))
    other = next(each for each in books.companies.values() if not books.is_foreign(each))
    for company, rows in ((foreign, 1), (other, 0)):
        answer = await offices.ask("commerce.foreign_capital", KeyKind.USCC, company.uscc)
        assert isinstance(answer, Found)
        assert len(answer.rows) == rows


@every_department
async def test_a_wrong_signature_is_refused_in_the_departments_own_words(offices: Offices, name: str) -> None:
    client, (path, asked) = offices.http(name), ASKED[name]
    body = json.dumps(asked, ensure_ascii=False).encode()
    wrong = [
        {},
        signed(name, body, secret="another-secret"),
        signed(name, body, late=timedelta(minutes=11)),
        signed(name, body, late=-timedelta(minutes=11)),
        forged(signed(name, body)),
    ]
    (await client.post("/_faults", json={"kind": "refused"})).raise_for_status()
    for headers in wrong:
        document = await post(client, path, body, headers)
        refusal = bridge_of(name).read(document)
        assert isinstance(refusal, Refused)
        assert "签名" in refusal.reason
        assert document["simulated"] is True
    assert len((await client.get("/_faults")).json()["waiting"]) == 1
    calls = (await client.get("/_calls")).json()
    assert calls["by_outcome"] == {"bad_signature": len(wrong)}
    assert {call["key"] for call in calls["newest"]} == {""}


async def test_a_changed_body_is_refused_where_the_signature_covers_it(offices: Offices) -> None:
    path, asked = ASKED["finance"]
    headers = signed("finance", json.dumps(asked).encode())
    document = await post(offices.http("finance"), path, json.dumps({**asked, "pageNo": 2}).encode(), headers)
    assert document["reasonCode"] == "SIGN"


@every_department
@pytest.mark.parametrize("body", [b"", b"[1]", b"not json", b"{}", b"[" * 5000, b'{"nsrsbh": null}'])
async def test_a_signed_call_that_names_nobody_is_refused_with_a_code(offices: Offices, name: str, body: bytes) -> None:
    document = await post(offices.http(name), ASKED[name][0], body, signed(name, body))
    assert isinstance(bridge_of(name).read(document), Refused)
    assert offices.departments.calls[name].by_outcome == {"no_key": 1}


async def test_half_a_character_is_nobody_s_key_and_can_still_be_shown(offices: Offices) -> None:
    body = b'{"nsrsbh": "\\ud800"}'
    document = await post(offices.http("tax"), ASKED["tax"][0], body, signed("tax", body))
    assert isinstance(bridge_of("tax").read(document), NoSuchSubject)
    assert (await offices.http("tax").get("/_calls")).json()["newest"][0]["key"] == "?"
    reply = await offices.http("tax").post("/_faults", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 422


@every_department
async def test_a_call_that_is_too_long_is_not_read(offices: Offices, name: str) -> None:
    body = b" " * (LARGEST_CALL_BYTES + 1)
    reply = await offices.http(name).post(ASKED[name][0], content=body, headers=signed(name, body))
    assert reply.status_code == 413
    assert offices.departments.calls[name].by_outcome == {"too_large": 1}


async def test_a_taken_port_is_said_at_once_and_leaves_nothing_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {**ANY_PORTS, "finance": taken.getsockname()[1]}
        before = asyncio.all_tasks()
        with pytest.raises(OSError, match="in use"):
            async with serve(SEED, None, lambda: OPENING, ports):
                raise AssertionError("a server listens where another one does")
        assert asyncio.all_tasks() == before


async def test_departments_that_have_closed_answer_no_more() -> None:
    async with serve(SEED, None, lambda: OPENING, ANY_PORTS) as departments:
        urls = dict(departments.urls)
    async with httpx.AsyncClient() as client:
        for url in urls.values():
            with pytest.raises(httpx.ConnectError):
                await client.get(f"{url}/_calls")
