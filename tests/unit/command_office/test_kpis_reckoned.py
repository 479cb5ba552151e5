"""The plan's targets: values follow from lists that anybody can count, and what cannot be known has no value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.freshness import freshness
from sikua_command_office.kpis.reckoning import NOT_OURS, RULES, UNKNOWN, Ground, Sure, met, reckon
from sikua_command_office.kpis.subjects import Landed, Subject, amount, capital_of
from sikua_command_office.kpis.targets import Target, targets
from sikua_command_office.kpis.views import kpi_lists, kpis_view
from sikua_contracts.words import StepCode
from sikua_rules.divisions import our_districts, our_zones
from support.office_values import NOW, a_project

CODES = [target.code for target in targets()]
ZONES = ("上合示范区", "高新区", "上合示范区;高新区", "某某产业园", None)


def target(code: str) -> Target:
    return next(one for one in targets() if one.code == code)


def subject(number: int = 0, stage: StepCode | None = None, **more: Any) -> Subject:
    project = {name: more.pop(name) for name in ("zone", "started", "divisions") if name in more}
    return Subject(a_project(f"p{number}", stage=stage, **project), **more)


def ground(subjects: list[Subject], landed: Landed = Landed.REGISTERED) -> Ground:
    return Ground(subjects, landed, our_districts(), our_zones())


wan = st.one_of(st.none(), st.sampled_from([Decimal(49_999), Decimal(50_000), Decimal(299_999), Decimal(300_000)]))
some_subjects = st.lists(
    st.builds(
        dict,
        stage=st.one_of(st.none(), st.sampled_from(StepCode)),
        started=st.booleans(),
        zone=st.sampled_from(ZONES),
        divisions=st.sampled_from([("370211",), ("370202", "370211"), ("370281",), ()]),
        investment_wan=wan,
        received=st.sampled_from([None, True, False]),
        increased=st.sampled_from([None, True, False]),
    ),
    max_size=30,
).map(lambda given_ones: [subject(number, **one) for number, one in enumerate(given_ones)])


def test_every_target_of_the_plan_has_a_rule_or_says_that_it_has_none() -> None:
    assert len(CODES) == 19
    assert sorted([*RULES, *UNKNOWN, *NOT_OURS]) == sorted(CODES)


@given(some_subjects, st.sampled_from(Landed))
def test_a_value_is_what_its_lists_say_and_a_numerator_lies_in_its_denominator(
    subjects: list[Subject], landed: Landed
) -> None:
    for code in CODES:
        found = reckon(code, ground(subjects, landed))
        if found.numerator is None:
            assert found.value is None
            assert found.denominator is None
        elif found.denominator is None:
            assert found.value == len(found.numerator)
        else:
            assert set(found.numerator) <= set(found.denominator)
            if found.denominator:
                exact = Decimal(100) * len(found.numerator) / len(found.denominator)
                assert found.value is not None
                assert abs(found.value - exact) <= Decimal("0.05")


@given(some_subjects)
def test_what_has_started_has_landed_in_both_meanings(subjects: list[Subject]) -> None:
    for one in subjects:
        assert one.landed(Landed.REGISTERED) or not one.landed(Landed.STARTED)
    rates = [reckon("LAND_RATE", ground(subjects, landed)) for landed in (Landed.STARTED, Landed.REGISTERED)]
    assert len(rates[0].numerator or ()) <= len(rates[1].numerator or ())


def test_nothing_to_divide_by_is_no_value_and_no_verdict() -> None:
    found = reckon("LAND_RATE", ground([subject(stage=StepCode.VISIT)]))
    assert (found.value, found.denominator, met(target("LAND_RATE"), found)) == (None, (), None)


def test_rates_are_rounded_half_up_to_one_place() -> None:
    signed = [subject(number, StepCode.SIGN) for number in range(7)]
    found = reckon("SIGN_RATE", ground([*signed, *[subject(10 + number) for number in range(9)]]))
    assert found.value == Decimal("43.8")


@pytest.mark.parametrize(("wan_of", "counts"), [("299999.9999", False), ("300000.0000", True), (None, False)])
def test_a_threshold_includes_its_number_and_an_unknown_amount_counts_for_none(
    wan_of: str | None, counts: bool
) -> None:
    one = subject(stage=StepCode.REGISTER, investment_wan=amount(wan_of))
    places = {place.name_en: len(place.subjects) for place in reckon("BIG_30", ground([one])).denominator or ()}
    assert places["370211"] == int(counts)
    assert sum(places.values()) == int(counts)
    assert len(places) == 10


def test_a_zone_is_found_by_the_names_that_people_write_and_needs_five() -> None:
    five = [
        subject(number, StepCode.REGISTER, zone="上合示范区;高新区", investment_wan=Decimal(50_000))
        for number in range(5)
    ]
    found = reckon("ZONE_5", ground(five))
    assert {place.name_en for place in found.numerator or ()} == {"QDZ-SCO", "QDZ-HTZ"}
    assert reckon("ZONE_5", ground(five[1:])).numerator == ()


def test_what_no_department_states_is_not_a_zero() -> None:
    silent = reckon("FDI_ARRIVAL", ground([subject(), subject(1)]))
    assert (silent.sure, silent.value) == (Sure.UNKNOWN, None)
    said = reckon("FDI_ARRIVAL", ground([subject(), subject(1, received=False)]))
    assert (said.sure, said.value) == (Sure.AT_LEAST, 0)


def test_a_bound_decides_only_on_its_own_side() -> None:
    received = reckon("FDI_ARRIVAL", ground([subject(number, received=True) for number in range(79)]))
    assert met(target("FDI_ARRIVAL"), received) is True
    fewer = reckon("FDI_ARRIVAL", ground([subject(received=True)]))
    assert met(target("FDI_ARRIVAL"), fewer) is None
    sco = [subject(number, StepCode.START, zone="上合示范区", investment_wan=Decimal(60_000)) for number in range(15)]
    assert met(target("SCO_15"), reckon("SCO_15", ground(sco))) is None
    assert met(target("SCO_15"), reckon("SCO_15", ground(sco[1:]))) is False


def test_money_that_came_is_known_although_amount_and_date_are_withheld() -> None:
    def fact(withheld: list[str], quality: str = "stated", **values: Any) -> dict[str, Any]:
        shown = [{"field": field, "value": value} for field, value in values.items()]
        return {"field_values": shown, "withheld": withheld, "quality": quality}

    assert capital_of([]) == (None, None, False)
    assert capital_of([fact(["received_date"], is_increase=True)]) == (True, True, False)
    assert capital_of([fact([], "simulated", contract_capital_wan_usd="5")]) == (False, None, True)
    assert capital_of([fact([], is_increase=False), fact(["received_wan_usd"])]) == (True, False, False)


@given(some_subjects, st.sampled_from(Landed))
def test_every_target_is_told_in_both_languages_with_its_lists(subjects: list[Subject], landed: Landed) -> None:
    fresh = freshness(NOW, NOW, {})
    view = kpis_view(ground(subjects, landed), "/kpis", fresh)
    assert [one.code for one in view.kpis] == CODES
    for one in view.kpis:
        assert one.name_zh
        assert one.target_zh
        assert one.sure_zh
        assert one.definition_zh or one.missing_zh
        assert "{" not in one.definition_zh + one.definition_en
        assert (one.value is None) == (one.value_zh == "—")
        lists = kpi_lists(target(one.code), ground(subjects, landed), "/kpis", fresh)
        assert len(lists.numerator) == (one.numerator.count if one.numerator else 0)
        assert len(lists.short) == len(lists.denominator) - len(lists.numerator) or not lists.denominator


@pytest.mark.parametrize("text", ["NaN", "Infinity", "many", "", None])
def test_what_is_no_amount_is_none(text: str | None) -> None:
    assert amount(text) is None
