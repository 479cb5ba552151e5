"""Each event becomes one readable line in two languages, and nothing above L2 gets into it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sikua_command_office.feed.shareable import project_of, shareable
from sikua_command_office.feed.wording import WORDINGS, sentence
from sikua_command_office.flow import FLOW, PICTURE
from sikua_contracts.bridges import FactReported, FieldValue
from sikua_contracts.envelope import Event, Level
from sikua_contracts.examples import EXAMPLES
from sikua_contracts.language import EVENTS
from sikua_contracts.registry import ProjectEnriched

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def the_fact() -> Event[Any]:
    return EXAMPLES[FactReported.type]


def with_values(*values: FieldValue) -> Event[Any]:
    event = the_fact()
    return event.model_copy(update={"data": event.data.model_copy(update={"values": list(values)})})


def test_every_event_type_has_its_own_wording_and_its_place_in_the_picture() -> None:
    assert set(WORDINGS) == set(EVENTS)
    assert {said.type for said in PICTURE} == set(EVENTS)
    assert set(FLOW.by_type) == set(EVENTS)


@pytest.mark.parametrize("event", EXAMPLES.values(), ids=list(EXAMPLES))
def test_every_event_reads_as_a_sentence_in_both_languages(event: Event[Any]) -> None:
    zh, en = sentence(event)
    assert CHINESE.search(zh)
    assert len(en) > 5
    for text in (zh, en):
        assert "\n" not in text
        assert "None" not in text
        assert "StepCode" not in text
        assert len(text) < 300


def test_a_type_that_nobody_has_words_for_is_named_by_its_type() -> None:
    strange = the_fact().model_copy(update={"type": "cn.sikua.project.painted.v1"})
    assert sentence(strange) == ("发生了 cn.sikua.project.painted.v1", "cn.sikua.project.painted.v1 happened")


def test_a_long_reason_is_shortened_and_stays_on_one_line() -> None:
    blocked = EXAMPLES["cn.sikua.step.blocked.v1"]
    data = blocked.data.model_copy(update={"reason": "指标\n" * 200})
    zh, _ = sentence(blocked.model_copy(update={"data": data}))
    assert "\n" not in zh
    assert zh.endswith("…")


def test_values_above_l2_leave_the_feed_with_their_hash_and_only_their_names_stay() -> None:
    event = with_values(
        FieldValue(field="tax_reg_status", value="正常", level=Level.L2),
        FieldValue(field="tax_paid_band", value="100-500万", level=Level.L3),
    )
    shown = shareable(event)
    assert [value["field"] for value in shown["values"]] == ["tax_reg_status"]
    assert shown["withheld"] == ["tax_paid_band"]
    assert "row_hash" not in shown
    assert "100-500万" not in str(shown)
    zh, en = sentence(event)
    assert "1 项不在共享范围" in zh
    assert "1 more not shared" in en
    assert "100-500" not in zh + en


def test_a_value_that_its_department_marked_too_low_is_withheld_by_the_catalogue() -> None:
    shown = shareable(with_values(FieldValue(field="received_wan_usd", value="800.0000", level=Level.L1)))
    assert shown["values"] == []
    assert shown["withheld"] == ["received_wan_usd"]


def test_a_field_that_is_not_registered_is_withheld() -> None:
    shown = shareable(with_values(FieldValue(field="legal_rep_shoe_size", value=42, level=Level.L1)))
    assert shown["withheld"] == ["legal_rep_shoe_size"]


def test_a_fact_without_anything_above_l2_is_shown_whole() -> None:
    event = with_values(FieldValue(field="tax_reg_status", value="正常", level=Level.L2))
    assert shareable(event) == event.data.model_dump(mode="json")


def test_any_other_event_marked_above_l2_shows_only_what_it_had() -> None:
    event = EXAMPLES["cn.sikua.step.blocked.v1"].model_copy(update={"dataclassification": Level.L3})
    assert set(shareable(event)) == {"withheld"}


def test_what_concerns_no_project_belongs_to_none() -> None:
    assert project_of(EXAMPLES["cn.sikua.calendar.published.v1"]) is None
    assert project_of(the_fact()) == the_fact().subject


def test_a_record_that_fell_back_says_that_a_fact_was_taken_back_and_why() -> None:
    enriched = EXAMPLES[ProjectEnriched.type]
    data = enriched.data.model_copy(update={"withdrawn_reason": "税号\n错配", "disagreeing": []})
    zh, en = sentence(enriched.model_copy(update={"data": data}))
    assert zh.startswith("事实撤回:税号 错配;档案中的")
    assert en.startswith("a fact was taken back: 税号 错配; ")
    assert "gained" not in en
