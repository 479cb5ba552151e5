"""Both channels on loopback ports for as long as a context lasts."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from sikua_simulators.channels.mailbox import Lock, Mailbox
from sikua_simulators.channels.receiver import Receiver

HOST = "127.0.0.1"


@dataclass(frozen=True)
class ChannelPorts:
    """Where the channels listen; 0 lets the machine choose."""

    smtp: int = 8193
    webhook: int = 8194


@dataclass(frozen=True)
class Channels:
    """Both channels as they run, with the ports they really listen on."""

    mailbox: Mailbox
    receiver: Receiver
    ports: ChannelPorts

    def hook(self, name: str) -> str:
        """The URL to register for an endpoint of this name."""
        return f"http://{HOST}:{self.ports.webhook}/hooks/{name}"


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to whoever runs it, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serve(
    ports: ChannelPorts | None = None, mbox_path: Path | None = None, lock: Lock | None = None
) -> AsyncIterator[Channels]:
    """Run the SMTP server and the webhook receiver. Raises OSError when a port is taken."""
    wanted = ports or ChannelPorts()
    mailbox, receiver = Mailbox(mbox_path, lock=lock), Receiver()
    implicit = None if mailbox.lock.starttls else mailbox.lock.tls
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(mailbox.protocol, HOST, wanted.smtp, ssl=implicit)
    try:
        async with _receiving(receiver, wanted.webhook) as webhook_port:
            found = ChannelPorts(smtp.sockets[0].getsockname()[1], webhook_port)
            yield Channels(mailbox, receiver, found)
    finally:
        smtp.close()
        await smtp.wait_closed()


@contextlib.asynccontextmanager
async def _receiving(receiver: Receiver, port: int) -> AsyncIterator[int]:
    listening = socket.create_server((HOST, port))
    config = uvicorn.Config(receiver.app(), lifespan="off", log_config=None, access_log=False)
    server = _Server(config)
    task = asyncio.create_task(server.serve([listening]), name="simulated webhook receiver")
    try:
        await server.listens.wait()
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await task
        listening.close()
