"""Every event about a step tells what its ladder brings next, as the whole unit of work leaves it.

An act says what it caused while the course is still changing; what comes next is settled only at its end.
"""

from __future__ import annotations

from collections.abc import Iterator

from sikua_contracts.envelope import Said
from sikua_contracts.scheduler import StepState, TrackClosed, TrackOpened

from sikua_scheduler.course import Course


def told(course: Course) -> Iterator[Said]:
    """What the course says, each step in it with its next rung and that rung's moment as they are now."""
    steps = {step.step_id: (step.next_rung, step.next_rung_at) for step in course.steps.values()}

    def settled(state: StepState) -> StepState:
        rung, at = steps[state.step_id]
        if (state.next_rung, state.next_rung_at) == (rung, at):
            return state
        return state.model_copy(update={"next_rung": rung, "next_rung_at": at})

    for said in course.said:
        if isinstance(said, TrackOpened | TrackClosed):
            yield said.model_copy(update={"steps": [settled(state) for state in said.steps]})
        else:
            state = getattr(said, "step", None)
            yield said.model_copy(update={"step": settled(state)}) if isinstance(state, StepState) else said
