"""However facts arrive, the record is the same; authority and then time decide; nothing that was said is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sikua_contracts.bridges import FieldValue
from sikua_contracts.envelope import Level
from sikua_contracts.registry import Statement
from sikua_contracts.words import Quality
from sikua_registry import declaring, merging
from sikua_registry.declaring import Voice
from sikua_registry.merging import Fact
from sikua_registry.record import Project, changed_fields, composed, record_of

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
FIELD = "total_investment_wan"

statements = st.builds(
    Statement,
    value=st.sampled_from(["30.0000", "30", "40.0000", "50"]),
    stated_by=st.sampled_from(["reform", "tax", "finance", "registry", "import"]),
    as_of=st.integers(0, 3).map(lambda day: NOW + timedelta(days=day)),
    basis=st.sampled_from(["a", "b"]),
    quality=st.sampled_from(Quality),
    fact_id=st.sampled_from([None, "f1", "f2"]),
)
claims = st.lists(statements, max_size=6).map(lambda said: merging.gathered(FIELD, said))


def fact(
    number: int, department: str = "reform", days: int = 0, quality: Quality = Quality.STATED, **values: Any
) -> Fact:
    return Fact(
        id=f"f{number}",
        project_id="p",
        department=department,
        dataset=f"{department}.x",
        values=[FieldValue(field=name, value=value, level=Level.L1) for name, value in values.items()],
        as_of=NOW + timedelta(days=days),
        basis="b",
        quality=quality,
        resource_id="r",
        row_hash="h",
    )


def project(**values: Any) -> Project:
    start = {"name": "甲", "divisions": ["370211"], **values}
    return declaring.opened("p", start, Voice("registry", NOW, "登记"))


facts = st.lists(
    st.builds(
        lambda number, department, days, field, value: fact(number, department, days, **{field: value}),
        st.integers(0, 10_000),
        st.sampled_from(["reform", "tax", "market_regulation"]),
        st.integers(0, 3),
        st.sampled_from([FIELD, "project_code", "uscc", "industry_code", "item_status"]),
        st.sampled_from(["30.0000", "2611-370200-04-01-000015", "91370211MA3C00011M", "3921", "受理"]),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)


@given(claims, claims)
def test_joining_claims_is_commutative(one: merging.Claims, other: merging.Claims) -> None:
    assert merging.join(FIELD, one, other) == merging.join(FIELD, other, one)


def test_of_two_spellings_of_one_amount_the_same_one_stands_whoever_comes_first() -> None:
    said = [
        Statement(value=value, stated_by="tax", as_of=NOW, basis="a", quality=Quality.CONFIRMED, fact_id=None)
        for value in ("30", "30.0000")
    ]
    assert merging.gathered(FIELD, said) == merging.gathered(FIELD, reversed(said))


@given(claims, claims, claims)
def test_joining_claims_is_associative(one: merging.Claims, two: merging.Claims, three: merging.Claims) -> None:
    left = merging.join(FIELD, merging.join(FIELD, one, two), three)
    assert left == merging.join(FIELD, one, merging.join(FIELD, two, three))


@given(claims)
def test_joining_claims_with_themselves_changes_nothing(one: merging.Claims) -> None:
    assert merging.join(FIELD, one, one) == one


@given(st.lists(statements, min_size=1, max_size=8))
def test_every_source_is_still_heard_after_merging(said: list[Statement]) -> None:
    outcome = merging.merged(FIELD, merging.gathered(FIELD, said))
    voices = {each.stated_by if each.stated_by not in merging.OWN_VOICES else "own" for each in said}
    heard = [outcome.chosen, *outcome.others]
    assert {each.stated_by if each.stated_by not in merging.OWN_VOICES else "own" for each in heard} == voices
    assert outcome.chosen in said


@given(facts, st.randoms())
def test_a_record_does_not_depend_on_the_order_of_its_facts(heard: list[Fact], random: Any) -> None:
    shuffled = list(heard)
    random.shuffle(shuffled)
    start = project(total_investment_wan="20.0000", industries=["C"])
    at_once = composed(start, heard)
    one_by_one = start
    for count in range(len(shuffled)):
        one_by_one = composed(one_by_one, shuffled[: count + 1])
    assert record_of(one_by_one) == record_of(at_once)
    assert one_by_one.disagreeing == at_once.disagreeing


@given(facts)
def test_a_withdrawn_fact_leaves_the_record_as_if_it_had_never_been_said(heard: list[Fact]) -> None:
    start = project()
    withdrawn = [each.model_copy(update={"withdrawn_reason": "x"}) for each in heard]
    assert composed(composed(start, heard), withdrawn) == composed(start)


def test_the_source_department_counts_before_a_later_word_of_another() -> None:
    merged = composed(
        project(), [fact(1, "reform", 0, total_investment_wan="30"), fact(2, "finance", 9, total_investment_wan="40")]
    )
    assert merged.fields[FIELD].stated_by == "reform"
    assert merged.disagreeing == [FIELD]


def test_among_equals_the_later_word_counts() -> None:
    merged = composed(project(), [fact(1, days=5, item_status="办结通过"), fact(2, days=1, item_status="受理")])
    assert merged.fields["item_status"].value == "办结通过"
    assert merged.disagreeing == []


def test_any_department_counts_before_our_own_word() -> None:
    merged = composed(project(total_investment_wan="20.0000"), [fact(1, "finance", -900, total_investment_wan="40")])
    assert merged.fields[FIELD].value == "40"


def test_a_simulated_value_never_replaces_a_real_one() -> None:
    simulated = fact(1, "reform", 9, Quality.SIMULATED, total_investment_wan="40", item_status="受理")
    merged = composed(project(total_investment_wan="20.0000"), [simulated])
    assert merged.fields[FIELD].value == "20.0000"
    assert merged.fields["item_status"].quality is Quality.SIMULATED
    assert merged.disagreeing == [FIELD]


def test_the_same_amount_written_differently_is_no_disagreement() -> None:
    merged = composed(project(total_investment_wan="30.0000"), [fact(1, total_investment_wan="30")])
    assert merged.disagreeing == []


def test_what_the_catalogue_keeps_back_stays_out_of_the_record() -> None:
    secret = fact(1, "tax", tax_paid_band="100-500万", nowhere_registered="x", credit_score="86.50")
    assert composed(project(), [secret]).fields == project().fields


def test_keys_that_do_not_hold_are_shown_as_stated_but_not_used_as_keys() -> None:
    merged = composed(project(), [fact(1, applicant_uscc="91370200264574251F", industry_code="3921")])
    assert merged.uscc == []
    assert merged.industries == ["3921"]
    assert merged.fields["applicant_uscc"].value == "91370200264574251F"


def test_changes_are_named_by_field() -> None:
    before = project()
    after = composed(before, [fact(1, project_code="2611-370200-04-01-000015", item_status="受理")])
    assert changed_fields(before, after) == ["item_status", "project_code", "project_codes"]
