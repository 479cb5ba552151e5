"""The table of states and acts answers every pair, and refuses in words."""

from __future__ import annotations

import pytest
from sikua_contracts.words import StepStatus
from sikua_scheduler.transitions import DONE, OPEN, RUNNING, TABLE, WORDS, Act, ActRefused, Allowed, Reason, allow


def test_every_state_answers_every_act() -> None:
    assert set(TABLE) == set(Act)
    assert all(set(row) == set(StepStatus) for row in TABLE.values())


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(WORDS) == set(Reason)
    assert all(zh and en and zh != en for zh, en in WORDS.values())


@pytest.mark.parametrize("status", list(StepStatus))
def test_every_state_can_be_left_and_a_closed_one_only_by_reopening(status: StepStatus) -> None:
    leaving = {act for act, row in TABLE.items() if isinstance(row[status], Allowed)}
    assert leaving
    if status in DONE:
        assert leaving == {Act.REOPEN}


def test_states_are_waiting_open_or_done() -> None:
    assert OPEN | DONE | {StepStatus.NOT_STARTED} == set(StepStatus)
    assert RUNNING < OPEN


def test_a_refusal_names_its_reason() -> None:
    with pytest.raises(ActRefused) as refused:
        allow(StepStatus.NOT_STARTED, Act.BLOCK)
    assert refused.value.reason == Reason.NOT_ARMED
    assert refused.value.zh
    assert refused.value.en
