"""Rows of the whole embedded system, through its own command: first answer, memory, and the demo."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil

from bench.rounds import Row, allowed

COMMAND = Path(sys.executable).with_name("sikua")
PORT = 8177
MEMORY_MB = 600.0
FIRST_ANSWER_SECONDS = 5.0
DEMO_SECONDS = 120.0
REST_SECONDS = 5.0


async def rows(folder: Path, rounds: int, also: dict[str, float], *, demo: bool) -> AsyncIterator[Row]:
    """Each row as soon as it is measured; the demo is played once. What has no goal goes into `also`."""
    answers: list[float] = []
    resting: list[float] = []
    for number in range(rounds):
        place = folder / f"up-{number}"
        async with _up(place) as (process, seconds):
            answers.append(seconds)
            await asyncio.sleep(REST_SECONDS)
            resting.append(memory_mb(process.pid, place))
    said = "first answer after `sikua up` in an empty place / 5 s"
    yield allowed(said, "s", FIRST_ANSWER_SECONDS, answers)
    yield allowed("memory of the embedded system at rest, PostgreSQL included / 600 MB", "MB", MEMORY_MB, resting)
    if demo:
        seconds, peak, events = await played(folder / "demo")
        yield allowed("`sikua demo --once` / 2 minutes", "s", DEMO_SECONDS, [seconds])
        yield allowed("memory of the embedded system, highest during the demo / 600 MB", "MB", MEMORY_MB, [peak])
        also["events_through_the_demo"] = events
        also["events_per_second_through_the_demo"] = round(events / seconds, 1)


async def played(place: Path) -> tuple[float, float, int]:
    """Play the demo once: seconds, highest memory in MB, entries of the feed."""
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(str(COMMAND), "demo", "--once", "--json", "--directory", str(place), "--port", str(PORT)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    reading = asyncio.ensure_future(process.communicate())
    peak = 0.0
    while not reading.done():
        await asyncio.wait([reading], timeout=1.0)
        peak = max(peak, memory_mb(process.pid, place))
    if process.returncode:
        raise RuntimeError(f"the demo ended with {process.returncode}")
    summary: dict[str, Any] = json.loads(reading.result()[0])
    return time.monotonic() - started, peak, int(summary["feed"]["entries"])


@asynccontextmanager
async def _up(place: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, float]]:
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(str(COMMAND), "up", "--directory", str(place), "--port", str(PORT)), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(60):
            while True:
                if await _answers():
                    break
                await asyncio.sleep(0.02)
        yield process, time.monotonic() - started
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def _answers() -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        writer.write(b"GET /registry/livez HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
    except OSError:
        return False
    return answer.startswith(b"HTTP/1.1 200")


def memory_mb(pid: int, place: Path) -> float:
    """Memory of the process, its children and the place's PostgreSQL; what processes share is counted once (PSS)."""
    postgres = place / "postgres" / "postmaster.pid"
    roots = [pid]
    if postgres.exists():
        roots.append(int(postgres.read_text().split("\n", 1)[0]))
    found: dict[int, psutil.Process] = {}
    for root in roots:
        try:
            process = psutil.Process(root)
            found |= {each.pid: each for each in [process, *process.children(recursive=True)]}
        except psutil.Error:
            continue
    return sum(pss_mb(each) for each in found)


def pss_mb(pid: int) -> float:
    """MB of one process, of what it shares with others its part; 0 when it has gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")) / 1e6
