"""Rows of the officers' page with a thousand live projects: first byte and size, beside a bare page of the same bytes.

The board has a goal; the other views are measured the same way and stand in `also`, with what each costs the process.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from bench.office import LIVE_PROJECTS, Seat, process
from bench.rounds import Row, allowed

FIRST_BYTE_MS = 150.0
WHOLE_PAGE_KB = 200.0
ASKED = 12
WARM_UP = 3
VIEWS = {
    "board": "",
    "column": "?step=QUOTA",
    "desk": "desk",
    "escalations": "escalations",
    "bottlenecks": "bottlenecks",
    "kpis": "kpis",
    "weekly": "weekly",
}
_PROJECT = re.compile(rb'data-project="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """When the first and the last byte came, in ms after asking, and the body as it was sent."""

    first_ms: float
    whole_ms: float
    body: bytes


async def rows(seat: Seat, folder: Path, rounds: int, also: dict[str, float]) -> AsyncIterator[Row]:
    """The board's rows as soon as they are measured; of the other views what has no goal goes into `also`."""
    bodies = await _bodies(seat)
    kept = folder / "pages"
    kept.mkdir()
    for name, body in bodies.items():
        (kept / name).write_bytes(body)
        also[f"page_kb_{name}"] = round(len(body) / 1000, 1)
        also[f"page_kb_if_gzipped_{name}"] = round(len(gzip.compress(body, 6)) / 1000, 1)
    async with process("bench.bare", str(kept)) as (bare, _):
        board: dict[str, list[float]] = {"first": [], "whole": [], "bare": []}
        for name in bodies:
            place = VIEWS.get(name, f"projects/{_project_in(bodies['board'])}")
            first, whole, other, cpu = await _alternating(seat, bare, place, name, rounds)
            also[f"page_ms_first_byte_{name}"] = round(median(first), 1)
            also[f"page_ms_whole_{name}"] = round(median(whole), 1)
            also[f"page_ms_first_byte_bare_{name}"] = round(median(other), 1)
            also[f"page_ms_cpu_{name}"] = round(cpu, 1)
            if name == "board":
                board = {"first": first, "whole": whole, "bare": other}
    low, middle, high = min(board["bare"]), median(board["bare"]), max(board["bare"])
    beside = f"a bare FastAPI page of the same bytes, in the same rounds: {middle:.1f} ms ({low:.1f}–{high:.1f})"
    said = f"officers' board with {LIVE_PROJECTS} live projects, signed in"
    yield allowed(f"{said}: first byte / 150 ms", "ms", FIRST_BYTE_MS, board["first"], note=beside)
    yield allowed(f"{said}: whole page / 150 ms", "ms", FIRST_BYTE_MS, board["whole"], note=beside)
    plain = "as sent: nothing is compressed, since a page carries the proof of its forms"
    yield allowed(f"{said}: size / 200 KB", "KB", WHOLE_PAGE_KB, [len(bodies["board"]) / 1000], note=plain)


def _project_in(board: bytes) -> str:
    found = _PROJECT.search(board)
    if found is None:
        raise RuntimeError("the board shows no project")
    return found[1].decode()


async def _bodies(seat: Seat) -> dict[str, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", seat.port, limit=2**22)
    try:
        found = {name: (await asked(reader, writer, f"/office/{place}", seat)).body for name, place in VIEWS.items()}
        place = f"/office/projects/{_project_in(found['board'])}"
        return found | {"project": (await asked(reader, writer, place, seat)).body}
    finally:
        writer.close()


async def _alternating(
    seat: Seat, bare: int, place: str, name: str, rounds: int
) -> tuple[list[float], list[float], list[float], float]:
    """Medians of each round in ms: our first byte, our last, the other side's first; and our CPU time of one answer."""
    first: list[float] = []
    whole: list[float] = []
    other: list[float] = []
    spent = 0.0
    for _ in range(rounds):
        before = cpu_seconds(seat.process)
        ours = await _asked_often(seat.port, f"/office/{place}", seat)
        spent += cpu_seconds(seat.process) - before
        theirs = await _asked_often(bare, f"/{name}", seat)
        first.append(median(answer.first_ms for answer in ours))
        whole.append(median(answer.whole_ms for answer in ours))
        other.append(median(answer.first_ms for answer in theirs))
    return first, whole, other, spent * 1000 / (rounds * (ASKED + WARM_UP))


async def _asked_often(port: int, path: str, seat: Seat) -> list[Answer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    try:
        return [await asked(reader, writer, path, seat) for _ in range(WARM_UP + ASKED)][WARM_UP:]
    finally:
        writer.close()


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, seat: Seat) -> Answer:
    """One page over a connection that is kept. Raises RuntimeError for another status than 200."""
    started = time.perf_counter()
    writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {seat.cookie}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n")
    first = time.perf_counter()
    head += await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"{path}: {head.decode()}")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    body = await reader.readexactly(length)
    return Answer((first - started) * 1000, (time.perf_counter() - started) * 1000, body)


def cpu_seconds(process_id: int) -> float:
    """CPU time that a process has taken."""
    times = psutil.Process(process_id).cpu_times()
    return float(times.user + times.system)
