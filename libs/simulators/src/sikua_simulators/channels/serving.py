"""Both channels on loopback ports for as long as a context lasts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from sikua_simulators.channels.mailbox import Lock, Mailbox
from sikua_simulators.channels.receiver import Receiver
from sikua_simulators.loopback import HOST, Wanted, served


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
        async with served({"webhook": Wanted(receiver.app(), wanted.webhook)}) as ports_of:
            found = ChannelPorts(smtp.sockets[0].getsockname()[1], ports_of["webhook"])
            yield Channels(mailbox, receiver, found)
    finally:
        smtp.close()
        await smtp.wait_closed()
