"""The door *receive* opens to the department's signature alone; what can't be read waits in quarantine and can be released."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sikua_bridge.signing import HmacTimestampSigner
from sikua_chassis.clock import real_now
from sikua_simulators.departments.timelines import Timeline
from support.bridges import Bridges, values_of

SECRET = "opens-simulated-departments-only"
USCC = "91370211MA3C00011M"
JSON = {"Content-Type": "application/json"}
TAX = HmacTimestampSigner("sikua-tax-bridge", SECRET, covers_body=True)
FINANCE = HmacTimestampSigner(
    "sikua-finance-bridge",
    SECRET,
    app_id_header="X-App-Key",
    timestamp_header="X-Timestamp",
    sign_header="X-Signature",
    covers_body=True,
)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def registration(**changes: Any) -> dict[str, Any]:
    row = {"nsrsbh": USCC, "nsrmc": "某某公司", "nsrzt": "03", "djrq": "20260218", "gxsj": "2026-03-01 09:00:00"}
    return {**row, **changes}


async def push(
    bridges: Bridges,
    *rows: dict[str, Any],
    name: str = "tax",
    dataset: str = "tax.registration",
    signer: HmacTimestampSigner = TAX,
    at: datetime | None = None,
) -> httpx.Response:
    """Push as a department would, signed now unless told otherwise, without any token."""
    document = {"dataset": dataset, "batch_id": "b-1", "rows": list(rows), "simulated": True}
    body = json.dumps(document, ensure_ascii=False).encode()
    client = bridges.system.client(f"{name}-bridge")
    del client.headers["Authorization"]
    headers = {**JSON, **signer.sign(at or real_now(), body)}
    return await client.post("/receive", content=body, headers=headers)


def verdicts(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [verdict["verdict"] for verdict in answer.json()["verdicts"]]


@pytest.mark.parametrize("name", ["tax", "reform", "finance"])
async def test_a_department_s_own_push_is_taken_and_one_with_a_wrong_signature_is_not(
    bridges: Bridges, name: str
) -> None:
    now = bridges.system.runtime.clock.now()
    known = bridges.seek(lambda each: each.project.at(now) is not None, established=True)
    paid = Timeline(
        (
            (
                now,
                {
                    "investeeCode": known.company.uscc,
                    "investor": "基金",
                    "committedAmount": "1.00",
                    "updatedMillis": int(now.timestamp() * 1000),
                },
            ),
        )
    )
    bridges.rewrite(known.company, equity=paid)
    await bridges.start(name)
    await bridges.announce("p-1", "另一个名字的项目", uscc=[known.company.uscc], project_codes=[known.code])
    await bridges.system.quiet()
    before = len(await bridges.said(name, "p-1"))
    orders = {
        "tax": ("tax.registration", {"nsrsbh": known.company.uscc}),
        "reform": ("reform.project", {"项目代码": known.code}),
        "finance": ("finance.equity", {"creditCode": known.company.uscc}),
    }
    dataset, asked = orders[name]
    order = {"url": f"{await bridges.system.serve(f'{name}-bridge')}/receive", "dataset": dataset, "asked": asked}
    async with httpx.AsyncClient(base_url=bridges.departments.urls[name], timeout=30) as department:
        forged = (await department.post("/_push", json={**order, "wrong_signature": True})).json()
        pushed = (await department.post("/_push", json=order)).json()
    assert forged["status"] == 401
    assert forged["document"]["type"] == "urn:sikua:problem:unauthorized"
    assert pushed["status"] == 200, pushed
    assert [verdict["verdict"] for verdict in pushed["document"]["verdicts"]] == ["duplicate"]
    await bridges.system.quiet()
    assert len(await bridges.said(name, "p-1")) == before


async def test_a_pushed_row_is_stated_at_once_and_the_same_push_again_is_a_duplicate(bridges: Bridges) -> None:
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[USCC])
    assert verdicts(await push(bridges, registration())) == ["accepted"]
    assert verdicts(await push(bridges, registration())) == ["duplicate"]
    assert verdicts(await push(bridges, registration(), registration(nsrzt="04"))) == ["duplicate", "accepted"]
    await bridges.system.quiet()
    facts = [fact for fact in await bridges.said("tax", "p-1") if fact["said"] == "reported"]
    assert [values_of(fact)["tax_reg_status"] for fact in facts] == ["正常", "停业"]
    assert {fact["quality"] for fact in facts} == {"simulated"}


async def test_an_unsigned_a_late_and_a_changed_push_are_turned_away(bridges: Bridges) -> None:
    await bridges.start("tax")
    assert (
        await push(bridges, registration(), signer=HmacTimestampSigner("x", SECRET, covers_body=True))
    ).status_code == 401
    assert (await push(bridges, registration(), at=real_now() - timedelta(minutes=11))).status_code == 401
    client = bridges.system.client("tax-bridge")
    signed = {**JSON, **TAX.sign(real_now(), b'{"rows": []}')}
    assert (await client.post("/receive", content=b'{"rows": [1]}', headers=signed)).status_code == 401
    assert (await client.post("/receive", content=b"{}", headers=JSON)).status_code == 401
    assert await bridges.page("tax", "/quarantine") == []


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (b"no json", {""}),
        (b"[" * 100_000, {""}),
        (b"{}", {"/dataset", "/batch_id", "/rows"}),
        (b'{"dataset": "tax.nothing", "batch_id": "b", "rows": [{}]}', {"/dataset"}),
        (b'{"dataset": "tax.paid", "batch_id": "b\\u0000", "rows": [{}]}', {"/batch_id"}),
        (b'{"dataset": "tax.paid", "batch_id": "b", "rows": [1], "more": 1}', {"/rows/0", "/more"}),
    ],
)
async def test_a_signed_push_out_of_form_is_refused_with_every_wrong_field(
    bridges: Bridges, content: bytes, fields: set[str]
) -> None:
    await bridges.start("tax")
    client = bridges.system.client("tax-bridge")
    answer = await client.post("/receive", content=content, headers={**JSON, **TAX.sign(real_now(), content)})
    assert answer.status_code == 422, answer.text
    assert {error["field"] for error in answer.json()["errors"]} == fields


async def test_one_bad_row_is_quarantined_whole_and_keeps_no_other_back(bridges: Bridges) -> None:
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[USCC])
    long = registration(nsrzt="99", note="长" * 9000)
    assert verdicts(await push(bridges, long, registration(), long)) == ["quarantined", "accepted", "quarantined"]
    (kept,) = await bridges.page("tax", "/quarantine")
    assert (kept["reason"].split(":")[0], kept["times"], kept["batch_id"]) == ("unknown_status", 2, "b-1")
    operator = bridges.system.client("tax-bridge", "operator")
    detail = (await operator.get(f"/quarantine/{kept['quarantine_id']}")).json()
    assert json.loads(detail["raw"]) == long
    assert (await bridges.system.client("tax-bridge", "auditor").get("/quarantine")).status_code == 200
    reader = bridges.system.client("tax-bridge", "auditor")
    assert (await reader.get(f"/quarantine/{kept['quarantine_id']}")).status_code == 403


async def test_a_row_is_released_once_it_can_be_read_and_stated_as_it_came(bridges: Bridges) -> None:
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[USCC])
    early = registration(gxsj="2026-03-09 09:00:00")
    assert verdicts(await push(bridges, early)) == ["quarantined"]
    (kept,) = await bridges.page("tax", "/quarantine")
    operator = bridges.system.client("tax-bridge", "operator")
    path = f"/quarantine/{kept['quarantine_id']}/release"
    refused = await operator.post(path)
    assert refused.status_code == 409
    assert (refused.json()["type"], refused.json()["detail"]) == ("urn:sikua:problem:still-unreadable", kept["reason"])

    await bridges.days(7)
    released = await operator.post(path)
    assert released.status_code == 200, released.text
    assert released.json()["quarantined"]["state"] == "released"
    assert released.json()["quarantined"]["resolved_by"] == "operator@test"
    assert released.json()["verdict"]["verdict"] == "accepted"
    await bridges.system.quiet()
    fact = (await bridges.said("tax", "p-1"))[-1]
    assert (fact["fact_id"], fact["quality"]) == (released.json()["verdict"]["fact_ids"][0], "simulated")
    assert (await operator.post(path)).status_code == 409
    assert verdicts(await push(bridges, early)) == ["duplicate"]


async def test_an_incentive_without_fair_review_is_not_shared_and_an_operator_closes_it_with_a_word(
    bridges: Bridges,
) -> None:
    await bridges.start("finance")
    row = {
        "beneficiaryCode": USCC,
        "fundName": "奖励",
        "policyDoc": "青商字",
        "fairReview": "",
        "payStatus": "20",
        "approvedAmount": "1.00",
        "updatedMillis": 1772300000000,
    }
    answer = await push(bridges, row, name="finance", dataset="finance.incentive", signer=FINANCE)
    assert verdicts(answer) == ["quarantined"]
    (kept,) = await bridges.page("finance", "/quarantine", state="open")
    assert kept["reason"].startswith("no_fair_review")
    operator = bridges.system.client("finance-bridge", "operator")
    path = f"/quarantine/{kept['quarantine_id']}"
    assert (await operator.post(f"{path}/release")).status_code == 409
    closed = await operator.post(f"{path}/resolve", json={"resolution": "已告知财政局补审查"})
    assert (closed.status_code, closed.json()["state"], closed.json()["resolution"]) == (
        200,
        "resolved",
        "已告知财政局补审查",
    )
    assert (await operator.post(f"{path}/resolve", json={"resolution": "再次"})).status_code == 409
    assert (await operator.get("/quarantine/none")).status_code == 404
    assert (await operator.post("/quarantine/none/release")).status_code == 404
