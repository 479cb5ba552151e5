"""The picture that a process keeps is the one it would read anew, whatever has moved since it last looked."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sikua_chassis.service import Service
from sikua_command_office.app import build
from sikua_contracts.envelope import new_id
from sikua_contracts.registry import ProjectClosed, ProjectSuspended
from sikua_contracts.scheduler import EscalationResolved, Proof, StepCompleted, TrackClosed
from sikua_contracts.words import ProjectStatus, Rung, StepStatus
from support import office_events as said
from support.system import START, System


@pytest.fixture
async def office(system: System) -> Service:
    """The command office alone; the test speaks for the others."""
    return await system.start(build)


async def columns(system: System) -> Any:
    """The board's columns and what stands outside them, as everybody gets them."""
    answer = await system.client("command-office").get("/board")
    assert answer.status_code == 200, answer.text
    board = answer.json()
    return board["columns"], board["outside"]


async def kept_and_anew(system: System, office: Service) -> tuple[Any, Any]:
    """The board from what the process kept, and from the tables alone."""
    await system.quiet()
    kept = await columns(system)
    office.database.tools.picture = None
    return kept, await columns(system)


async def test_each_thing_that_moves_a_project_moves_its_card(office: Service, system: System) -> None:
    project, other = new_id(), new_id()
    done = said.a_step(project, StepStatus.COMPLETED, completed_at=START)
    closed = said.a_record(project, version=3, status=ProjectStatus.CLOSED)
    suspended = said.a_record(other, version=2, status=ProjectStatus.SUSPENDED)
    over = {"escalation_id": f"{project}-{Rung.RED}", "rung": Rung.RED, "step": done, "by": "owner"}
    courses: list[tuple[str, Any]] = [
        ("registry", said.registered(project)),
        ("registry", said.registered(other)),
        ("scheduler", said.armed(project)),
        ("scheduler", said.armed(other)),
        ("scheduler", said.blocked(project)),
        ("scheduler", said.tracked(project)),
        ("scheduler", said.raised(project)),
        ("scheduler", said.accepted(project)),
        ("registry", said.enriched(project, 2)),
        ("scheduler", StepCompleted(step=done, proof=Proof(document="批复.pdf", stated_by="owner"))),
        ("scheduler", EscalationResolved(**over, resolution="已办结")),
        (
            "scheduler",
            TrackClosed(track_id=f"{project}-track", project_id=project, project_name="", reason="办结", closed_by="o"),
        ),
        ("registry", ProjectClosed(record=closed, reason="投资方退出", ordered_by="office")),
        ("registry", ProjectSuspended(record=suspended, reason="停工", ordered_by="office")),
    ]
    pictures = [await columns(system)]
    for speaker, event in courses:
        await system.say(speaker, event)
        kept, anew = await kept_and_anew(system, office)
        assert kept == anew, event
        pictures.append(kept)
    unseen = sum(one == next_one for one, next_one in pairwise(pictures))
    assert unseen == len([said.enriched, EscalationResolved, TrackClosed]), "the step was complete by then"


async def test_a_steps_project_that_comes_later_brings_its_steps(office: Service, system: System) -> None:
    project = new_id()
    await system.say("scheduler", said.armed(project))
    await system.quiet()
    assert not any(column["count"] for column in (await columns(system))[0])
    await system.say("registry", said.registered(project))
    kept, anew = await kept_and_anew(system, office)
    assert kept == anew
    assert sum(column["count"] for column in kept[0]) == 1


async def test_lights_turn_while_nothing_moves(office: Service, system: System) -> None:
    project = new_id()
    await system.say("registry", said.registered(project))
    await system.say("scheduler", said.armed(project))
    await system.quiet()
    early = await columns(system)
    await system.turn_to(START + timedelta(days=30))
    kept, anew = await kept_and_anew(system, office)
    assert kept == anew != early


async def test_what_one_may_see_does_not_depend_on_who_looked_before(office: Service, system: System) -> None:
    await system.say("registry", said.registered(here := new_id()), said.registered(there := new_id(), "370213"))
    await system.say("scheduler", said.armed(here), said.armed(there))
    await system.quiet()
    await columns(system)
    owner = system.client("command-office", "district_owner", division="370211")
    shown = [card["project_id"] for column in (await owner.get("/board")).json()["columns"] for card in column["cards"]]
    assert shown == [here]
