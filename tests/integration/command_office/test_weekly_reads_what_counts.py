"""The weekly report reads a part of what was said of steps: the lights of every week's end come out as from all of it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sikua_chassis.service import Service
from sikua_command_office.app import build
from sikua_command_office.weekly import store
from sikua_command_office.weekly.assembly import last_open
from sikua_command_office.weekly.history import ProjectSaid, StepSaid, lights_at, steps_at
from sikua_contracts.envelope import new_id
from sikua_contracts.scheduler import Proof, StepArmed, StepCompleted, StepPaused, StepReopened, StepState
from sikua_contracts.words import ProjectStatus, StepStatus
from sikua_rules.working_days import WorkCalendar
from support import office_events as said
from support.system import START, System

WEEKS = 5
ALL = """SELECT number, time, project_id, data->'step'->>'step_id' AS step_id, data->'step'->>'status' AS status,
    (data->'step'->>'due_at')::timestamptz AS due_at FROM feed_entry WHERE data->'step' IS NOT NULL ORDER BY number"""


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone; the test speaks for the others."""
    return await system.start(build)


def something(project: str, chance: random.Random, now: datetime) -> Any:
    """Something that may be said of a project's step."""

    def step(status: StepStatus) -> StepState:
        return said.a_step(project, status, due_at=now + timedelta(days=chance.randrange(-9, 9)))

    return chance.choice(
        (
            StepArmed(step=step(StepStatus.ARMED)),
            StepCompleted(step=step(StepStatus.COMPLETED), proof=Proof(document="批复.pdf", stated_by="owner")),
            StepReopened(step=step(StepStatus.STARTED), reason="撤销", by="owner"),
            StepPaused(step=step(StepStatus.PAUSED), reason="补正", document="通知书", by="owner"),
        )
    )


def steps_of(rows: list[Any]) -> list[StepSaid]:
    return [
        StepSaid(row["time"], row["project_id"], row["step_id"], StepStatus(row["status"]), row["due_at"])
        for row in rows
    ]


@pytest.mark.parametrize("seed", range(3))
async def test_lights_of_each_weeks_end_are_those_of_all_that_was_said(
    office: Service, system: System, seed: int
) -> None:
    chance, projects = random.Random(seed), [new_id() for _ in range(12)]
    moments = [START + timedelta(days=7 * week) for week in range(WEEKS)]
    for day in range(0, 7 * WEEKS - 6):
        if day % 7 == 0 or chance.random() < 0.4:
            await system.turn(now := START + timedelta(days=day))
            told = chance.sample(projects, 4)
            await system.say("scheduler", *(something(each, chance, now) for each in told))
            await system.quiet()
    async with office.database.unit_of_work(read_only=True) as session:
        every = await session.fetch(ALL)
        some = await store.steps_said(session, None, moments, moments[-1])
        told_last = await store.steps_told(session, last_open(some))
    known = [ProjectSaid(START, each, each, ProjectStatus.ACTIVE, ("370211",)) for each in projects]
    calendar = WorkCalendar.official()
    for moment in moments:
        expected = lights_at(steps_of(every), known, moment, calendar)
        assert lights_at(steps_of(some), known, moment, calendar) == expected
    assert len(some) < len(every)
    still_open = {step for step, last in steps_at(steps_of(every), moments[-1]).items() if last.status not in CLOSED}
    assert {StepState.model_validate_json(text).step_id for text in told_last} == still_open


CLOSED = {StepStatus.COMPLETED}
