"""Who does what today. People act on what they heard on earlier days: a day played twice gives the same acts.

Pure: the world, the scenario, the calendar and the day are arguments. Every choice is drawn from the seed, the
project's name and the step, never from an id.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sikua_contracts.words import Owner, StepStatus
from sikua_rules.limits import LimitUnit
from sikua_rules.working_days import WorkCalendar

from sikua_cli.demo.chance import Chance
from sikua_cli.demo.scenario import Habit, Scenario
from sikua_cli.demo.world import KnownEscalation, KnownNotice, KnownStep, World

WORKING_DAYS = {LimitUnit.WORKING_DAY: 1.0, LimitUnit.CALENDAR_DAY: 5 / 7, LimitUnit.MONTH: 21.0}
CITY = "370200"


@dataclass(frozen=True)
class Act:
    """One thing one person does: which route with which body. `key` stays the same when the day is played again.

    `person` is set where the act is that of one named person and not of whoever stands for the owner.
    """

    actor: Owner
    word: str
    route: str
    body: dict[str, Any]
    key: str
    project: str
    person: str = ""


@dataclass(frozen=True)
class Today:
    """What a day's decisions rest on."""

    day: date
    world: World
    scenario: Scenario
    calendar: WorkCalendar

    def since(self, known: KnownStep, word: str) -> int:
        """Working days since something last happened to a step; −1 when it never did."""
        happened = known.days.get(word)
        return -1 if happened is None else self.calendar.working_days_between(happened, self.day)


def acts_of(today: Today) -> list[Act]:
    """All acts of the day, ordered by project and step: what one project does, it does one after the other."""
    acts = [act for known in today.world.steps.values() if known.is_open for act in _on_step(today, known)]
    acts += [act for one in today.world.escalations.values() for act in _on_escalation(today, one)]
    acts += [act for notice in today.world.notices.values() for act in _on_notice(today, notice)]
    return sorted(acts, key=lambda act: (act.project, act.key))


def habit_of(scenario: Scenario, world: World, known: KnownStep) -> Habit:
    """How this step is treated: by its story, by the project's own problem, else by chance."""
    story = scenario.story(known.state.project_name)
    if known.historic:
        if story is not None:
            return story.habit
        if known.state.project_id in world.problems:
            return scenario.problem
    elif story is not None and not story.habit.never:
        return scenario.habits["prompt"]
    chance = Chance(scenario.seed, *known.name)
    return scenario.habits[chance.weighted("habit", {name: one.weight for name, one in scenario.habits.items()})]


def _on_step(today: Today, known: KnownStep) -> Iterator[Act]:
    scenario = today.scenario
    habit = habit_of(scenario, today.world, known)
    custom = scenario.custom(known.state.code, known.state.item)
    if custom.by_items or habit.never:
        return
    chance = Chance(scenario.seed, *known.name)
    match known.state.status:
        case StepStatus.ARMED:
            if _taken_up(today, known, habit, chance):
                yield _act(known, "start", {})
        case StepStatus.BLOCKED:
            if _unblocked(today, known, habit, chance):
                yield _act(known, "unblock", {"resolution": _resolution(today, known, chance)})
        case StepStatus.PAUSED:
            if today.since(known, "paused") >= chance.days("resumes", habit.resumes_after):
                yield _act(
                    known,
                    "resume",
                    {"document": _document(today, chance.pick("pause", scenario.pauses).resumed, known)},
                )
        case StepStatus.STARTED:
            yield from _under_way(today, known, habit, chance)


def _under_way(today: Today, known: KnownStep, habit: Habit, chance: Chance) -> Iterator[Act]:
    scenario, worked = today.scenario, today.since(known, "started")
    if habit.blocks_after and "blocked" not in known.days:
        if worked >= chance.days("blocks", habit.blocks_after):
            yield _act(known, "block", _obstacle(today, known, chance))
        return
    if habit.pauses_after and "paused" not in known.days:
        if worked >= chance.days("pauses", habit.pauses_after):
            pause = chance.pick("pause", scenario.pauses)
            document = _document(today, pause.document, known)
            yield _act(known, "pause", {"reason": pause.reason, "document": document})
        return
    if habit.extends_after and "extended" not in known.days and worked >= chance.days("extends", habit.extends_after):
        limit = min(scenario.extension.amount[1], known.state.limit_amount)
        amount = chance.days("extension", (min(scenario.extension.amount[0], limit), limit))
        approved_by = f"指挥部办公室({CITY})"
        yield _act(known, "extend", {"amount": amount, "reason": scenario.extension.reason, "approved_by": approved_by})
        return
    if today.since(known, "extended") == 0:
        return
    if _last_move(today, known) >= _work(today, known, habit, chance):
        custom = scenario.custom(known.state.code, known.state.item)
        yield _act(known, "complete", {"document": _document(today, custom.document, known)})


