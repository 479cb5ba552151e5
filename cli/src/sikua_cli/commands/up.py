"""`sikua up`: start everything on this machine and stay until told to stop."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path

import uvloop
from sikua_chassis.settings import ServiceSettings

from sikua_cli.commands.sign_in import greeting
from sikua_cli.launcher.place import Place
from sikua_cli.launcher.running import Wanted
from sikua_cli.launcher.system import running


def run(directory: Path, port: int | None, *, distributed: bool = False) -> None:
    """Start, say where, and wait for Ctrl-C or SIGTERM."""
    place = Place(directory)
    chosen = ServiceSettings().port if port is None else port
    uvloop.run(_stay(Wanted(place, chosen, begun(place), distributed=distributed)))


def begun(place: Place) -> datetime | None:
    """When a demo's business time began here; None where no demo was played: then time is the machine's."""
    note = place.read(place.demo)
    return datetime.fromisoformat(str(note["start"])) if note else None


async def _stay(wanted: Wanted) -> None:
    began = time.monotonic()
    say_what_starts(wanted)
    async with running(wanted) as system:
        took = time.monotonic() - began
        say(f"四跨 sikua 已启动 · is up: {system.url}({took:.1f} s)")
        say(await greeting(system.url, system.issuer))
        say("按 Ctrl-C 停止 · press Ctrl-C to stop")
        await system.ended.wait()
        say("正在停止 … · stopping …")


def say_what_starts(wanted: Wanted) -> None:
    """Seven processes and a Kafka take longer than one process: say so, and where to look."""
    if wanted.distributed:
        say(
            "正在启动数据库、Kafka 和七个服务 … · starting the database, Kafka and seven services; "
            f"日志 logs: {wanted.place.root}/*.log, {wanted.place.kafka}/*.log"
        )


def say(sentence: str) -> None:
    """To people, never to programs: standard error."""
    print(sentence, file=sys.stderr, flush=True)
