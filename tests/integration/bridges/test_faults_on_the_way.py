"""Slow, failing, garbled, busy or distrustful departments: nothing is lost, nothing doubled, and it always comes to an end."""

from __future__ import annotations

import pytest
from sikua_simulators.departments import Fault, FaultKind
from support.bridges import Bridges, build_of_bridge

DATASET = "tax.registration"


async def project(bridges: Bridges, project_id: str = "p-1") -> str:
    """Register a project of a long established company; the company's USCC."""
    known = bridges.seek(lambda each: len(each.company.registration.revisions) == 1, established=True)
    await bridges.register(project_id, uscc=[known.company.uscc])
    return known.company.uscc


def fault(bridges: Bridges, kind: FaultKind, count: int = 1, seconds: float = 0.05) -> None:
    bridges.departments.faults["tax"].add(Fault(kind=kind, count=count, dataset=DATASET, seconds=seconds))


async def story(bridges: Bridges) -> list[str]:
    return [fact["said"] for fact in await bridges.said("tax") if fact["dataset"] == DATASET]


def asked(bridges: Bridges) -> int:
    return bridges.departments.calls["tax"].by_dataset[DATASET]


@pytest.mark.parametrize(
    ("kind", "seconds", "settings"),
    [
        (FaultKind.ERROR, 0.05, {}),
        (FaultKind.RATE_LIMITED, 0.02, {}),
        (FaultKind.SLOW, 1.0, {"timeout_seconds": 0.3}),
    ],
)
async def test_a_passing_fault_costs_tries_and_changes_nothing_that_is_said(
    bridges: Bridges, kind: FaultKind, seconds: float, settings: dict[str, float]
) -> None:
    fault(bridges, kind, 2, seconds)
    await bridges.start("tax", **settings)
    await project(bridges)
    assert await story(bridges) == ["reported"]
    assert asked(bridges) == 3
    enquiry = await bridges.enquiry("tax", DATASET)
    assert (enquiry["state"], enquiry["attempts"], enquiry["fault"], enquiry["retry_at"]) == ("found", 0, None, None)


async def test_a_department_away_for_long_is_said_to_be_away_and_asked_again_an_hour_later(bridges: Bridges) -> None:
    fault(bridges, FaultKind.ERROR, 4)
    await bridges.start("tax", retry_attempts=4)
    await project(bridges)
    assert await story(bridges) == ["unavailable"]
    enquiry = await bridges.enquiry("tax", DATASET)
    assert (enquiry["state"], enquiry["fault"], enquiry["answered_at"]) == ("away", "http_500", None)
    assert enquiry["stale"]

    await bridges.days(1 / 24)
    assert await story(bridges) == ["unavailable", "reported"]


async def test_what_holds_is_said_again_after_it_was_said_that_nobody_answers(bridges: Bridges) -> None:
    await bridges.start("tax", retry_attempts=2)
    await project(bridges)
    fault(bridges, FaultKind.ERROR, 4)
    await bridges.days(61)
    await bridges.days(1 / 24)
    assert await story(bridges) == ["reported", "unavailable"]
    await bridges.days(1 / 24)
    assert await story(bridges) == ["reported", "unavailable", "reported"]
    ids = {
        fact["fact_id"]
        for fact in await bridges.said("tax")
        if fact["said"] == "reported" and fact["dataset"] == DATASET
    }
    assert len(ids) == 1


async def test_a_department_that_answers_nobody_is_left_in_peace_by_the_breaker(bridges: Bridges) -> None:
    bridges.departments.faults["tax"].add(Fault(kind=FaultKind.ERROR, count=100_000))
    await bridges.start("tax", breaker_threshold=3, breaker_rest_seconds=0.2, retry_attempts=5, most_in_flight=1)
    for number in range(12):
        known = bridges.seek(lambda each: True, established=True, name=f"甲{number}", investor=f"甲{number}集团")
        await bridges.announce(f"p-{number:02}", known.seed.name, uscc=[known.company.uscc])
    await bridges.system.quiet(60)
    states = {each["state"] for each in await bridges.page("tax", "/enquiries", limit=100)}
    assert states == {"away"}
    assert bridges.calls("tax") < 36 * 5 / 2
    said = await bridges.said("tax")
    assert len(said) == 36
    assert {fact["said"] for fact in said} == {"unavailable"}


async def test_a_garbled_answer_is_quarantined_whole_and_asked_again_the_next_day(bridges: Bridges) -> None:
    fault(bridges, FaultKind.MALFORMED)
    await bridges.start("tax")
    uscc = await project(bridges)
    assert await story(bridges) == []
    (kept,) = await bridges.page("tax", "/quarantine", state="open")
    assert (kept["form"], kept["dataset"], kept["key"], kept["times"]) == ("answer", DATASET, uscc, 1)
    operator = bridges.system.client("tax-bridge", "operator")
    detail = (await operator.get(f"/quarantine/{kept['quarantine_id']}")).json()
    assert detail["raw"].startswith('{"code":"0"')
    assert "raw" not in kept

    await bridges.days(1)
    assert await story(bridges) == ["reported"]


async def test_an_operator_who_releases_a_garbled_answer_has_it_asked_again_at_once(bridges: Bridges) -> None:
    fault(bridges, FaultKind.MALFORMED)
    await bridges.start("tax")
    await project(bridges)
    (kept,) = await bridges.page("tax", "/quarantine")
    operator = bridges.system.client("tax-bridge", "operator")
    answer = await operator.post(f"/quarantine/{kept['quarantine_id']}/release")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["quarantined"]["state"], answer.json()["verdict"]) == ("released", None)
    await bridges.system.quiet()
    assert await story(bridges) == ["reported"]
    again = await operator.post(f"/quarantine/{kept['quarantine_id']}/release")
    assert again.status_code == 409


async def test_a_department_that_doubts_our_signature_refuses_and_the_reason_is_shown(bridges: Bridges) -> None:
    await bridges.start("tax", secret="not-the-agreed-one")
    await project(bridges)
    enquiry = await bridges.enquiry("tax", DATASET)
    assert (enquiry["state"], enquiry["reason"]) == ("refused", "40101: 签名验证失败")
    assert bridges.departments.calls["tax"].by_outcome == {"bad_signature": 3}


async def test_a_slow_pace_is_kept_and_everything_is_asked(bridges: Bridges) -> None:
    await bridges.start("finance", calls_per_second=20.0, most_in_flight=2)
    for number in range(6):
        known = bridges.seek(lambda each: True, established=True, name=f"乙{number}", investor=f"乙{number}集团")
        await bridges.announce(f"p-{number:02}", known.seed.name, uscc=[known.company.uscc])
    await bridges.system.quiet()
    assert bridges.calls("finance") == 12
    assert {each["state"] for each in await bridges.page("finance", "/enquiries")} == {"found"}


async def test_a_department_that_is_not_there_at_all_ends_as_away(bridges: Bridges) -> None:
    await bridges.system.start(build_of_bridge("tax", "http://127.0.0.1:9", retry_attempts=3))
    await project(bridges)
    assert await story(bridges) == ["unavailable"]
    assert (await bridges.enquiry("tax", DATASET))["fault"] == "away: ConnectError"
