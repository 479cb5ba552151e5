"""Every fault can be switched on over HTTP at every department, is what our bridge meets, and is over when it is over."""

from __future__ import annotations

from typing import Any

import pytest
from sikua_bridge.answers import Answer, Found, NotYet, Refused, TryLater, Unreadable
from sikua_bridge.datasets import KeyKind
from sikua_bridge.department import Question
from sikua_rules.business_time import open_of_business, shanghai_day
from sikua_simulators.departments import Fault, FaultKind
from sikua_simulators.departments.faults import MOST_WAITING
from support.simulated_departments import Offices

every_department = pytest.mark.parametrize("name", ["tax", "reform", "finance"])
DATASETS = {"tax": "tax.registration", "reform": "reform.public_credit", "finance": "finance.equity"}


def question(offices: Offices, name: str, number: int = 0) -> Question:
    """A question about a company that every department knows."""
    now = offices.clock.now()
    known = [each.uscc for each in offices.departments.books.companies.values() if each.registration.at(now)]
    return Question(DATASETS[name], KeyKind.USCC, known[number])


@every_department
@pytest.mark.parametrize(
    ("fault", "met"),
    [
        ({"kind": "500"}, TryLater),
        ({"kind": "rate_limited"}, TryLater),
        ({"kind": "wrong_signature"}, Refused),
        ({"kind": "refused"}, Refused),
        ({"kind": "malformed"}, Unreadable),
        ({"kind": "ask_later"}, NotYet),
    ],
)
async def test_a_fault_on_demand_is_met_once_and_then_all_is_well(
    offices: Offices, name: str, fault: dict[str, Any], met: type[Answer]
) -> None:
    gateway, asked = await offices.gateway(name), question(offices, name)
    client = offices.http(name)
    before = await gateway.ask(asked)
    assert (await client.post("/_faults", json=fault)).status_code == 201
    assert isinstance(await gateway.ask(asked), met)
    assert await gateway.ask(asked) == before
    assert isinstance(before, Found)
    assert offices.departments.calls[name].by_outcome == {"answered": 2, fault["kind"]: 1}


@every_department
async def test_a_department_that_is_too_busy_says_how_long_to_wait(offices: Offices, name: str) -> None:
    offices.departments.faults[name].add(Fault(kind=FaultKind.RATE_LIMITED, seconds=7))
    answer = await (await offices.gateway(name)).ask(question(offices, name))
    assert isinstance(answer, TryLater)
    assert (answer.reason, answer.after_seconds) == ("rate_limited", 7.0)


@every_department
async def test_ask_later_names_the_morning_so_many_days_on(offices: Offices, name: str) -> None:
    offices.departments.faults[name].add(Fault(kind=FaultKind.ASK_LATER, days=3))
    answer = await (await offices.gateway(name)).ask(question(offices, name))
    assert isinstance(answer, NotYet)
    assert (answer.ask_at - open_of_business(shanghai_day(offices.clock.now()))).days == 3


@every_department
async def test_a_slow_answer_is_given_up_by_who_cannot_wait_and_whole_for_who_can(offices: Offices, name: str) -> None:
    asked, faults = question(offices, name), offices.departments.faults[name]
    before = await (await offices.gateway(name)).ask(asked)
    faults.add(Fault(kind=FaultKind.SLOW, seconds=1))
    answer = await (await offices.gateway(name, timeout_seconds=0.1)).ask(asked)
    assert isinstance(answer, TryLater)
    assert answer.reason == "slow"
    faults.add(Fault(kind=FaultKind.SLOW, seconds=0.05))
    assert await (await offices.gateway(name)).ask(asked) == before


async def test_a_fault_for_one_key_or_dataset_leaves_the_others_alone(offices: Offices) -> None:
    gateway, client = await offices.gateway("tax"), offices.http("tax")
    sick, well = question(offices, "tax", 0), question(offices, "tax", 1)
    fault = {"kind": "500", "key": sick.key, "dataset": "tax.registration"}
    (await client.post("/_faults", json=fault)).raise_for_status()
    assert isinstance(await gateway.ask(well), Found)
    assert isinstance(await gateway.ask(Question("tax.credit", sick.kind, sick.key)), Found)
    assert isinstance(await gateway.ask(sick), TryLater)
    assert isinstance(await gateway.ask(sick), Found)


async def test_faults_of_one_department_do_not_reach_another(offices: Offices) -> None:
    (await offices.http("tax").put("/_faults/background", json={"rate": 1, "kinds": ["refused"]})).raise_for_status()
    answers = {name: await (await offices.gateway(name)).ask(question(offices, name)) for name in DATASETS}
    assert [type(answers[name]) for name in ("tax", "reform", "finance")] == [Refused, Found, Found]


async def test_a_background_is_seen_and_ends_when_faults_are_cleared(offices: Offices) -> None:
    gateway, client = await offices.gateway("tax"), offices.http("tax")
    (await client.post("/_faults", json={"kind": "slow", "count": 9})).raise_for_status()
    shown = (await client.put("/_faults/background", json={"rate": 1, "kinds": ["malformed"]})).json()
    assert shown["background"]["kinds"] == ["malformed"]
    assert [fault["count"] for fault in shown["waiting"]] == [9]
    assert (await client.get("/_faults")).json() == shown
    assert (await client.delete("/_faults")).status_code == 204
    assert (await client.get("/_faults")).json() == {"waiting": [], "background": None}
    assert isinstance(await gateway.ask(question(offices, "tax")), Found)


async def test_wrong_faults_are_refused_with_every_wrong_field(offices: Offices) -> None:
    client = offices.http("reform")
    wrong = {"kind": "earthquake", "count": 0, "seconds": 1000, "colour": "red"}
    reply = await client.post("/_faults", json=wrong)
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert {error["field"] for error in reply.json()["errors"]} == {"/kind", "/count", "/seconds", "/colour"}
    assert (await client.get("/_faults")).json()["waiting"] == []


async def test_more_faults_than_fit_are_refused(offices: Offices) -> None:
    for _ in range(MOST_WAITING):
        offices.departments.faults["tax"].add(Fault(kind=FaultKind.SLOW))
    reply = await offices.http("tax").post("/_faults", json={"kind": "slow"})
    assert reply.status_code == 409
    assert reply.json()["status"] == 409
