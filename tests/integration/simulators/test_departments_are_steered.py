"""Books can be read and added to over HTTP, and a department pushes its rows, signed, to the door of a real bridge."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sikua_bridge.answers import Found
from sikua_bridge.datasets import KeyKind
from sikua_contracts.bridges import FactReported
from sikua_registry.app import build as build_registry
from sikua_simulators.departments.chance import OPENING
from support.city import bridge_at
from support.simulated_departments import Offices
from support.system import System

NEW = {"name": "某某氢能装备产业园项目", "division": "370211", "investor": "某某氢能有限公司", "invest_yi": "12.5"}


async def all_records(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The books, page by page."""
    records: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = (await client.get("/_records", params={"after": after, "limit": 100})).json()
        records += page["items"]
        after = page["next"]
    return records


async def test_all_the_real_projects_stand_in_the_books_of_every_department(offices: Offices) -> None:
    books = [await all_records(offices.http(name)) for name in ("tax", "reform", "finance")]
    assert books[0] == books[1] == books[2]
    assert len({record["project_code"] for record in books[0]}) == 256
    assert all(record["simulated"] for record in books[0])


async def test_a_new_record_is_known_to_all_three(offices: Offices) -> None:
    entered = (await offices.http("reform").post("/_records", json=NEW)).json()
    assert (await offices.http("tax").post("/_records", json=NEW)).json() == entered
    assert entered["company"] == NEW["investor"]
    approval = offices.departments.books.approvals[entered["project_code"]]
    offices.clock.moment = max((moment for moment, _ in approval.project.revisions), default=OPENING)
    assert isinstance(await offices.ask("tax.registration", KeyKind.USCC, entered["uscc"]), Found)
    assert isinstance(await offices.ask("finance.equity", KeyKind.USCC, entered["uscc"]), Found)
    assert len(await all_records(offices.http("finance"))) == 257


async def test_a_wrong_record_is_refused_with_every_wrong_field(offices: Offices) -> None:
    wrong = {
        "name": " ",
        "division": "999999",
        "section": "Z",
        "invest_yi": "-1",
        "stage_date": "0001-01-01",
        "code": 1,
    }
    reply = await offices.http("reform").post("/_records", json=wrong)
    assert reply.status_code == 422
    assert {error["field"].removeprefix("/") for error in reply.json()["errors"]} == wrong.keys()
    assert len(await all_records(offices.http("reform"))) == 256


@pytest.fixture
async def pushes(system: System, offices: Offices) -> dict[str, str]:
    """A registry, three bridges that ask the departments, and the address of each bridge's door."""
    await system.start(build_registry)
    doors = {}
    for name, url in offices.departments.urls.items():
        await system.start(bridge_at(f"{name}-bridge", url))
        doors[name] = await system.serve(f"{name}-bridge") + "/receive"
    return doors


def orders(offices: Offices) -> dict[str, tuple[str, dict[str, str]]]:
    """For each department a dataset and the key, in its own words, of something that stands in its books."""
    books = offices.departments.books
    company = next(each for each in books.companies.values() if each.registration.at(OPENING))
    approval = next(each for each in books.approvals.values() if each.project.at(OPENING))
    backed = next(each for each in books.companies.values() if each.equity.at(OPENING))
    return {
        "tax": ("tax.registration", {"nsrsbh": company.uscc}),
        "reform": ("reform.project", {"项目代码": approval.code}),
        "finance": ("finance.equity", {"creditCode": backed.uscc}),
    }


async def stated(system: System, bridge: str) -> list[dict[str, Any]]:
    """What a bridge keeps of the rows it took."""
    pool = system.services[bridge].database.pool
    return [dict(row) for row in await pool.fetch("SELECT dataset, state, batch_id, document FROM statement")]


@pytest.mark.parametrize("name", ["tax", "reform", "finance"])
async def test_a_push_passes_the_bridges_door_and_is_kept_as_simulated(
    system: System, offices: Offices, pushes: dict[str, str], name: str
) -> None:
    dataset, asked = orders(offices)[name]
    client = offices.http(name)
    order = {"url": pushes[name], "dataset": dataset, "asked": asked}
    forged = (await client.post("/_push", json={**order, "wrong_signature": True})).json()
    assert forged["status"] == 401
    assert await stated(system, f"{name}-bridge") == []
    pushed = (await client.post("/_push", json=order)).json()
    assert (pushed["status"], pushed["rows"]) == (200, 1)
    assert pushed["document"]["verdicts"][0]["verdict"] == "held_unlinked"
    kept = await stated(system, f"{name}-bridge")
    assert [(row["dataset"], row["batch_id"]) for row in kept] == [(dataset, pushed["batch_id"])]
    assert kept[0]["document"]["quality"] == "simulated"


async def test_every_fact_about_a_project_is_simulated(
    system: System, offices: Offices, pushes: dict[str, str]
) -> None:
    approvals = offices.departments.books.approvals.values()
    known = next(
        each
        for each in approvals
        if each.project.at(OPENING) and each.company.registration.at(OPENING) and each.seed.foreign
    )
    officer = system.client("registry", "command_office")
    form = {"name": known.seed.name, "divisions": [known.seed.division]}
    made = await officer.post("/projects", json=form, headers={"Idempotency-Key": "once"})
    made.raise_for_status()
    await system.quiet()
    facts = []
    for name in ("tax-bridge", "reform-bridge", "finance-bridge"):
        rows = await system.services[name].database.pool.fetch(
            "SELECT payload FROM published WHERE type = $1", FactReported.type
        )
        facts += [FactReported.model_validate(row["payload"]) for row in rows]
    assert {fact.department for fact in facts} >= {"tax", "reform"}
    assert {fact.quality for fact in facts} == {"simulated"}
    record = (await officer.get(f"/projects/{made.json()['project_id']}")).json()
    assert record["project_codes"] == [known.code]
    by_departments = [each for each in record["fields"].values() if each["stated_by"] in ("tax", "reform", "finance")]
    assert by_departments
    assert {each["quality"] for each in by_departments} == {"simulated"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"dataset": "finance.equity"}, 422),
        ({"asked": {"nsrsbh": "91370200264574251E"}}, 404),
        ({"url": "http://192.0.2.1/receive"}, 422),
        ({"url": "http://127.0.0.1:99999/receive"}, 422),
        ({"url": "https://127.0.0.1/receive"}, 422),
        ({"url": "http://127.0.0.1:9/receive"}, 502),
        ({"asked": {}}, 422),
    ],
)
async def test_a_push_that_cannot_be_made_is_said_as_a_problem(
    offices: Offices, change: dict[str, Any], status: int
) -> None:
    dataset, asked = orders(offices)["tax"]
    order = {"url": "http://127.0.0.1:9/receive", "dataset": dataset, "asked": asked, **change}
    reply = await offices.http("tax").post("/_push", json=order)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert " · " in reply.json()["title"]


async def test_a_push_to_what_speaks_no_http_is_said_as_a_problem(offices: Offices) -> None:
    async def rude(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-hello\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(rude, "127.0.0.1", 0)
    async with server:
        dataset, asked = orders(offices)["tax"]
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/receive"
        reply = await offices.http("tax").post("/_push", json={"url": url, "dataset": dataset, "asked": asked})
    assert reply.status_code == 502
