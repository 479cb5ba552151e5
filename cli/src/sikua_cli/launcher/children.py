"""Services as processes: each is started again when it ends, and none outlives who started it, however that one ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sikua_chassis.errors import SikuaError
from sikua_chassis.supervision import supervised

from sikua_cli.launcher.handles import Handle
from sikua_cli.launcher.nursery import Nursery, NurseryGoneError
from sikua_cli.launcher.nursery_process import NOBODY

STOP_SECONDS = 15.0
BIRTH_SECONDS = 120.0
STATUS_SECONDS = 5.0
AGAIN_SECONDS = 0.2


class ServiceEnded(SikuaError):
    """A service's process has ended, and nobody had asked it to."""


class Kept(Protocol):
    """A process that is started again whenever it ends."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def log(self) -> Path:
        """Where its output goes."""

    @property
    def ends(self) -> Sequence[str]:
        """Its ends that nobody asked for."""

    async def run(self) -> None:
        """One life of it. Raises an error at the end; cancelled, it stops the process first."""

    def failed(self, failure: BaseException) -> None:
        """Note an end that nobody asked for."""


@dataclass
class Child:
    """One service's process: who bears it, its own settings as environment variables, and the file its output goes to."""

    name: str
    nursery: Nursery
    variables: Mapping[str, str]
    log: Path
    ends: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """One life of the process. Raises ServiceEnded; cancelled, it stops the process first."""
        while True:
            try:
                status = await self._life()
            except NurseryGoneError:
                # A nursery that ends is a failure of its own, told there: this service is asked of the next.
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                raise ServiceEnded(f"{self.name} ended with status {status}")

    async def _life(self) -> str:
        async with self.nursery.ordered(self.name, self.variables, self.log) as line:
            try:
                # Not `wait_for`: until Python 3.12 it forgets that it was cancelled when the line comes at that moment.
                async with asyncio.timeout(BIRTH_SECONDS):
                    born = await line.readline()
            except TimeoutError:
                self.nursery.kill()
                born = b""
            if not born:
                raise NurseryGoneError("the nursery went before the service was born")
            if int(born) == NOBODY:
                raise ServiceEnded(f"{self.name} was not born")
            with contextlib.suppress(ProcessLookupError), Handle.of(int(born)) as process:
                try:
                    await process.ended()
                finally:
                    await process.stop(STOP_SECONDS)
            return await _status(line)

    def failed(self, failure: BaseException) -> None:
        """Note an end that nobody asked for."""
        self.ends.append(str(failure))


@asynccontextmanager
async def kept_running(processes: Sequence[Kept]) -> AsyncIterator[None]:
    """Run these while the block lasts. All of them stop at once and are waited for."""
    tasks = [asyncio.create_task(supervised(each.name, each.run, each.failed), name=each.name) for each in processes]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _status(line: asyncio.StreamReader) -> str:
    """How it ended, as its nursery says; a nursery that has gone meanwhile can't."""
    with contextlib.suppress(TimeoutError, OSError):
        async with asyncio.timeout(STATUS_SECONDS):
            return (await line.readline()).decode().strip() or "unknown"
    return "unknown"
