"""Memory of the distributed form, process by process: seven services, PostgreSQL and Kafka, at rest and under load."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_cli.launcher.nursery import MODULE
from sikua_cli.launcher.place import Place
from sikua_cli.launcher.rooms import PORTS

from bench.load import posts_per_second
from bench.rounds import Row, allowed
from bench.whole import COMMAND, pss_mb

SERVICE_MB = 150.0
START_SECONDS = 180.0
REST_SECONDS = 8.0
LOAD_SECONDS = 10.0
WRITERS = 8


async def rows(folder: Path, also: dict[str, float]) -> AsyncIterator[Row]:
    """The largest service at rest and under load, each against what a service may take; each process goes into `also`.

    A service's own size is what it maps (RSS): on a machine of its own it shares with nobody. Parts of the sum are PSS.
    """
    place = folder / "apart"
    async with _up(place) as process:
        await asyncio.sleep(REST_SECONDS)
        resting, resting_alone = memory(process.pid, place), resident(process.pid)
        token = LocalIssuer.at(Place(place).issuer_key).issue("bench", roles=["command_office"], lifetime_seconds=3600)
        load = asyncio.create_task(posts_per_second(PORTS["registry"], "/projects", token, WRITERS, LOAD_SECONDS))
        highest, highest_alone = dict(resting), dict(resting_alone)
        while not load.done():
            await asyncio.wait([load], timeout=1.0)
            highest = _higher(highest, memory(process.pid, place))
            highest_alone = _higher(highest_alone, resident(process.pid))
        await load
    for moment, found in (("at_rest", resting), ("under_load", highest)):
        also.update({f"memory_mb_{moment}_{name}": round(taken, 1) for name, taken in found.items()})
        also[f"memory_mb_{moment}_in_all"] = round(sum(found.values()), 1)
    for said, found in (("at rest", resting_alone), ("under load", highest_alone)):
        service = max(PORTS, key=lambda name: found.get(name, 0.0))
        row = f"memory of the largest service as a process of its own, {said} / 150 MB"
        note = f"the largest is {service}; RSS, with all it shares with the six others"
        yield allowed(row, "MB", SERVICE_MB, [found[service]], note=note)


def memory(launcher: int, place: Path) -> dict[str, float]:
    """MB (PSS) of the launcher, the nursery, each service, PostgreSQL and Kafka; what processes share is counted once."""
    found = {"launcher": pss_mb(launcher)}
    for child in psutil.Process(launcher).children():
        if MODULE in child.cmdline():
            found["nursery"] = pss_mb(child.pid)
    found |= {name: pss_mb(process.pid) for name, process in _services(launcher)}
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(str(place) in word for word in words):
            if "kafka.Kafka" in words:
                found["kafka"] = pss_mb(process.pid)
            elif words[0].endswith("postgres"):
                family = [process, *process.children(recursive=True)]
                found["postgres"] = sum(pss_mb(each.pid) for each in family)
    return found


def resident(launcher: int) -> dict[str, float]:
    """MB (RSS) of each service: all that it maps, whoever else does."""
    return {name: process.memory_info().rss / 1e6 for name, process in _services(launcher)}


def _services(launcher: int) -> Iterator[tuple[str, psutil.Process]]:
    for child in psutil.Process(launcher).children(recursive=True):
        words = child.cmdline()
        if "serve" in words:
            yield words[words.index("serve") + 1], child


def _higher(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    return {name: max(one.get(name, 0.0), other.get(name, 0.0)) for name in one | other}


@asynccontextmanager
async def _up(place: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(str(COMMAND), "up", "--distributed", "--directory", str(place)), stdout=sys.stderr, stderr=sys.stderr
    )
    try:
        async with asyncio.timeout(START_SECONDS), httpx.AsyncClient() as client:
            for port in PORTS.values():
                while True:
                    if await _ready(client, port):
                        break
                    await asyncio.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def _ready(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
