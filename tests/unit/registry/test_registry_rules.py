"""Crossings, stages, acts and sight: the small rules of the registry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sikua_chassis.auth.principal import Principal
from sikua_contracts.registry import Crossing
from sikua_contracts.words import CrossingKind, ProjectStatus, StepCode
from sikua_registry import crossing, declaring, life, progress, visibility
from sikua_registry.declaring import Voice
from sikua_registry.life import Act
from sikua_registry.projects.forms import Amendment, NewProject
from sikua_registry.record import Held

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
VOICE = Voice("registry", NOW, "登记")


def kinds(**given: Any) -> list[str]:
    start: dict[str, Any] = {"divisions_of_project": [], "industry_codes": []}
    return [found.kind.value for found in crossing.computed(**{**start, **given})]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"divisions_of_project": ["370211", "370281"]}, ["DISTRICT"]),
        ({"divisions_of_project": ["370211", "370200"]}, []),
        ({"divisions_of_project": ["370282", "370215"]}, []),
        ({"divisions_of_project": ["370211", "370211"]}, []),
        ({"divisions_of_project": ["370283", "370785"]}, ["DISTRICT"]),
        ({"industry_codes": ["C", "3921"]}, []),
        ({"industry_codes": ["39", "3921"]}, []),
        ({"industry_codes": ["39", "26"]}, ["INDUSTRY"]),
        ({"industry_codes": ["C", "G"]}, ["INDUSTRY"]),
        ({"industry_codes": ["39", "G"]}, ["INDUSTRY"]),
        ({"campaigns": ["C01", "C09"]}, ["FIELD"]),
        ({"campaigns": ["C01"], "task_forces": ["TF01"]}, ["FIELD"]),
        ({"task_forces": ["TF01"], "chains": "智能家电"}, []),
        ({"chains": "智能家电；新材料"}, ["FIELD"]),
        ({"chains": "新材料"}, []),
    ],
)
def test_crossings_follow_by_rule(given: dict[str, Any], expected: list[str]) -> None:
    assert kinds(**given) == expected


def test_what_the_rule_finds_stands_before_what_was_declared() -> None:
    by_rule = crossing.computed(["370211", "370281"], [])
    declared = [
        Crossing(kind=CrossingKind.DEPARTMENT, declared=True, reason="两个部门"),
        Crossing(kind=CrossingKind.DISTRICT, declared=True, reason="台账"),
    ]
    together = crossing.together(by_rule, declared)
    assert [(found.kind.value, found.declared) for found in together] == [("DISTRICT", False), ("DEPARTMENT", True)]


@given(st.lists(st.sampled_from(["370211", "370281", "370200", "370282", "370215", "110101"])))
def test_crossings_do_not_depend_on_the_order_of_divisions(codes: list[str]) -> None:
    assert crossing.computed(codes, []) == crossing.computed(list(reversed(codes)), [])


def test_the_stage_is_the_furthest_step_with_nothing_open_before_it() -> None:
    state = progress.up_to(StepCode.SIGN)
    assert state.stage is StepCode.SIGN
    state = progress.completing(state, StepCode.QUOTA)
    assert state.stage is StepCode.QUOTA
    state = progress.reopening(state, StepCode.EVALUATE)
    assert state.stage is StepCode.PRELIM_REVIEW
    assert progress.completing(state, StepCode.EVALUATE).stage is StepCode.QUOTA
    assert progress.reopening(progress.Progress(), StepCode.VISIT).stage is None


def test_a_step_that_does_not_apply_is_passed_over_but_never_the_last_one_completed() -> None:
    state = progress.reopening(progress.up_to(StepCode.SIGN), StepCode.EVALUATE)
    assert state.stage is StepCode.PRELIM_REVIEW
    passed = progress.skipping(state, StepCode.EVALUATE)
    assert passed.stage is StepCode.SIGN
    assert progress.skipping(passed, StepCode.REGISTER).stage is StepCode.SIGN
    assert progress.reopening(passed, StepCode.EVALUATE).stage is StepCode.PRELIM_REVIEW


@given(st.lists(st.sampled_from(StepCode)))
def test_completing_steps_in_any_order_gives_the_same_stage(steps: list[StepCode]) -> None:
    state = progress.Progress()
    for step in steps:
        state = progress.completing(state, step)
    assert state.stage == max(steps, key=list(StepCode).index, default=None)


@pytest.mark.parametrize("status", list(ProjectStatus))
@pytest.mark.parametrize("act", list(Act))
def test_acts_are_refused_in_words_from_every_other_status(act: Act, status: ProjectStatus) -> None:
    allowed = status in life.TRANSITIONS[act].allowed_from
    refused = life.refused(act, status)
    assert (refused is None) == allowed
    assert refused is None or "·" in refused


def test_a_merged_project_can_do_nothing_more() -> None:
    assert all(life.refused(act, ProjectStatus.MERGED) for act in Act)


@pytest.mark.parametrize(
    ("role", "division", "codes", "seen"),
    [
        ("district_owner", "370211", ["370211"], True),
        ("district_owner", "370211", ["370281", "370211"], True),
        ("district_owner", "370211", ["370281"], False),
        ("district_owner", "370211", [], False),
        ("department_owner", "370200", ["370281"], True),
        ("department_owner", "370200", [], True),
        ("department_owner", "370200", ["370785"], False),
        ("leader", "", ["370785"], True),
    ],
)
def test_who_sees_what(role: str, division: str, codes: list[str], seen: bool) -> None:
    principal = Principal("x", roles=frozenset({role}), division=division)
    assert visibility.visible(codes, principal) is seen
    patterns = visibility.prefixes(principal)
    if patterns is not None:
        within = any(code.startswith(pattern[:-1]) for code in codes or ["370200"] for pattern in patterns)
        assert within is seen


def test_nobody_sees_nothing() -> None:
    assert visibility.prefixes(None) == []
    assert not visibility.visible(["370211"], None)


def test_amending_confirms_what_was_held() -> None:
    project = declaring.opened("p", {"name": "甲", "divisions": ["370211"]}, VOICE)
    held = project.model_copy(update={"held": [Held(field="zone", as_written="?", reason="x")]})
    assert declaring.really_changed(held, {"zone": None, "name": "甲"}) == ["zone"]
    amended = declaring.amended(held, {"zone": "高新区"}, VOICE, [])
    assert amended.held == []
    assert amended.value("zone") == "高新区"
    assert declaring.amended(amended, {"zone": None}, VOICE, []).value("zone") is None


def test_a_form_normalises_what_it_takes() -> None:
    form = NewProject.model_validate(
        {
            "name": "　某某  项目 ",
            "divisions": ["370211", "370211"],
            "uscc": ["９１370211ma3c00011m"],
            "project_codes": ["21053702110401123455"],
            "industries": ["Ｃ", "c3921"],
            "total_investment_wan": "300000.5",
        }
    )
    assert form.stated() == {
        "name": "某某 项目",
        "divisions": ["370211"],
        "uscc": ["91370211MA3C00011M"],
        "project_codes": ["2105-370211-04-01-123455"],
        "industries": ["C", "3921"],
        "total_investment_wan": "300000.5000",
    }


@given(st.text(max_size=30))
def test_no_control_character_gets_into_a_name(text: str) -> None:
    try:
        form = Amendment.model_validate({"name": text})
    except ValidationError:
        return
    assert form.name == form.name.strip() != ""
    assert not any(ord(character) < 32 for character in form.name)
