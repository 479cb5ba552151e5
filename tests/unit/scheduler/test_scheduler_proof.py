"""Proof: what three departments state completes steps, whenever both are there; what only points to a step does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sikua_contracts.registry import Record, Statement
from sikua_contracts.scheduler import Proof, StepReopened
from sikua_contracts.words import Quality, StepCode, StepStatus
from sikua_scheduler import acts, following, progress
from sikua_scheduler.course import Course
from sikua_scheduler.proof import proven, supports
from support.scheduler_courses import MONDAY, POLICIES, begun, kinds, record, stated, step

USCC = "91370200264574251E"


def proof_of(key: str, shown: Record) -> str | None:
    found = proven(POLICIES.plan.node(key).proofs, shown, MONDAY)
    return found.name if found else None


def test_registration_needs_a_normal_tax_state_and_a_uscc() -> None:
    normal = {"tax_reg_status": stated("正常")}
    assert proof_of("REGISTER", record(fields=normal)) is None
    assert proof_of("REGISTER", record(fields=normal, uscc=[USCC])) == "tax_registration"
    assert proof_of("REGISTER", record(fields={"tax_reg_status": stated("注销")}, uscc=[USCC])) is None
    assert proof_of("REGISTER", record(fields={"ent_status": stated("在营")}, uscc=[USCC])) == "market_registration"


@pytest.mark.parametrize(
    ("result", "number", "name"),
    [
        ("通过", None, None),
        ("通过", "青发改能审〔2026〕8号", "energy_review_passed"),
        ("不单独审查", None, "energy_review_not_needed"),
        ("不通过", "青发改能审〔2026〕8号", None),
    ],
)
def test_energy_is_secured_by_a_numbered_pass_or_by_needing_none(
    result: str, number: str | None, name: str | None
) -> None:
    fields = {"energy_review_result": stated(result)}
    if number:
        fields["energy_review_no"] = stated(number)
    assert proof_of("QUOTA.ENERGY", record(fields=fields)) == name


def test_filing_needs_code_result_and_number() -> None:
    fields = {"item_status": stated("办结通过"), "doc_no": stated("青开发改备〔2026〕12号")}
    assert proof_of("PERMITS.FILING", record(fields=fields)) is None
    assert proof_of("PERMITS.FILING", record(fields=fields, project_codes=["2611-370200-04-01-000015"])) == "filing"


def test_a_start_date_to_come_proves_nothing() -> None:
    today, tomorrow = "2026-03-02", "2026-03-03"
    assert proof_of("START", record(fields={"actual_start_date": stated(today)})) == "start_reported"
    assert proof_of("START", record(fields={"actual_start_date": stated(tomorrow)})) is None
    assert proof_of("START", record(fields={"actual_start_date": stated("2026-02")})) is None


def test_money_and_tax_support_a_start_but_never_complete_it() -> None:
    shown = record(StepCode.PERMITS, fields={"pay_date": stated("2026-02-01"), "first_tax_date": stated("2026-02-02")})
    assert proof_of("START", shown) is None
    evidence = supports(POLICIES.plan.node("START").supports, shown, MONDAY)
    assert [(one.field, one.met) for one in evidence] == [("pay_date", True), ("first_tax_date", True)]


def test_the_credit_grade_speaks_for_the_evaluation() -> None:
    shown = record(fields={"tax_credit_grade": stated("C"), "dishonest_flag": stated(False)})
    evidence = {one.field: one.met for one in supports(POLICIES.plan.node("EVALUATE").supports, shown, MONDAY)}
    assert evidence == {
        "tax_credit_grade": False,
        "dishonest_flag": True,
        "public_credit_grade": None,
        "fair_review_passed": None,
    }


def test_an_estimate_proves_nothing() -> None:
    guess = {"permit_no": stated("370211202612050101", quality=Quality.ESTIMATED)}
    assert proof_of("PERMITS.CONSTRUCTION", record(fields=guess)) is None


def test_a_fact_that_came_before_its_step_completes_it_when_it_is_armed() -> None:
    fields = {"tax_reg_status": stated("正常", "f-9")}
    course = begun(StepCode.EVALUATE, fields=fields, uscc=[USCC])
    assert step(course, "REGISTER").status is StepStatus.NOT_STARTED
    progress.skip(course, step(course, "SIGN"), "无需签约", "officer")
    following.move_on(course)
    done = step(course, "REGISTER")
    assert done.status is StepStatus.COMPLETED
    assert done.proof is not None
    assert (done.proof["fact_id"], done.proof["field"], done.proof["stated_by"]) == ("f-9", "tax_reg_status", "tax")
    assert step(course, "QUOTA.LAND").status is StepStatus.ARMED


def test_a_fact_that_comes_later_completes_the_armed_step() -> None:
    course = begun(StepCode.REGISTER)
    course.said.clear()
    land = {"parcel_no": stated("HD2026-045"), "contract_date": stated("2026-02-20", "f-2", "natural_resources")}
    following.follow(course, record(StepCode.REGISTER, version=2, fields=land))
    assert kinds(course) == ["step.completed"]
    assert step(course, "QUOTA.LAND").status is StepStatus.COMPLETED


def test_a_fact_set_aside_by_reopening_does_not_complete_the_step_again() -> None:
    fields = {"tax_reg_status": stated("正常", "f-9")}
    course = begun(StepCode.SIGN, fields=fields, uscc=[USCC])
    assert step(course, "REGISTER").status is StepStatus.COMPLETED
    progress.reopen(course, step(course, "REGISTER"), "税号错配", "officer")
    following.move_on(course)
    assert step(course, "REGISTER").status is StepStatus.ARMED
    newer = {"tax_reg_status": stated("正常", "f-10")}
    following.follow(course, record(StepCode.SIGN, version=2, fields=newer, uscc=[USCC]))
    assert step(course, "REGISTER").status is StepStatus.COMPLETED


def test_a_value_without_a_fact_is_proven_by_its_basis() -> None:
    shown = record(fields={"permit_no": stated("3702112026", fact_id=None, stated_by="registry")})
    found = proven(POLICIES.plan.node("PERMITS.CONSTRUCTION").proofs, shown, MONDAY + timedelta(days=1))
    assert found is not None
    assert found.proof.fact_id is None
    assert found.proof.document == "test"


def proven_by(fact_id: str) -> Course:
    """A course whose registration was completed by this fact of the tax office."""
    course = begun(StepCode.SIGN, fields={"tax_reg_status": stated("正常", fact_id)}, uscc=[USCC])
    assert step(course, "REGISTER").status is StepStatus.COMPLETED
    course.said.clear()
    return course


def without(version: int, **fields: Statement) -> Record:
    """The record after the fact was taken back."""
    return record(StepCode.SIGN, version=version, uscc=[USCC], fields=fields)


def test_a_step_whose_proof_is_taken_back_opens_again_with_the_reason_and_what_followed_waits() -> None:
    course = proven_by("f-9")
    following.follow(course, without(2), ["f-9"], "税号错配")
    reopened, *others = course.said
    assert isinstance(reopened, StepReopened)
    assert "税号错配" in reopened.reason
    assert step(course, "REGISTER").status is StepStatus.ARMED
    assert step(course, "QUOTA.LAND").status is StepStatus.NOT_STARTED
    assert {said.model_dump()["step"]["code"] for said in others} == {StepCode.QUOTA}


def test_what_is_stated_anew_after_that_completes_it_again() -> None:
    course = proven_by("f-9")
    following.follow(course, without(2), ["f-9"], "税号错配")
    following.follow(course, without(3, tax_reg_status=stated("正常", "f-10")))
    assert step(course, "REGISTER").status is StepStatus.COMPLETED
    assert (step(course, "REGISTER").proof or {})["fact_id"] == "f-10"


def test_a_step_that_another_fact_proves_as_well_stays_complete() -> None:
    course = proven_by("f-9")
    following.follow(course, without(2, ent_status=stated("在营", "f-11", "market_regulation")), ["f-9"], "错配")
    assert kinds(course) == []
    assert step(course, "REGISTER").status is StepStatus.COMPLETED


def test_what_a_newer_value_replaces_was_not_taken_back() -> None:
    course = proven_by("f-9")
    following.follow(course, without(2, tax_reg_status=stated("注销", "f-12")))
    assert step(course, "REGISTER").status is StepStatus.COMPLETED


def test_what_an_officer_completed_with_a_document_does_not_rest_on_a_fact() -> None:
    course = begun(StepCode.SIGN, uscc=[USCC])
    progress.complete(course, step(course, "REGISTER"), Proof(document="执照", stated_by="officer"))
    following.follow(course, without(2), ["f-9"], "错配")
    assert "step.reopened" not in kinds(course)
    assert step(course, "REGISTER").status is StepStatus.COMPLETED


def test_of_a_suspended_project_the_step_opens_when_its_clocks_run_again() -> None:
    course = proven_by("f-9")
    acts.suspend(course, "投资方重组", "批示", "office")
    following.follow(course, without(2), ["f-9"], "错配")
    assert step(course, "REGISTER").status is StepStatus.COMPLETED
    acts.return_to_life(course, "批示", "office")
    following.move_on(course)
    assert step(course, "REGISTER").status is StepStatus.ARMED


def test_a_step_before_which_another_is_open_opens_when_that_one_is_complete() -> None:
    course = begun(StepCode.EVALUATE)
    progress.skip(course, step(course, "SIGN"), "无需签约", "officer")
    following.follow(
        course, record(StepCode.EVALUATE, version=2, uscc=[USCC], fields={"tax_reg_status": stated("正常", "f-9")})
    )
    assert step(course, "REGISTER").status is StepStatus.COMPLETED
    progress.reopen(course, step(course, "SIGN"), "协议未生效", "officer")
    following.follow(course, record(StepCode.EVALUATE, version=3, uscc=[USCC]), ["f-9"], "错配")
    assert step(course, "REGISTER").status is StepStatus.COMPLETED
    progress.complete(course, step(course, "SIGN"), Proof(document="协议", stated_by="officer"))
    following.move_on(course)
    assert step(course, "REGISTER").status is StepStatus.ARMED
