"""Whoever hears the events knows for every open step which rung comes next and when, as exactly as the scheduler does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sikua_contracts.envelope import Said
from sikua_contracts.scheduler import EscalationRaised, Proof, StepState, TrackOpened
from sikua_contracts.words import Owner, Rung, StepCode, TrackReason
from sikua_scheduler import acts, climbing, following, progress, scheduling
from sikua_scheduler.course import Course
from sikua_scheduler.foretelling import told
from sikua_scheduler.refusals import RuleError
from sikua_scheduler.step import Escalation, Step
from support.scheduler_courses import CROSSING, MONDAY, at, begun, step

Foretold = dict[str, tuple[Rung | None, datetime | None]]

ON_STEPS: dict[str, Callable[[Course, Step], object]] = {
    "start": lambda course, one: acts.start(course, one, "o"),
    "block": lambda course, one: acts.block(course, one, "堵点", Owner(role="reform", division="370200"), "o"),
    "unblock": lambda course, one: acts.unblock(course, one, "已解决", "o"),
    "pause": lambda course, one: acts.pause(course, one, "补正", "补正通知书", "o"),
    "resume": lambda course, one: acts.resume(course, one, "补正完毕", "o"),
    "extend": lambda course, one: acts.extend(course, one, 5, "复杂", "head"),
    "skip": lambda course, one: progress.skip(course, one, "不适用", "o"),
    "complete": lambda course, one: progress.complete(course, one, Proof(document="批复", stated_by="o")),
}
ON_ESCALATIONS: dict[str, Callable[[Course, Escalation], object]] = {
    "acknowledge": lambda course, one: climbing.acknowledge(course, one, "o"),
    "push": lambda course, one: climbing.push(course, one, None, "令", "o"),
    "resolve": lambda course, one: climbing.resolve(course, one, "已了结", "o"),
}
ON_PROJECTS: dict[str, Callable[[Course], object]] = {
    "suspend": lambda course: acts.suspend(course, "停", "令", "o"),
    "return": lambda course: acts.return_to_life(course, "复", "o"),
    "track": lambda course: scheduling.open_track(course, [TrackReason.ORDER], "o", "令"),
    "untrack": lambda course: scheduling.close_track(course, "已开工", "o"),
    "fast": lambda course: following.order_fast_lane(course, "领导批示", "o"),
}
ACTS = st.tuples(
    st.sampled_from([*ON_STEPS, *ON_ESCALATIONS, *ON_PROJECTS, "climb"]), st.integers(0, 40), st.integers()
)


def foretold(said: Iterator[Said], known: Foretold) -> None:
    for one in said:
        states: list[StepState] = [*getattr(one, "steps", ()), *filter(None, [getattr(one, "step", None)])]
        for state in states:
            known[state.step_id] = (state.next_rung, state.next_rung_at)


def act(course: Course, name: str, which: int) -> None:
    opened = [one for one in course.steps.values() if one.is_open]
    raised = [one for one in course.escalations if one.open]
    if name in ON_PROJECTS:
        ON_PROJECTS[name](course)
    elif name in ON_STEPS and opened:
        ON_STEPS[name](course, opened[which % len(opened)])
    elif name in ON_ESCALATIONS and raised:
        ON_ESCALATIONS[name](course, raised[which % len(raised)])


@given(st.lists(ACTS, max_size=14), st.booleans())
@settings(max_examples=150)
def test_whatever_happens_the_events_say_what_the_scheduler_knows(
    happenings: list[tuple[str, int, int]], crosses: bool
) -> None:
    course = begun(StepCode.REGISTER, crossings=[CROSSING] if crosses else [])
    known: Foretold = {}
    foretold(told(course), known)
    now = MONDAY
    for name, days, which in happenings:
        now += timedelta(days=days)
        at(course, now)
        for one in [one for one in course.steps.values() if one.next_rung_at and one.next_rung_at <= now]:
            climbing.climb(course, one)
        with suppress(RuleError):
            act(course, name, which)
        foretold(told(course), known)
        for one in course.steps.values():
            if one.is_open:
                assert known[one.step_id] == (one.next_rung, one.next_rung_at), (name, one.key)


def test_a_raised_rung_already_tells_the_one_after_it() -> None:
    course = begun(StepCode.EVALUATE)
    at(course, step(course, "SIGN").next_rung_at or MONDAY)
    climbing.climb(course, step(course, "SIGN"))
    raised = next(one for one in told(course) if isinstance(one, EscalationRaised))
    assert (raised.rung, raised.step.next_rung) == (Rung.REMIND, Rung.YELLOW)
    assert raised.step.next_rung_at == step(course, "SIGN").next_rung_at


def test_a_track_tells_what_comes_next_on_the_steps_that_it_makes_climb_higher() -> None:
    course = begun(StepCode.EVALUATE)
    sign = step(course, "SIGN")
    at(course, MONDAY + timedelta(days=60))
    climbing.climb(course, sign)
    at(course, MONDAY + timedelta(days=61))
    assert step(course, "SIGN").next_rung is None
    scheduling.open_track(course, [TrackReason.ORDER], "o", "令")
    opened = next(one for one in told(course) if isinstance(one, TrackOpened))
    assert [one.next_rung for one in opened.steps if one.code is StepCode.SIGN] == [Rung.COORDINATE]
