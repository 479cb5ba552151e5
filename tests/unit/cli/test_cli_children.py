"""A service is asked of the nursery, watched and stopped by the launcher, whatever becomes of the nursery meanwhile."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import psutil
import pytest
from sikua_cli.launcher import children, nursery
from sikua_cli.launcher.children import Child, ServiceEnded, kept_running
from sikua_cli.launcher.nursery import Nursery
from support.bearing import TENDING, finding_support
from support.seven import alive, command_of, gone

WITHIN_SECONDS = 60.0


@dataclass
class Ward:
    """A nursery that runs, and what is asked of it."""

    nursery: Nursery
    folder: Path

    def child(self, service: str) -> Child:
        """A service that is still to be run."""
        return Child(service, self.nursery, {"OWN": "own"}, self.folder / f"{service}.log")

    async def process(self) -> psutil.Process:
        """The nursery's own process, once there is one."""
        return await found(lambda: [one for one in psutil.Process().children() if TENDING in command_of(one)])

    async def born(self, service: str) -> psutil.Process:
        """The process of a service, once there is one."""
        return await found(
            lambda: [one for one in psutil.Process().children(recursive=True) if service in command_of(one)]
        )


async def found(look: Callable[[], list[psutil.Process]]) -> psutil.Process:
    """Look again and again for the one."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while not (seen := look()):
            await asyncio.sleep(0.02)
    return seen[0]


@asynccontextmanager
async def cancelled_at_last(running: Awaitable[None]) -> AsyncIterator[asyncio.Task[None]]:
    """Run this while the block lasts."""
    task = asyncio.ensure_future(running)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ward]:
    """A nursery of services that need nothing."""
    monkeypatch.setattr(nursery, "MODULE", TENDING)
    made = Nursery(finding_support(), tmp_path / "nursery.log")
    async with kept_running([made]):
        yield Ward(made, tmp_path)


async def test_an_end_is_told_with_its_status_and_its_words_stand_in_the_log(ward: Ward) -> None:
    child = ward.child("fails")
    with pytest.raises(ServiceEnded, match="fails ended with status 6"):
        await child.run()
    assert child.log.read_text() == "失败 · it fails\n"


async def test_one_that_is_stopped_ends_even_frozen_or_deaf_to_the_request(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "STOP_SECONDS", 0.3)
    async with kept_running([ward.child(name) for name in ("waits", "stays")]):
        processes = [await ward.born(name) for name in ("waits", "stays")]
        processes[0].suspend()
        async with asyncio.timeout(WITHIN_SECONDS):
            while not ignores_sigterm(processes[1]):
                await asyncio.sleep(0.02)
        # The launcher hears of a birth a moment after it can be seen.
        await asyncio.sleep(0.5)
    assert alive(processes) == []


async def test_one_that_is_born_at_the_moment_of_the_stop_keeps_nobody_waiting(tmp_path: Path) -> None:
    line = asyncio.StreamReader()

    class Bearing:
        @asynccontextmanager
        async def ordered(self, *_: object) -> AsyncIterator[asyncio.StreamReader]:
            yield line

    running = asyncio.create_task(Child("waits", cast(Nursery, Bearing()), {}, tmp_path / "waits.log").run())
    await asyncio.sleep(0)
    with subprocess.Popen(["sleep", "60"]) as born:
        line.feed_data(b"%d\n" % born.pid)
        running.cancel()
        await asyncio.wait({running}, timeout=1.0)
        ended = running.cancelled()
        born.kill()
    assert ended


def ignores_sigterm(process: psutil.Process) -> bool:
    """Whether it has come so far."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    ignored = next(line for line in status.splitlines() if line.startswith("SigIgn:"))
    return bool(int(ignored.split()[1], 16) & 1 << signal.SIGTERM - 1)


async def test_a_killed_nursery_costs_no_service_and_nobody_knows_how_one_ended(ward: Ward) -> None:
    async with cancelled_at_last(ward.child("waits").run()) as running:
        born, bearing = await ward.born("waits"), await ward.process()
        bearing.kill()
        await found(
            lambda: [one for one in psutil.Process().children() if TENDING in command_of(one) and one != bearing]
        )
        assert alive([born]) == [born]
        assert not running.done()
        born.kill()
        with pytest.raises(ServiceEnded, match="waits ended with status unknown"):
            await asyncio.wait_for(asyncio.shield(running), WITHIN_SECONDS)
    assert len(ward.nursery.ends) == 1


async def test_a_service_asked_of_a_nursery_that_dies_is_born_of_the_next(ward: Ward) -> None:
    bearing = await ward.process()
    bearing.suspend()
    child = ward.child("waits")
    async with cancelled_at_last(child.run()) as running:
        async with asyncio.timeout(WITHIN_SECONDS):
            # It is opened to be sent along with the order.
            while not child.log.exists():
                await asyncio.sleep(0.02)
        bearing.kill()
        await ward.born("waits")
        assert not running.done()


async def test_a_nursery_that_does_not_bear_is_replaced(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cancelled_at_last(ward.child("waits").run()):
        # The first birth says that the code has been read.
        await ward.born("waits")
        bearing = await ward.process()
        bearing.suspend()
        monkeypatch.setattr(children, "BIRTH_SECONDS", 0.3)
        with pytest.raises(ServiceEnded, match="status 6"):
            await patient(ward, monkeypatch)
        assert gone([bearing], WITHIN_SECONDS)


async def patient(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask once, and once the first nursery has gone have all the time there is."""
    async with cancelled_at_last(ward.child("fails").run()) as running:
        async with asyncio.timeout(WITHIN_SECONDS):
            while not ward.nursery.ends:
                await asyncio.sleep(0.02)
        monkeypatch.setattr(children, "BIRTH_SECONDS", WITHIN_SECONDS)
        await asyncio.wait_for(asyncio.shield(running), WITHIN_SECONDS)
