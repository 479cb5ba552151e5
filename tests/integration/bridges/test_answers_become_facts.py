"""Every answer that a department can give, from the key that appears to the event that is said."""

from __future__ import annotations

from datetime import datetime, timedelta

from sikua_contracts.words import ProjectStatus
from sikua_simulators.departments import Fault, FaultKind
from sikua_simulators.departments.timelines import Timeline
from support.bridges import Bridges, values_of

NEVER = Timeline()


async def test_the_reform_commission_is_asked_by_name_and_then_by_the_keys_it_named(bridges: Bridges) -> None:
    known = bridges.seek(lambda each: each.project.at(bridges.system.runtime.clock.now()) is not None)
    await bridges.start("reform")
    await bridges.register("p-1", known.seed.name)

    (fact,) = await bridges.said("reform", "p-1")
    assert fact["said"] == "reported"
    assert values_of(fact)["project_code"] == known.code
    assert values_of(fact)["applicant_uscc"] == known.company.uscc
    assert (fact["quality"], fact["department"], fact["dataset"]) == ("simulated", "reform", "reform.project")
    assert bridges.calls("reform") == 1

    await bridges.show("p-1", uscc=[known.company.uscc], project_codes=[known.code])
    datasets = [fact["dataset"] for fact in await bridges.said("reform", "p-1") if fact["said"] == "reported"]
    assert "reform.public_credit" in datasets
    assert {each["dataset"] for each in await bridges.page("reform", "/enquiries")} == {
        "reform.project",
        "reform.energy_review",
        "reform.public_credit",
    }
    assert bridges.departments.calls["reform"].by_dataset["reform.project"] == 1


async def test_tax_and_finance_are_asked_once_a_uscc_appears_and_not_before(bridges: Bridges) -> None:
    known = bridges.seek(lambda each: bool(each.company.paid.revisions), established=True)
    await bridges.start("tax", "finance")
    await bridges.register("p-1", known.seed.name)
    assert (bridges.calls("tax"), bridges.calls("finance")) == (0, 0)

    await bridges.show("p-1", uscc=[known.company.uscc])
    facts = {fact["dataset"]: fact for fact in await bridges.said("tax", "p-1")}
    assert values_of(facts["tax.registration"])["tax_reg_status"] == "正常"
    assert values_of(facts["tax.credit"])["tax_credit_grade"] in "ABCD"
    assert facts["tax.registration"]["row_hash"] != facts["tax.credit"]["row_hash"]
    assert bridges.departments.calls["finance"].by_dataset.keys() == {"finance.incentive", "finance.equity"}

    await bridges.show("p-1", fields={})
    await bridges.show("p-1", industries=["C"])
    assert bridges.calls("tax") == 3


async def test_a_row_that_changes_is_stated_anew_at_the_moment_the_department_named(bridges: Bridges) -> None:
    known = bridges.seek(lambda each: len(each.company.credit.revisions) == 2, established=True)
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    changes = known.company.credit.next_change(bridges.system.runtime.clock.now())
    assert changes is not None
    assert datetime.fromisoformat((await bridges.enquiry("tax", "tax.credit"))["ask_at"]) == changes

    await bridges.system.turn_to(changes - timedelta(minutes=1))
    assert bridges.departments.calls["tax"].by_dataset["tax.credit"] == 1
    await bridges.system.turn_to(changes)
    years = [values_of(fact)["credit_year"] for fact in await bridges.said("tax") if fact["dataset"] == "tax.credit"]
    assert years == [2024, 2025]


async def test_an_unchanged_row_is_asked_for_again_when_it_goes_stale_and_stated_once(bridges: Bridges) -> None:
    known = bridges.seek(lambda each: len(each.company.registration.revisions) == 1, established=True)
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    await bridges.days(61)
    assert bridges.departments.calls["tax"].by_dataset["tax.registration"] == 2
    stated = [fact for fact in await bridges.said("tax") if fact["dataset"] == "tax.registration"]
    assert len(stated) == 1


async def test_no_such_taxpayer_is_said_once_and_asked_again_after_two_months(bridges: Bridges) -> None:
    await bridges.start("tax")
    await bridges.register("p-1", uscc=["91370211MA3C00011M"])
    said = await bridges.said("tax", "p-1")
    assert {fact["said"] for fact in said} == {"unavailable"}
    assert {fact["reason"] for fact in said} == {"查无此纳税人 · no such taxpayer"}
    assert len(said) == 3
    enquiry = await bridges.enquiry("tax", "tax.registration")
    assert enquiry["state"] == "not_found"

    await bridges.days(61)
    assert bridges.calls("tax") == 6
    assert len(await bridges.said("tax", "p-1")) == 3


