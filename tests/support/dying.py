"""Processes that die at a chosen line: `python -m support.dying relay|consumer <database url> <where> <folder>`."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from sikua_chassis import outbox
from sikua_chassis.clock import real_now
from sikua_chassis.database import Database
from sikua_chassis.relay import Relay
from sikua_chassis.service import Service
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event, source_of
from sikua_contracts.topics import SPEAKERS
from support.carrying_bus import CarryingBus
from support.small_services import Heard, listener, seen
from support.system import new_system

EVENTS = 10
"""How many events the test has said before the process starts."""

RELAY_DIES: dict[str, dict[str, Any]] = {
    "before anything is sent": {"dies_after": 0},
    "in the middle of a chunk": {"dies_after": 4},
    "between send and mark": {"dies_after": EVENTS},
    "between mark and telling the readers": {"dies_when_marked": True},
}
CONSUMER_DIES = ("in the middle of a batch", "between apply and commit", "just after the commit")


async def answering(session: Session, event: Event[Any]) -> None:
    """Note what was heard and say something because of it."""
    await Heard.note(session, event)
    outbox.publish(session, seen(event.subject))


def killed(role: str, url: str, where: str, folder: Path) -> int:
    """Run one of them to its death; the return code."""
    command = [sys.executable, "-m", "support.dying", role, url, where, str(folder)]
    return subprocess.run(command, cwd=Path(__file__).parents[1], timeout=240, check=False).returncode


async def relay(url: str, where: str) -> None:
    """The scheduler's relay, over a bus that carries."""
    bus = CarryingBus(url, SPEAKERS, **RELAY_DIES[where])
    await bus.start()
    database = Database(url, "scheduler", service="scheduler", source=source_of("scheduler"), business_now=real_now)
    await database.open()
    await Relay(database, bus).run()


async def consumer(url: str, where: str) -> None:
    """A consumer that answers what it hears."""
    heard = 0

    async def hear(session: Session, event: Event[Any]) -> None:
        nonlocal heard
        heard += 1
        await answering(session, event)
        if where == CONSUMER_DIES[0] and heard == EVENTS // 2:
            die()

    system = await new_system(url, Path(sys.argv[4]))
    service = listener(hear)(system.runtime)
    if where != CONSUMER_DIES[0]:
        dies_around_commit(service, after=where == CONSUMER_DIES[2])
    await service.start()
    await asyncio.sleep(50)


def dies_around_commit(service: Service, *, after: bool) -> None:
    """Die as soon as the first batch is applied, before or after it is committed."""
    commit = service.database.commit

    async def dying(*arguments: Any) -> None:
        if after:
            await commit(*arguments)
        die()

    service.database.commit = dying


def die() -> None:
    """SIGKILL: nothing of this process does anything any more."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run({"relay": relay, "consumer": consumer}[sys.argv[1]](sys.argv[2], sys.argv[3]))
