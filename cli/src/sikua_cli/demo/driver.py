"""Plays the scenario: each working day turns the clock to 09:00, lets the system settle, then lets people act.

Everything is safe to repeat. A demo that was killed goes on at its stored business time: the day under way is played again,
its acts carry the same keys, and people look at the state before they act.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from sikua_rules.business_time import SHANGHAI
from sikua_rules.working_days import WorkCalendar

from sikua_cli.demo.clock import mornings, until_quiet
from sikua_cli.demo.offices import OFFICER, OPERATOR, Offices
from sikua_cli.demo.people import Act, Today, acts_of
from sikua_cli.demo.scenario import Scenario, end_of
from sikua_cli.demo.units import People
from sikua_cli.demo.world import World
from sikua_cli.launcher.running import Running
from sikua_cli.launcher.simulators import Simulators

TOGETHER = 6


@dataclass(frozen=True)
class Script:
    """What is played: the scenario with its files read."""

    scenario: Scenario
    folder: Path
    people: People


@dataclass(frozen=True)
class Moment:
    """What a watcher of the demo is told."""

    now: datetime
    share: float
    doing: str
    counts: Counter[str]


@dataclass
class Played:
    """How the play went. `turned` is 0 when there was nothing left to play; `resumed` when it went on from a stored time."""

    turned: int = 0
    resumed: bool = False
    acts: Counter[str] = field(default_factory=Counter)


class Driver:
    """One play on one running system."""

    def __init__(
        self,
        system: Running,
        offices: Offices,
        script: Script,
        outside: Simulators,
        watch: Callable[[Moment], None],
        keep: Callable[[dict[str, str]], None],
    ) -> None:
        self._system = system
        self._offices = offices
        self._script = script
        self._outside = outside
        self._watch = watch
        self._keep = keep
        self._world = World()
        self._calendar = WorkCalendar.official()
        self._places = asyncio.Semaphore(TOGETHER)
        self.played = Played()

    async def play(self) -> Played:
        """Play to the end of the scenario, from wherever business time stands."""
        scenario, end = self._script.scenario, end_of(self._script.scenario)
        await self._open_webhooks()
        if self._now >= end:
            await self._settle("已演示完毕 · already played")
            return self.played
        self.played.resumed = self._now > scenario.start
        if self.played.resumed:
            await self._settle("接着上次 · going on where it stopped")
        if not self.played.resumed:
            await self._set_up()
        for moment in mornings(self._now, end, self._calendar):
            if moment > self._now:
                await self._turn(moment)
            await self._day(moment)
        await self._turn(end)
        return self.played

    @property
    def _now(self) -> datetime:
        return self._system.clock.now()

    async def _turn(self, moment: datetime) -> None:
        await self._system.turn_to(moment)
        self.played.turned += 1
        await self._settle("时间已到 · waiting for all to settle")

    async def _set_up(self) -> None:
        scenario = self._script.scenario
        self._tell("联系人与值班 · contacts and rosters")
        people = self._script.people
        await self._offices.put(OPERATOR, "/notifier/contacts", {"contacts": people.contacts})
        await self._offices.put(OPERATOR, "/notifier/rosters", {"rosters": people.rosters})
        self._tell("导入项目 · importing the projects")
        file = self._script.folder / scenario.projects
        await self._offices.upload(OPERATOR, "/registry/imports", file.name, file.read_bytes())
        await self._settle("部门正在答复 · the departments answer")

    async def _open_webhooks(self) -> None:
        """Register the endpoints that contacts name; one whose secret was lost with a killed run gets a new one."""
        known = await self._offices.ask(OPERATOR, "/notifier/webhooks", limit=500)
        ids = {endpoint["name"]: endpoint["id"] for endpoint in known["items"]}
        for name in self._script.people.endpoints:
            if name not in ids:
                made = await self._offices.post(
                    OPERATOR, "/notifier/webhooks", {"name": name, "url": self._outside.hook(name)}
                )
            elif name not in self._outside.secrets:
                made = await self._offices.post(OPERATOR, f"/notifier/webhooks/{ids[name]}/rotate", {})
            else:
                continue
            self._outside.open(name, made["secret"])
            self._keep(self._outside.secrets)

    async def _day(self, moment: datetime) -> None:
        day = moment.astimezone(SHANGHAI).date()
        await self._hear()
        await self._release(day)
        acts = acts_of(Today(day, self._world, self._script.scenario, self._calendar))
        # What one project does, it does one after the other; projects do not wait for each other.
        groups = [list(group) for _, group in groupby(acts, key=lambda act: act.project)]
        await asyncio.gather(*(self._in_turn(group) for group in groups))
        if acts:
            await self._settle("各方办理 · people act")

    async def _in_turn(self, acts: list[Act]) -> None:
        async with self._places:
            for act in acts:
                status = await self._offices.act(act.actor, act.route, act.body, act.key, act.person)
                self.played.acts[act.word if status != 409 else f"{act.word} refused"] += 1

    async def _release(self, day: date) -> None:
        for release in self._script.scenario.release:
            begins = self._script.scenario.start.astimezone(SHANGHAI).date() + timedelta(weeks=release.week - 1)
            if day != self._calendar.next_working_day(begins):
                continue
            released = sorted(self._world.tracked & self._world.planned)
            body: dict[str, Any] = {"all": True} if release.which == "all" else {"project_ids": released}
            await self._offices.act(OFFICER, "/scheduler/plans/release", body, f"release-{release.which}-{day}")
            await self._settle("解除静默 · an officer releases old projects")

    async def _hear(self) -> None:
        async for item in self._offices.feed(self._world.heard):
            self._world.hear(item["number"], item["type"], datetime.fromisoformat(item["time"]), item["data"])

    async def _settle(self, doing: str) -> None:
        self._tell(doing)
        await until_quiet(self._offices)

    def _tell(self, doing: str) -> None:
        scenario = self._script.scenario
        share = (self._now - scenario.start) / timedelta(weeks=scenario.weeks)
        self._watch(Moment(self._now, min(share, 1.0), doing, self.played.acts))