async def test_not_yet_is_asked_again_at_the_moment_it_names_and_then_stated(bridges: Bridges) -> None:
    now = bridges.system.runtime.clock.now()
    known = bridges.seek(lambda each: each.company.registration.awaited(now) is not None)
    awaited = known.company.registration.awaited(now)
    assert awaited is not None
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])

    first = [fact for fact in await bridges.said("tax") if fact["dataset"] == "tax.registration"]
    assert [fact["said"] for fact in first] == ["unavailable"]
    assert datetime.fromisoformat(first[0]["ask_again_at"]) == awaited
    await bridges.system.turn_to(awaited - timedelta(minutes=1))
    assert bridges.departments.calls["tax"].by_dataset["tax.registration"] == 1
    await bridges.system.turn_to(awaited)
    after = [fact["said"] for fact in await bridges.said("tax") if fact["dataset"] == "tax.registration"]
    assert after[:2] == ["unavailable", "reported"]


async def test_a_department_that_puts_us_off_again_names_the_new_moment(bridges: Bridges) -> None:
    known = bridges.seek(lambda each: bool(each.company.registration.revisions), established=True)
    bridges.departments.faults["tax"].add(Fault(kind=FaultKind.ASK_LATER, dataset="tax.registration", count=2, days=3))
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    await bridges.days(4)
    said = [fact for fact in await bridges.said("tax") if fact["dataset"] == "tax.registration"]
    assert [fact["said"] for fact in said] == ["unavailable", "unavailable"]
    assert said[0]["ask_again_at"] < said[1]["ask_again_at"]


async def test_a_refusal_is_said_with_the_department_s_code_and_asked_again_the_next_day(bridges: Bridges) -> None:
    known = bridges.seek(lambda each: bool(each.company.registration.revisions), established=True)
    bridges.departments.faults["tax"].add(Fault(kind=FaultKind.REFUSED, dataset="tax.registration"))
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    enquiry = await bridges.enquiry("tax", "tax.registration")
    assert enquiry["state"] == "refused"
    assert enquiry["reason"].startswith("40301: ")
    assert bridges.departments.calls["tax"].by_dataset["tax.registration"] == 1

    await bridges.days(1)
    said = [fact["said"] for fact in await bridges.said("tax") if fact["dataset"] == "tax.registration"]
    assert said == ["unavailable", "reported"]


async def test_nothing_recorded_is_an_answer_and_no_fact(bridges: Bridges) -> None:
    known = bridges.seek(lambda each: each.company.incentive == NEVER, established=True)
    await bridges.start("finance")
    await bridges.register("p-1", uscc=[known.company.uscc])
    enquiry = await bridges.enquiry("finance", "finance.incentive")
    assert (enquiry["state"], enquiry["fault"]) == ("found", None)
    assert enquiry["reason"].startswith("部门无相应记录")
    assert not [fact for fact in await bridges.said("finance") if fact["dataset"] == "finance.incentive"]


async def test_a_project_that_ends_is_asked_for_no_more_and_one_reopened_is_again(bridges: Bridges) -> None:
    known = bridges.seek(lambda each: bool(each.company.registration.revisions), established=True)
    await bridges.start("tax")
    await bridges.register("p-1", uscc=[known.company.uscc])
    await bridges.show("p-1", status=ProjectStatus.CLOSED)
    assert {each["ask_at"] for each in await bridges.page("tax", "/enquiries")} == {None}
    before = bridges.calls("tax")
    await bridges.days(200)
    assert bridges.calls("tax") == before

    await bridges.show("p-1", status=ProjectStatus.ACTIVE)
    assert bridges.calls("tax") == before + 3


async def test_an_ordered_enquiry_is_asked_once_when_no_project_wants_it(bridges: Bridges) -> None:
    known = bridges.seek(lambda each: bool(each.company.registration.revisions), established=True)
    await bridges.start("tax")
    operator = bridges.system.client("tax-bridge", "operator")
    order = {"dataset": "tax.registration", "key_kind": "uscc", "key": known.company.uscc}
    answer = await operator.post("/enquiries", json=order)
    assert answer.status_code == 202, answer.text
    await bridges.system.quiet()
    enquiry = await bridges.enquiry("tax", "tax.registration")
    assert (enquiry["state"], enquiry["ask_at"], enquiry["asked_by"]) == ("found", None, "operator@test")
    (held,) = await bridges.page("tax", "/facts/held")
    assert (held["key"], held["dataset"]) == (known.company.uscc, "tax.registration")
    assert await bridges.said("tax") == []

    await bridges.register("p-1", uscc=[known.company.uscc])
    assert [fact["dataset"] for fact in await bridges.said("tax", "p-1")].count("tax.registration") == 1
    assert await bridges.page("tax", "/facts/held") == []

    wrong = await operator.post("/enquiries", json={**order, "key_kind": "name", "key": "某某"})
    assert wrong.status_code == 422
    assert {error["field"] for error in wrong.json()["errors"]} == {"/key_kind", "/key"}
