"""One company behind many projects, names that a person must judge, and keys that a record shows no more."""

from __future__ import annotations

import httpx
from sikua_contracts.registry import ProjectMerged
from sikua_contracts.words import ProjectStatus
from sikua_simulators.departments.approvals import Approval
from support.bridges import Bridges, values_of

OTHER = "91370200264574251E"


def established(bridges: Bridges) -> Approval:
    """A made-up project of a company long there, that pays tax."""
    return bridges.seek(lambda each: len(each.company.registration.revisions) == 1, established=True)


def filed(bridges: Bridges) -> Approval:
    """A made-up project that the approval platform knows and whose row does not change any more."""
    now = bridges.system.runtime.clock.now()
    return bridges.seek(lambda each: each.project.at(now) is not None and each.project.next_change(now) is None)


def operator(bridges: Bridges, name: str) -> httpx.AsyncClient:
    return bridges.system.client(f"{name}-bridge", "operator")


async def registrations(bridges: Bridges, project_id: str) -> list[str]:
    return [fact["said"] for fact in await bridges.said("tax", project_id) if fact["dataset"] == "tax.registration"]


async def test_one_answer_becomes_one_fact_per_linked_project_under_ids_of_their_own(bridges: Bridges) -> None:
    known = established(bridges)
    await bridges.start("tax")
    for number in range(3):
        await bridges.announce(f"p-{number}", f"第{number}个项目", uscc=[known.company.uscc])
    await bridges.system.quiet()
    assert bridges.departments.calls["tax"].by_dataset["tax.registration"] == 1
    facts = [fact for fact in await bridges.said("tax") if fact["dataset"] == "tax.registration"]
    assert sorted(fact["project_id"] for fact in facts) == ["p-0", "p-1", "p-2"]
    assert len({fact["fact_id"] for fact in facts}) == 3
    assert len({fact["row_hash"] for fact in facts}) == 1


async def test_a_project_that_comes_later_is_told_what_is_known_without_asking_again(bridges: Bridges) -> None:
    known = established(bridges)
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    await bridges.days(3)
    await bridges.register("p-2", "后来的项目", uscc=[known.company.uscc])
    assert bridges.departments.calls["tax"].by_dataset["tax.registration"] == 1
    assert await registrations(bridges, "p-2") == ["reported"]


async def test_a_project_that_comes_later_is_told_the_last_word_where_nothing_is_known(bridges: Bridges) -> None:
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[OTHER])
    await bridges.register("p-2", "后来的项目", uscc=[OTHER])
    assert await registrations(bridges, "p-2") == ["unavailable"]
    assert bridges.calls("tax") == 3


async def test_the_same_name_in_the_same_place_links_by_itself(bridges: Bridges) -> None:
    known = filed(bridges)
    await bridges.start("reform")
    await bridges.register("p-1", known.seed.name)
    (link,) = [link for link in await bridges.page("reform", "/links") if link["key"] == known.code]
    assert (link["state"], link["reason"], link["project_id"]) == ("certain", "name_and_division", "p-1")


async def push_similar(bridges: Bridges, known: Approval, alike: str) -> None:
    """The platform pushes the row of a project that one of ours resembles in name."""
    await bridges.start("reform")
    await bridges.register("p-1", alike)
    order = {
        "url": f"{await bridges.system.serve('reform-bridge')}/receive",
        "dataset": "reform.project",
        "asked": {"项目代码": known.code},
    }
    async with httpx.AsyncClient(base_url=bridges.departments.urls["reform"], timeout=30) as department:
        pushed = (await department.post("/_push", json=order)).json()
    assert [verdict["verdict"] for verdict in pushed["document"]["verdicts"]] == ["held_unlinked"]


async def test_a_similar_name_waits_for_a_person_and_leaves_when_confirmed(bridges: Bridges) -> None:
    known = filed(bridges)
    await push_similar(bridges, known, f"{known.seed.name}二期")
    (link,) = await bridges.page("reform", "/links", state="pending")
    assert (link["key"], link["stated_name"], link["reason"]) == (known.code, known.seed.name, "name_similar")
    assert 0.72 <= link["similarity"] < 1
    assert [fact["said"] for fact in await bridges.said("reform", "p-1")] == ["unavailable"]

    office = operator(bridges, "reform")
    confirmed = await office.post(f"/links/{link['link_id']}/confirm")
    assert (confirmed.status_code, confirmed.json()["decided_by"]) == (200, "operator@test")
    await bridges.system.quiet()
    facts = [fact for fact in await bridges.said("reform", "p-1") if fact["said"] == "reported"]
    assert values_of(facts[0])["project_code"] == known.code
    assert [fact["dataset"] for fact in facts].count("reform.project") == 1
    assert await bridges.page("reform", "/facts/held") == []
    assert (await office.post(f"/links/{link['link_id']}/confirm")).status_code == 409
    assert (await office.post("/links/none/confirm")).status_code == 404


async def test_a_rejected_link_stays_rejected_and_the_row_goes_on_waiting(bridges: Bridges) -> None:
    known = filed(bridges)
    await push_similar(bridges, known, f"{known.seed.name}二期")
    (link,) = await bridges.page("reform", "/links", state="pending")
    office = operator(bridges, "reform")
    assert (await office.post(f"/links/{link['link_id']}/reject")).json()["state"] == "rejected"
    assert (await office.post(f"/links/{link['link_id']}/confirm")).status_code == 409
    (held,) = await bridges.page("reform", "/facts/held")
    assert held["key"] == known.code
    assert await bridges.page("reform", "/links", state="pending") == []


