"""`sikua demo`: play the scenario on the real projects, show what came of it, and stay up to look around."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from sikua_chassis.settings import ServiceSettings
from sikua_contracts.topics import SERVICES
from sikua_rules.business_time import SHANGHAI

from sikua_cli.commands.sign_in import greeting
from sikua_cli.commands.up import say, say_what_starts
from sikua_cli.demo.driver import Driver, Moment, Played, Script
from sikua_cli.demo.offices import Offices, offices
from sikua_cli.demo.scenario import Scenario, load
from sikua_cli.demo.summary import Tally
from sikua_cli.demo.units import read_people
from sikua_cli.launcher.place import Hold, Place
from sikua_cli.launcher.running import Running, Wanted
from sikua_cli.launcher.simulators import Simulators, choose_ports
from sikua_cli.launcher.system import running
from sikua_cli.trouble import Exit, Trouble

SCENARIO = Path("demo/scenario.yaml")


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line; None leaves it to the settings and to the scenario."""

    directory: Path
    port: int | None
    once: bool
    as_json: bool
    reset: bool
    scenario: Path | None
    weeks: int | None
    seed: int | None
    distributed: bool = False


def run(wish: Wish) -> None:
    """Play, print the summary, then stay up until Ctrl-C unless `--once` was given."""
    place = Place(wish.directory)
    path = wish.scenario or _shipped()
    changes = {name: value for name, value in (("weeks", wish.weeks), ("seed", wish.seed)) if value is not None}
    scenario = load(path).model_copy(update=changes)
    script = Script(scenario, path.parent, read_people(path.parent / scenario.units))
    if wish.reset:
        forget(place)
    note = claim(place, scenario, fixed_ports=wish.port is None)
    port = ServiceSettings().port if wish.port is None else wish.port
    projects = path.parent / scenario.projects
    secrets, faults = dict(note["secrets"]), scenario.department_faults
    outside = Simulators(scenario.seed, projects, note["ports"], secrets=secrets, faults=faults)
    wanted = Wanted(place, port, scenario.start, outside.around, distributed=wish.distributed)
    uvloop.run(_play(wanted, script, outside, wish))


def forget(place: Place) -> None:
    """Throw away what a demo left behind. Refuses a place that no demo was played in."""
    if place.root.exists() and any(place.root.iterdir()) and not place.demo.exists():
        raise _real_data(place)
    hold = Hold(place)
    hold.take()
    try:
        from sikua_cli.launcher.embedded import EmbeddedPostgres
        from sikua_cli.launcher.kafka import LocalKafka

        EmbeddedPostgres(place).stop()
        LocalKafka(place.kafka).stop()
        # The note goes last: killed in between, the place still is known as a demo's.
        logs = (place.postgres_log, place.log, place.nursery_log, *(place.service_log(name) for name in SERVICES))
        for rest in (place.postgres, place.kafka, place.bus, *logs, place.demo):
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink(missing_ok=True)
    finally:
        hold.release()


def _shipped() -> Path:
    """The scenario of the checkout we run in, or of the one this package is installed from."""
    here = SCENARIO
    return here if here.exists() else Path(__file__).parents[4] / SCENARIO


def claim(place: Place, scenario: Scenario, *, fixed_ports: bool) -> dict[str, Any]:
    """Mark the place as a demo's, before anything is in it; a place with real data is refused."""
    note = place.read(place.demo)
    wanted = {"seed": scenario.seed, "start": scenario.start.isoformat(), "weeks": scenario.weeks}
    if note is None:
        if place.postgres.exists():
            raise _real_data(place)
        place.root.mkdir(parents=True, exist_ok=True)
        note = {**wanted, "data": "simulated", "ports": choose_ports(fixed_ports), "secrets": {}}
        place.write(place.demo, note)
    elif any(note.get(name) != value for name, value in wanted.items()):
        raise Trouble(
            f"{place.root} 中是另一个情景的演示,请加 --reset 从头开始,或用 --directory 另选目录",
            "another demo was played here: start over with --reset, or choose another place with --directory",
            Exit.REFUSED,
        )
    return note


def _real_data(place: Place) -> Trouble:
    return Trouble(
        f"{place.root} 中的数据不是演示数据,演示不会动它;请用 --directory 另选目录",
        f"the data in {place.root} is not a demo's and is left alone: choose another place with --directory",
        Exit.REFUSED,
    )


async def _play(wanted: Wanted, script: Script, outside: Simulators, wish: Wish) -> None:
    place = wanted.place

    def keep(secrets: dict[str, str]) -> None:
        place.write(place.demo, {**(place.read(place.demo) or {}), "secrets": secrets})

    say_what_starts(wanted)
    async with running(wanted) as system, offices(system.url, system.issuer) as phone:
        playing = asyncio.create_task(_drive(system, phone, script, outside, keep))
        stopping = asyncio.create_task(system.ended.wait())
        await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await playing
            raise Trouble("演示中断,再次执行会接着演", "the demo was stopped; run it again and it goes on", Exit.FAILED)
        played = await playing
        counts = await _counts(system, phone)
        _report(system, script, played, counts, wish)
        if not wish.once:
            say(await greeting(system.url, system.issuer))
            say(f"请看 · look around: {system.url}(按 Ctrl-C 停止 · press Ctrl-C to stop)")
            await stopping
        stopping.cancel()


async def _drive(
    system: Running,
    phone: Offices,
    script: Script,
    outside: Simulators,
    keep: Callable[[dict[str, str]], None],
) -> Played:
    with _progress() as watch:
        return await Driver(system, phone, script, outside, watch, keep).play()


async def _counts(system: Running, phone: Offices) -> dict[str, dict[str, Any]]:
    tally = Tally()
    tally.add_import(await phone.first_import())
    for name in SERVICES:
        async for event in phone.events(name):
            tally.add(event["type"], event["data"])
    tally.add_feed(await phone.feed_head())
    return tally.finished(system.clock.now())


def _report(system: Running, script: Script, played: Played, counts: dict[str, dict[str, Any]], wish: Wish) -> None:
    moment = system.clock.now().astimezone(SHANGHAI)
    if played.turned == 0:
        say(
            f"业务时间停在 {moment:%Y-%m-%d %H:%M},没有再推进 · business time stands there; nothing was turned or doubled"
        )
    elif played.resumed:
        say("接着上次演完 · went on from where the last run stopped")
    if wish.as_json:
        print(json.dumps(counts, ensure_ascii=False))
        return
    from sikua_cli.demo.table import show

    show(Console(), counts)


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[Moment], None]]:
    """A bar on standard error with week, day and what is being done; on no terminal a line per four weeks."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[doing]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("准备 · preparing", total=1.0, doing="")
        told: list[int] = []

        def watch(moment: Moment) -> None:
            day = moment.now.astimezone(SHANGHAI)
            acts = sum(moment.counts.values())
            doing = f"{moment.doing}  办理 acts {acts}"
            progress.update(task, completed=moment.share, description=f"{day:%Y-%m-%d}", doing=doing)
            block = int(moment.share * 1000) // 154
            if not console.is_terminal and block not in told:
                told.append(block)
                console.print(f"{day:%Y-%m-%d}  {doing}")

        yield watch
