"""Services as processes: each is started again when it ends, and none outlives who started it, however that one ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sikua_chassis.errors import SikuaError
from sikua_chassis.supervision import supervised

from sikua_cli.launcher.logs import opened

STOP_SECONDS = 15.0
LIFELINE = "--until-stdin-ends"


class ServiceEnded(SikuaError):
    """A service's process has ended, and nobody had asked it to."""


@dataclass
class Child:
    """One service's process: its settings as environment variables, and the file that its output goes to."""

    name: str
    variables: Mapping[str, str]
    log: Path
    pid: int | None = None
    ends: list[str] = field(default_factory=list)

    async def run(self, lifeline: int) -> None:
        """One life of the process. Raises ServiceEnded; cancelled, it stops the process first."""
        with opened(self.log) as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "sikua_cli", "serve", self.name, LIFELINE),
                stdin=lifeline,
                stdout=file,
                stderr=file,
                env=dict(self.variables),
                # Ctrl-C in the terminal reaches the whole group; we stop everything in order.
                start_new_session=True,
            )
        self.pid = process.pid
        try:
            status = await process.wait()
        finally:
            self.pid = None
            await _stopped(process)
        raise ServiceEnded(f"{self.name} ended with status {status}")

    def failed(self, failure: BaseException) -> None:
        """Note an end that nobody asked for."""
        self.ends.append(str(failure))


@asynccontextmanager
async def kept_running(children: Sequence[Child]) -> AsyncIterator[None]:
    """Run these processes while the block lasts. All of them stop at once and are waited for."""
    # All hold the reading end and only we the writing one: when we are gone, they read the end of it.
    reading, writing = os.pipe()
    try:
        tasks = [
            asyncio.create_task(supervised(child.name, _life(child, reading), child.failed), name=child.name)
            for child in children
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        os.close(reading)
        os.close(writing)


def _life(child: Child, lifeline: int) -> Callable[[], Awaitable[None]]:
    return lambda: child.run(lifeline)


async def _stopped(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGCONT)
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