async def test_a_link_by_hand_asks_by_the_new_key_at_once(bridges: Bridges) -> None:
    known = established(bridges)
    await bridges.start("tax")
    await bridges.register("p-1")
    office = operator(bridges, "tax")
    body = {"project_id": "p-1", "key_kind": "uscc", "key": known.company.uscc}
    made = await office.post("/links", json=body)
    assert made.status_code == 201, made.text
    await bridges.system.quiet()
    assert await registrations(bridges, "p-1") == ["reported"]
    assert (await office.post("/links", json=body)).status_code == 409
    assert (await office.post("/links", json={**body, "project_id": "nobody"})).status_code == 404
    wrong = await office.post("/links", json={**body, "key": "1"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "/key")
    assert (await bridges.system.client("tax-bridge", "auditor").post("/links", json=body)).status_code == 403


async def test_what_belongs_to_a_company_that_the_record_no_longer_names_is_taken_back(bridges: Bridges) -> None:
    known = established(bridges)
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    await bridges.register("p-2", "另一个项目", uscc=[known.company.uscc])
    stated = {fact["fact_id"] for fact in await bridges.said("tax", "p-1") if fact["said"] == "reported"}

    await bridges.show("p-1", uscc=[OTHER])
    taken = {fact["fact_id"] for fact in await bridges.said("tax", "p-1") if fact["said"] == "withdrawn"}
    assert taken == stated
    assert [link["state"] for link in await bridges.page("tax", "/links") if link["key"] == known.company.uscc] == [
        "ended",
        "certain",
    ]
    assert await registrations(bridges, "p-2") == ["reported"]

    await bridges.show("p-1", uscc=[known.company.uscc])
    again = await registrations(bridges, "p-1")
    assert again == ["reported", "withdrawn", "unavailable", "reported"]
    ids = [fact["fact_id"] for fact in await bridges.said("tax", "p-1") if fact["said"] == "reported"]
    assert len(ids) == len(set(ids))


async def test_a_company_that_nobody_names_any_more_is_not_asked_for(bridges: Bridges) -> None:
    known = established(bridges)
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    await bridges.show("p-1", uscc=[])
    before = bridges.calls("tax")
    await bridges.days(200)
    assert bridges.calls("tax") == before


async def test_a_renamed_project_keeps_what_was_found_by_its_old_name(bridges: Bridges) -> None:
    known = filed(bridges)
    await bridges.start("reform")
    await bridges.register("p-1", known.seed.name)
    await bridges.show("p-1", name="全新的名字", project_codes=[known.code], uscc=[known.company.uscc])
    assert "withdrawn" not in [fact["said"] for fact in await bridges.said("reform", "p-1")]
    old = [each for each in await bridges.page("reform", "/enquiries") if each["key"].endswith(known.seed.name)]
    assert [each["ask_at"] for each in old] == [None]


async def test_a_code_that_an_officer_enters_later_finds_what_no_name_found(bridges: Bridges) -> None:
    known = filed(bridges)
    await bridges.start("reform")
    await bridges.register("p-1", "平台上没有的名字")
    assert [fact["said"] for fact in await bridges.said("reform")] == ["unavailable"]
    await bridges.show("p-1", project_codes=[known.code])
    facts = {fact["dataset"] for fact in await bridges.said("reform") if fact["said"] == "reported"}
    assert "reform.project" in facts


async def test_the_project_that_stays_after_a_merger_inherits_links_and_facts(bridges: Bridges) -> None:
    known = established(bridges)
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    await bridges.register("p-2", "留下的项目")
    ended = bridges.record("p-1").model_copy(update={"status": ProjectStatus.MERGED, "version": 2})
    await bridges.system.say("registry", ProjectMerged(record=ended, into="p-2", merged_by="test"))
    await bridges.system.quiet()
    assert await registrations(bridges, "p-2") == ["reported"]
    assert {each["ask_at"] is not None for each in await bridges.page("tax", "/enquiries")} == {True}
    await bridges.days(61)
    assert bridges.departments.calls["tax"].by_dataset["tax.registration"] == 2


async def test_a_merger_into_a_project_not_heard_of_yet_waits_for_it(bridges: Bridges) -> None:
    known = established(bridges)
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    ended = bridges.record("p-1").model_copy(update={"status": ProjectStatus.MERGED, "version": 2})
    await bridges.system.say("registry", ProjectMerged(record=ended, into="p-9", merged_by="test"))
    await bridges.system.quiet()
    (lane,) = await bridges.rows("tax", "SELECT state, detail FROM lane WHERE state IS NOT NULL")
    assert (lane["state"], lane["detail"]) == ("waiting", "project p-9, which stays, is not known yet")

    await bridges.register("p-9", "留下的项目")
    await bridges.rows("tax", "UPDATE lane SET next_try_at = now() WHERE state = 'waiting'")
    await bridges.system.quiet()
    assert await registrations(bridges, "p-9") == ["reported"]


async def test_a_district_sees_the_links_of_its_projects_only(bridges: Bridges) -> None:
    known = established(bridges)
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc], divisions=["370211"])
    await bridges.register("p-2", "别处的项目", uscc=[known.company.uscc], divisions=["370283"])
    seen = bridges.system.client("tax-bridge", "department_owner", unit="tax", division="370283")
    links = (await seen.get("/links")).json()["items"]
    assert {link["project_id"] for link in links} == {"p-2"}
