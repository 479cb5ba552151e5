"""`POST /facts`: a verdict per item, the same push twice, an older push, another department's, and what is taken back."""

from __future__ import annotations

from typing import Any

import httpx
from support.bridges import Bridges, values_of

USCC, OTHER = "91370211MA3C00011M", "91370200264574251E"


def item(**changes: Any) -> dict[str, Any]:
    return {
        "dataset": "tax.registration",
        "subject": {"uscc": USCC},
        "values": {"tax_reg_status": "正常", "reg_date": "2026-02-18"},
        "as_of": "2026-03-01T09:00:00+08:00",
        "basis": "税务登记信息",
        **changes,
    }


async def started(bridges: Bridges) -> httpx.AsyncClient:
    """A tax bridge whose department knows nobody, with a project linked to the first company; the tax office's client."""
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[USCC])
    return bridges.system.client("tax-bridge", "department_system", unit="tax")


async def verdicts(client: httpx.AsyncClient, *items: dict[str, Any], batch: str = "b-1") -> list[dict[str, Any]]:
    answer = await client.post("/facts", json={"batch_id": batch, "facts": list(items)})
    assert answer.status_code == 200, answer.text
    assert answer.json()["batch_id"] == batch
    found: list[dict[str, Any]] = answer.json()["verdicts"]
    assert [verdict["index"] for verdict in found] == list(range(len(items)))
    return found


async def reported(bridges: Bridges, project_id: str = "p-1") -> list[dict[str, Any]]:
    await bridges.system.quiet()
    return [fact for fact in await bridges.said("tax", project_id) if fact["said"] == "reported"]


async def test_each_item_of_a_bulk_is_judged_by_itself(bridges: Bridges) -> None:
    office = await started(bridges)
    found = await verdicts(
        office,
        item(),
        item(),
        item(subject={"uscc": OTHER}),
        item(values={"tax_reg_status": "很好", "shoe_size": 44}, basis="b"),
        item(subject={"uscc": "1"}),
        item(subject={"name": "无人知晓的项目", "division": "370283"}),
        item(as_of="2027-01-01T00:00:00+08:00"),
        item(dataset="finance.equity"),
    )
    assert [verdict["verdict"] for verdict in found] == [
        "accepted",
        "duplicate",
        "held_unlinked",
        "rejected",
        "rejected",
        "held_unlinked",
        "rejected",
        "rejected",
    ]
    wrong = [[error["field"] for error in verdict["errors"]] for verdict in found]
    assert wrong[3:5] == [["/values/tax_reg_status", "/values/shoe_size"], ["/subject/uscc"]]
    assert wrong[6:] == [["/as_of"], ["/dataset"]]
    (fact,) = await reported(bridges)
    assert (fact["fact_id"], fact["batch_id"], fact["quality"]) == (found[0]["fact_ids"][0], "b-1", "confirmed")
    assert len(await bridges.page("tax", "/facts/held")) == 2


async def test_the_same_push_twice_states_once(bridges: Bridges) -> None:
    office = await started(bridges)
    assert [found["verdict"] for found in await verdicts(office, item())] == ["accepted"]
    (again,) = await verdicts(office, item(), batch="b-2")
    assert (again["verdict"], again["reason"], again["fact_ids"]) == ("duplicate", "stated_before", [])
    assert len(await reported(bridges)) == 1


async def test_an_older_push_is_stated_as_of_its_own_time_and_left_to_the_registry_to_order(bridges: Bridges) -> None:
    office = await started(bridges)
    await verdicts(office, item())
    older = item(values={"tax_reg_status": "停业"}, as_of="2026-01-05T09:00:00+08:00")
    assert [found["verdict"] for found in await verdicts(office, older, batch="b-0")] == ["accepted"]
    stated = [(values_of(fact)["tax_reg_status"], fact["as_of"][:10]) for fact in await reported(bridges)]
    assert stated == [("正常", "2026-03-01"), ("停业", "2026-01-05")]


async def test_a_fact_is_taken_back_once_and_only_by_who_stated_it(bridges: Bridges) -> None:
    office = await started(bridges)
    (accepted,) = await verdicts(office, item())
    (fact_id,) = accepted["fact_ids"]
    path = f"/facts/{fact_id}/withdraw"
    foreign = bridges.system.client("tax-bridge", "department_system", unit="finance")
    assert (await foreign.post(path, json={"reason": "不是我们的"})).status_code == 403
    assert (await office.post(path, json={"reason": "录入有误"})).status_code == 204
    assert (await office.post(path, json={"reason": "录入有误"})).status_code == 409
    assert (await office.post("/facts/none/withdraw", json={"reason": "录入有误"})).status_code == 404
    await bridges.system.quiet()
    last = (await bridges.said("tax", "p-1"))[-1]
    assert (last["said"], last["fact_id"], last["reason"]) == ("withdrawn", fact_id, "录入有误")

    (again,) = await verdicts(office, item())
    assert (again["verdict"], again["reason"]) == ("duplicate", "withdrawn_before")


async def test_what_was_taken_back_is_not_stated_for_a_project_that_comes_later(bridges: Bridges) -> None:
    office = await started(bridges)
    (accepted,) = await verdicts(office, item())
    await office.post(f"/facts/{accepted['fact_ids'][0]}/withdraw", json={"reason": "录入有误"})
    await bridges.register("p-2", uscc=[USCC])
    assert await reported(bridges, "p-2") == []


async def test_a_bridge_speaks_for_its_own_departments_only(bridges: Bridges) -> None:
    await bridges.start("finance")
    body = {"batch_id": "b", "facts": [item()]}
    stranger = bridges.system.client("finance-bridge", "department_system", unit="tax")
    assert (await stranger.post("/facts", json=body)).status_code == 403
    officer = bridges.system.client("finance-bridge", "command_office", unit="finance")
    assert (await officer.post("/facts", json=body)).status_code == 403
    commerce = bridges.system.client("finance-bridge", "department_system", unit="commerce")
    capital = item(dataset="commerce.foreign_capital", values={"report_no": "WZ1", "is_increase": False})
    assert [found["verdict"] for found in await verdicts(commerce, capital)] == ["held_unlinked"]


async def test_a_bulk_without_items_or_with_too_many_is_refused_as_a_whole(bridges: Bridges) -> None:
    office = await started(bridges)
    for facts in ([], [item()] * 501, "none"):
        answer = await office.post("/facts", json={"batch_id": "b", "facts": facts})
        assert answer.status_code == 422
        assert {error["field"] for error in answer.json()["errors"]} == {"/facts"}


async def test_a_full_bulk_of_names_against_many_projects_is_judged_without_holding_up_the_others(
    bridges: Bridges,
) -> None:
    office = await started(bridges)
    for number in range(60):
        await bridges.announce(f"q-{number:02}", f"青岛第{number}号海洋新材料产业基地项目")
    await bridges.system.quiet()
    names = [f"青岛市第{number}号 海洋新材料产业基地工程" for number in range(500)]
    items = [item(subject={"name": name, "division": "370211"}, basis=name) for name in names]
    found = await verdicts(office, *items)
    assert {verdict["verdict"] for verdict in found} == {"held_unlinked"}
    pending = await bridges.page("tax", "/links", state="pending", limit=100)
    assert len(pending) == 100
    assert {link["reason"] for link in pending} == {"name_similar"}
