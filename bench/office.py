"""The command office as a process of its own, in which a made-up city has been heard, and an officer's way into it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

import asyncpg
import httpx
import uvloop
from sikua_chassis import outbox
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.clock import real_now
from sikua_chassis.database import Database
from sikua_chassis.migrate import migrate
from sikua_chassis.relay import Relay
from sikua_chassis.telemetry.logs import configure
from sikua_cli.launcher.ports import listen, port_of
from sikua_cli.launcher.rooms import builder
from sikua_contracts.envelope import source_of
from sikua_contracts.topics import SPEAKERS

from bench.city import Told, speakers, told
from bench.databases import database
from bench.sides import runtime_for, serve

START_SECONDS = 120.0
HEARD_SECONDS = 600.0
LIVE_PROJECTS = 1000
UNIT = 200


@dataclass(frozen=True)
class Seat:
    """The office's address, its process, an officer's cookie and token, and the database behind it."""

    port: int
    process: int
    cookie: str
    token: str
    url: str


@asynccontextmanager
async def office(server: str, key: Path, token: str, projects: int = LIVE_PROJECTS) -> AsyncIterator[Seat]:
    """An office that has heard the whole city, an officer signed in."""
    url = await database(server, f"bench_office_{projects}")
    async with process("bench.office", url, str(key)) as (port, pid):
        async with voices(url) as said:
            await said.say(told(projects, real_now()))
            await heard(url)
        yield Seat(port, pid, await signed_in(port, token), token, url)


@asynccontextmanager
async def process(module: str, *arguments: str) -> AsyncIterator[tuple[int, int]]:
    """A module of the benchmark in a process of its own: its port, which it prints first, and its id."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments), stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            line = await started.stdout.readline() if started.stdout else b""
        yield int(json.loads(line)), started.pid
    finally:
        if started.returncode is None:
            started.terminate()
            await started.wait()


class Voices:
    """The databases of the services that speak to the office, without the services."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._rooms: dict[str, Database] = {}
        self._relays: list[asyncio.Task[None]] = []
        self._moment = real_now()

    async def open(self, services: Sequence[str]) -> None:
        """Let these services speak."""
        bus = EmbeddedBus(self._url, SPEAKERS)
        for service in services:
            await migrate(self._url, service, None)
            room = Database(
                self._url, service, service=service, source=source_of(service), business_now=lambda: self._moment
            )
            await room.open()
            self._rooms[service] = room
            self._relays.append(asyncio.create_task(Relay(room, bus).run()))

    async def close(self) -> None:
        """End all of them."""
        for relay in self._relays:
            relay.cancel()
        await asyncio.wait(self._relays)
        for room in self._rooms.values():
            await room.close()

    async def say(self, events: Sequence[Told]) -> None:
        """Say all of it, each at its own moment, and wait until it is published."""
        for moment, service, part in _units(events):
            self._moment = moment
            async with self._rooms[service].unit_of_work() as session:
                for each in part:
                    outbox.publish(session, each.said)
        async with asyncio.timeout(HEARD_SECONDS):
            while True:
                waiting = [await room.pool.fetchval("SELECT count(*) FROM outbox") for room in self._rooms.values()]
                if not any(waiting):
                    return
                await asyncio.sleep(0.05)


@asynccontextmanager
async def voices(url: str) -> AsyncIterator[Voices]:
    """All who speak of a city."""
    speaking = Voices(url)
    await speaking.open(("registry", "scheduler", "notifier", "tax-bridge"))
    try:
        yield speaking
    finally:
        await speaking.close()


def _units(events: Sequence[Told]) -> Iterator[tuple[datetime, str, list[Told]]]:
    """What each service says of a day, as units of work."""
    for _, day in groupby(events, key=lambda each: each.at.date()):
        of_day = list(day)
        for service in speakers(of_day):
            own = [each for each in of_day if each.service == service]
            for first in range(0, len(own), UNIT):
                yield own[first].at, service, own[first : first + UNIT]


async def heard(url: str) -> None:
    """Wait until the office has entered all that was published."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(HEARD_SECONDS):
            while True:
                if not await _behind(connection):
                    return
                await asyncio.sleep(0.2)
    finally:
        await connection.close()


async def _behind(connection: asyncpg.Connection) -> int:
    rows = await connection.fetch("SELECT schemaname FROM pg_tables WHERE tablename = 'published'")
    said = sum([await connection.fetchval(f'SELECT count(*) FROM "{row[0]}".published') for row in rows])
    return int(said - await connection.fetchval('SELECT count(*) FROM "command-office".feed_entry'))


async def signed_in(port: int, token: str) -> str:
    """An officer's cookie, as a Cookie header carries it."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        offered = await client.post("/sign-in-codes", headers={"Authorization": f"Bearer {token}"})
        await client.post("/office/sign-in", data={"code": offered.raise_for_status().json()["code"]})
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


async def main(url: str, key: str) -> None:
    """Serve the command office until the process is ended."""
    configure("WARNING", sys.stderr)
    async with AsyncExitStack() as stack:
        service = builder("command-office")(runtime_for(url, Path(key)))
        await service.start()
        stack.push_async_callback(service.stop)
        door = listen("127.0.0.1", 0)
        print(port_of(door), flush=True)
        await serve(service.app, door)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
