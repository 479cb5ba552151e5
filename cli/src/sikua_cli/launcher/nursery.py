"""The nursery as the launcher sees it: started again when it ends, asked for services, outlived by none it was asked for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sikua_chassis.errors import SikuaError

from sikua_cli.launcher.logs import opened
from sikua_cli.launcher.rooms import WORDS

MODULE = "sikua_cli.launcher.nursery_process"
CLOSE_SECONDS = 15.0


class NurseryGoneError(SikuaError):
    """There is no nursery now, or it went before it had done what it was asked for."""


@dataclass
class Nursery:
    """The process that reads the services' code once and is forked for each. `variables`: the environment all services share."""

    variables: Mapping[str, str]
    log: Path
    name: str = "nursery"
    ends: list[str] = field(default_factory=list)
    _orders: socket.socket | None = None
    _process: asyncio.subprocess.Process | None = None
    _there: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """One life of the process. Raises NurseryGoneError; cancelled, it waits until nobody is left in it."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with contextlib.closing(ours):
            with theirs, opened(self.log) as file:
                self._process = process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", MODULE, *WORDS),
                    stdin=theirs.fileno(),
                    stdout=file,
                    stderr=file,
                    env=dict(self.variables),
                    # Ctrl-C in the terminal reaches the whole group; we stop everything in order.
                    start_new_session=True,
                )
            ours.setblocking(False)
            self._orders = ours
            self._there.set()
            try:
                status = await process.wait()
            finally:
                self._there.clear()
                self._orders = None
                ours.close()
                await _closed(process)
        raise NurseryGoneError(f"the nursery ended with status {status}")

    def failed(self, failure: BaseException) -> None:
        """Note an end that nobody asked for."""
        self.ends.append(str(failure))

    def kill(self) -> None:
        """End it, since it does not answer; what was born there lives on."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    @asynccontextmanager
    async def ordered(
        self, service: str, variables: Mapping[str, str], log: Path
    ) -> AsyncIterator[asyncio.StreamReader]:
        """Ask for a service, waiting until there is a nursery. What is told of it comes in lines: its process id, its status.

        The other side of that line is the service's standard input, so the service ends with the block, or with us.
        Raises NurseryGoneError.
        """
        await self._there.wait()
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        try:
            with theirs, opened(log) as file:
                self._send(json.dumps({"service": service, "variables": dict(variables)}), theirs, file.fileno())
            yield reader
        finally:
            writer.close()

    def _send(self, order: str, line: socket.socket, log: int) -> None:
        try:
            if self._orders is None:
                raise BrokenPipeError
            socket.send_fds(self._orders, [order.encode()], [line.fileno(), log])
        except OSError as error:
            raise NurseryGoneError("the nursery takes no orders") from error


async def _closed(process: asyncio.subprocess.Process) -> None:
    """Wait for one that can get no more orders; one that was frozen goes on first."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGCONT)
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