def _taken_up(today: Today, known: KnownStep, habit: Habit, chance: Chance) -> bool:
    since = today.since(known, f"rung:{habit.moved_by}" if habit.moved_by else "armed")
    return since >= max(1, chance.days("take up", habit.take_up))


def _unblocked(today: Today, known: KnownStep, habit: Habit, chance: Chance) -> bool:
    since = today.since(known, f"rung:{habit.unblocked_by}" if habit.unblocked_by else "blocked")
    return since >= max(1, chance.days("unblocked", habit.unblocked_after))


def _work(today: Today, known: KnownStep, habit: Habit, chance: Chance) -> int:
    limit = known.state.limit_amount * WORKING_DAYS[known.state.limit_unit]
    custom = today.scenario.custom(known.state.code, known.state.item)
    patience = chance.days("patience", custom.patience) if custom.fact else 0
    return max(1, round(limit * chance.between("work", *habit.work))) + patience


def _last_move(today: Today, known: KnownStep) -> int:
    """Working days since the owner could last go on with the step."""
    return min(since for word in ("started", "unblocked", "resumed") if (since := today.since(known, word)) >= 0)


def _on_escalation(today: Today, one: KnownEscalation) -> Iterator[Act]:
    answer = today.scenario.acknowledge.get(one.rung)
    known = today.world.steps.get(one.step_id)
    if answer is None or known is None or one.acknowledged or one.resolved or not known.is_open:
        return
    if habit_of(today.scenario, today.world, known).never and answer.by != "leader":
        return
    chance = Chance(today.scenario.seed, *known.name, one.rung)
    waited = today.calendar.working_days_between(one.raised_on, today.day)
    if chance.share("answers") < answer.chance and waited >= max(1, chance.days("answer", answer.after)):
        yield Act(
            actor=Owner(role=answer.by, division=CITY),
            word="acknowledge",
            route=f"/scheduler/escalations/{one.escalation_id}/acknowledge",
            body={},
            key=f"acknowledge:{one.escalation_id}",
            project=known.state.project_name,
        )


def _on_notice(today: Today, notice: KnownNotice) -> Iterator[Act]:
    known = today.world.steps.get(notice.step_id or "")
    if notice.acknowledged or known is None:
        return
    seen = today.scenario.seen
    chance = Chance(today.scenario.seed, *known.name, notice.recipient, notice.sent_on)
    waited = today.calendar.working_days_between(notice.sent_on, today.day)
    if chance.share("seen") < seen.chance and waited == max(1, chance.days("sees", seen.after)):
        yield Act(
            actor=notice.owner,
            word="see",
            route=f"/notifier/notices/{notice.notice_id}/acknowledge",
            body={},
            key=f"see:{notice.notice_id}",
            project=known.state.project_name,
            person=notice.recipient,
        )


def _act(known: KnownStep, word: str, body: dict[str, Any]) -> Act:
    step = known.state
    armed = known.days["armed"]
    return Act(
        actor=step.owner,
        word=word,
        route=f"/scheduler/steps/{step.step_id}/{word}",
        body=body,
        key=f"{word}:{step.step_id}:{armed}",
        project=step.project_name,
    )


def _obstacle(today: Today, known: KnownStep, chance: Chance) -> dict[str, Any]:
    scenario, step = today.scenario, known.state
    obstacle = chance.pick("obstacle", scenario.blocks[step.code])
    problem = today.world.problems.get(step.project_id) if known.historic else None
    waiting_for = {"role": obstacle.waiting_for, "division": step.owner.division}
    return {"reason": problem or obstacle.reason, "waiting_for": waiting_for}


def _resolution(today: Today, known: KnownStep, chance: Chance) -> str:
    story = today.scenario.story(known.state.project_name)
    if story is not None and story.unblocked and known.historic:
        return story.unblocked
    return chance.pick("resolution", today.scenario.unblocked)


def _document(today: Today, title: str, known: KnownStep) -> str:
    number = zlib.crc32("\x1f".join((*known.name, title)).encode()) % 9000 + 1000
    return f"{title}〔{today.day.year}〕{number}号(演示)"
