"""What officers are offered agrees with what the owner services allow: same states, same people; bodies are the owners'."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sikua_chassis.auth.principal import Principal
from sikua_chassis.auth.roles import Role, scopes_of
from sikua_command_office.acts.acts import ACTS, Kind, Subject
from sikua_command_office.acts.offering import on_step
from sikua_command_office.acts.owners import owner_choices
from sikua_command_office.projects.cards import Lit
from sikua_command_office.projects.cards import Step as Card
from sikua_command_office.views import StepView, step_view
from sikua_contracts.words import Light, Owner, Rung, StepStatus
from sikua_registry.projects.forms import Order
from sikua_scheduler import inputs
from sikua_scheduler.permission import Answer, may_act
from sikua_scheduler.step import Block, Step
from sikua_scheduler.transitions import Act, Allowed, verdict
from support import office_events as said
from support.scheduler_courses import begun

BODIES: dict[str, type[Any]] = {
    "complete": inputs.CompleteBody,
    "block": inputs.BlockBody,
    "unblock": inputs.UnblockBody,
    "pause": inputs.PauseBody,
    "resume": inputs.ResumeBody,
    "extend": inputs.ExtendBody,
    "reassign": inputs.ReassignBody,
    "reopen": inputs.ReasonBody,
    "raise": inputs.RaiseBody,
    "resolve": inputs.ResolveBody,
    "track": inputs.TrackBody,
    "untrack": inputs.CloseTrackBody,
    "close": Order,
}
NOT_OFFERED = {Act.ARM, Act.DISARM, Act.SKIP}
OFFICE = Principal("office", roles=frozenset({"command_office"}), scopes=scopes_of(["command_office"]))


def department(unit: str) -> Principal:
    """An officer of a department in 370211."""
    roles = ["department_owner"]
    return Principal("d", unit=unit, division="370211", roles=frozenset(roles), scopes=scopes_of(roles))


principals = st.builds(
    lambda role, unit, division: Principal(
        "p", unit=unit, division=division, roles=frozenset({role}), scopes=scopes_of([role])
    ),
    st.sampled_from([role.value for role in Role]),
    st.sampled_from(["natural_resources", "commerce", "tax", ""]),
    st.sampled_from(["370211", "370212", "370200", ""]),
)
owners = st.builds(
    Owner,
    role=st.sampled_from(["natural_resources", "commerce", "lead_unit"]),
    division=st.sampled_from(["370211", "370212", "370200"]),
)


def shown(status: StepStatus, waiting_for: Owner | None = None, **more: Any) -> StepView:
    """A step as the page has it."""
    return step_view(Lit(Card(said.a_step("p-1", status, **more), waiting_for=waiting_for), Light.GREEN, None))


def in_scheduler(status: StepStatus, owner: Owner, consulted: tuple[Owner, ...], waiting_for: Owner | None) -> Step:
    """The same as the scheduler has it."""
    first = next(iter(begun().steps.values()))
    block = Block(said.AT, "堵点", waiting_for, StepStatus.STARTED) if waiting_for else None
    return replace(first, status=status, owner=owner, consulted=consulted, block=block)


@pytest.mark.parametrize("status", StepStatus)
def test_a_steps_state_offers_what_the_schedulers_table_allows(status: StepStatus) -> None:
    allowed = {str(act) for act in Act if act not in NOT_OFFERED and isinstance(verdict(status, act), Allowed)}
    assert {offer.act.word for offer in on_step(OFFICE, shown(status), ["370211"])} == allowed


@given(
    principals,
    owners,
    st.lists(owners, max_size=2),
    st.none() | owners,
    st.sampled_from(["370211", "370212"]),
    st.sampled_from(list(StepStatus)),
)
def test_who_is_offered_an_act_on_a_step_they_see_may_do_it(
    person: Principal,
    owner: Owner,
    consulted: list[Owner],
    waiting_for: Owner | None,
    division: str,
    status: StepStatus,
) -> None:
    view = shown(status, waiting_for, owner=owner, consulted=consulted)
    offered = {offer.act.word for offer in on_step(person, view, [division])}
    step = in_scheduler(status, owner, tuple(consulted), waiting_for)
    for word in offered:
        assert may_act(person, Act(word), step, [division]) is Answer.YES or not person.sees(division)
    if person.sees(division) and person.may("steps:act"):
        allowed = {
            str(act)
            for act in Act
            if act not in NOT_OFFERED
            and isinstance(verdict(status, act), Allowed)
            and may_act(person, act, step, [division]) is Answer.YES
        }
        assert offered == allowed


def test_who_is_consulted_may_say_what_holds_a_step_up_and_nothing_else() -> None:
    ecology = department("ecology")
    consulted = [Owner(role="ecology", division="370211")]
    offered = on_step(ecology, shown(StepStatus.STARTED, consulted=consulted), ["370211"])
    assert [offer.act.word for offer in offered] == ["block"]
    assert list(on_step(ecology, shown(StepStatus.STARTED), ["370211"])) == []


def test_whom_a_block_waits_for_may_report_that_it_is_gone() -> None:
    waited_for = Owner(role="ecology", division="370211")
    offered = on_step(department("ecology"), shown(StepStatus.BLOCKED, waited_for), ["370211"])
    assert [offer.act.word for offer in offered] == ["unblock"]


@pytest.mark.parametrize("word", sorted(set(ACTS) - {"start", "acknowledge"}))
def test_a_filled_form_becomes_the_body_that_its_owner_takes(word: str) -> None:
    act = ACTS[word]
    filled = {Kind.NUMBER: "3", Kind.OWNER: "commerce@370200", Kind.RUNG: Rung.TOP.value}
    body = act.body("p-1", {ask.name: filled.get(ask.kind, "有关文字") for ask in act.asks})
    model = TypeAdapter(BODIES[word]).validate_python(body)
    assert model.model_dump(exclude_none=True, mode="json") == body


@pytest.mark.parametrize("word", ["start", "acknowledge"])
def test_an_act_that_asks_for_nothing_sends_nothing(word: str) -> None:
    assert ACTS[word].body("s-1", {"reason": "忽略"}) is None


def test_what_is_left_empty_stays_out_unless_it_is_needed() -> None:
    assert ACTS["block"].body("s", {"reason": " 堵 "}) == {"reason": "堵"}
    assert ACTS["complete"].body("s", {"note": "  "}) == {"document": ""}
    assert ACTS["extend"].body("s", {"amount": "½", "reason": "r", "approved_by": "a"}) == {
        "amount": "½",
        "reason": "r",
        "approved_by": "a",
    }


def test_every_act_stands_at_a_route_of_its_owner() -> None:
    for act in ACTS.values():
        assert act.path_for("x").startswith("/")
        assert ("{id}" in act.path) is not (act.named is not None)
        assert isinstance(act.subject, Subject)


def test_owners_are_those_of_the_city_and_of_the_projects_own_districts() -> None:
    choices = dict(owner_choices(["370211", "370200"]))
    assert list(choices) == ["青岛市", "黄岛区"]
    values = [value for places in choices.values() for value, _, _ in places]
    assert len(values) == len(set(values))
    assert "commerce@370211" in values
    assert "leader@370211" not in values
