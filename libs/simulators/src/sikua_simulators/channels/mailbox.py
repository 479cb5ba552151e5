"""A mail server that takes everything, keeps the newest in memory and, when asked, all of it in an mbox file.

Faults on demand: a recipient refused for now or for good, a slow answer, a connection dropped before or after the message
was taken. What it takes goes nowhere.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from mailbox import mbox
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_KEPT = 5000
_MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Mail:
    """One message as it was taken: the envelope's addresses, the raw bytes, and what its sender's program called itself."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    greeted_as: str

    @property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        parsed = message_from_bytes(self.content, policy=default)
        if not isinstance(parsed, EmailMessage):
            raise TypeError("the default policy makes EmailMessages")
        return parsed

    @property
    def message_id(self) -> str:
        """Its Message-ID with angle brackets, empty when there is none."""
        return str(self.message.get("Message-ID", ""))

    def text(self) -> str:
        """The plain part."""
        return self._part("plain")

    def html(self) -> str:
        """The HTML part."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""


@dataclass
class MailFaults:
    """What goes wrong next. Counters count down; addresses stay until they are taken out.

    `drop_before` ends the connection instead of taking the message, `drop_after` takes it and then ends the connection
    without an answer, so that the sender cannot know.
    """

    try_later: int = 0
    refused: set[str] = field(default_factory=set)
    slow_seconds: float = 0.0
    drop_before: int = 0
    drop_after: int = 0


@dataclass(frozen=True)
class Lock:
    """What a sender needs to be let in: TLS, by STARTTLS or from the first byte, and one of the accounts, if there are.

    Accounts ask for STARTTLS.
    """

    tls: ssl.SSLContext | None = None
    starttls: bool = False
    accounts: Mapping[str, str] = field(default_factory=dict)


class Mailbox:
    """What the server took, newest last, and the faults it plays. Counts never forget; messages are bounded."""

    def __init__(self, mbox_path: Path | None = None, kept: int = _KEPT, lock: Lock | None = None) -> None:
        self.received: deque[Mail] = deque(maxlen=kept)
        self.faults = MailFaults()
        self.taken = 0
        self.attempts = 0
        self._mbox_path = mbox_path
        self.lock = lock or Lock()

    def to(self, address: str) -> list[Mail]:
        """What was taken for this address, oldest first."""
        return [mail for mail in self.received if address in mail.recipients]

    def protocol(self) -> SMTP:
        """One connection's protocol, for `loop.create_server`."""
        hooks = SimpleNamespace(**{"handle_RCPT": self._recipient, "handle_DATA": self._data})
        lock = self.lock
        return SMTP(
            hooks,
            hostname="localhost",
            ident="sikua simulated mail",
            data_size_limit=_MOST_BYTES,
            tls_context=lock.tls if lock.starttls else None,
            require_starttls=lock.starttls,
            auth_required=bool(lock.accounts),
            auth_require_tls=True,
            authenticator=self._authenticated if lock.accounts else None,
        )

    def _authenticated(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        known = (
            isinstance(data, LoginPassword) and self.lock.accounts.get(data.login.decode()) == data.password.decode()
        )
        return AuthResult(success=known, handled=False)

    async def _recipient(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[Any]
    ) -> str:
        """Take or refuse a recipient."""
        self.attempts += 1
        if address in self.faults.refused:
            return "550 5.1.1 no such mailbox here"
        if self.faults.try_later > 0:
            self.faults.try_later -= 1
            return "451 4.7.1 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def _data(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a message."""
        if self.faults.slow_seconds > 0:
            await asyncio.sleep(self.faults.slow_seconds)
        if self.faults.drop_before > 0:
            self.faults.drop_before -= 1
            return _dropped(server)
        await self._keep(session, envelope)
        if self.faults.drop_after > 0:
            self.faults.drop_after -= 1
            return _dropped(server)
        return "250 2.0.0 taken"

    async def _keep(self, session: Session, envelope: Envelope) -> None:
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else bytes(content)
        mail = Mail(str(envelope.mail_from or ""), tuple(envelope.rcpt_tos), raw, str(session.host_name))
        self.received.append(mail)
        self.taken += 1
        if self._mbox_path is not None:
            await asyncio.to_thread(_append, self._mbox_path, raw)


def _dropped(server: SMTP) -> str:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
    return "421 4.3.0 gone"


def _append(path: Path, content: bytes) -> None:
    file = mbox(path)
    try:
        file.lock()
        file.add(content)
        file.flush()
    finally:
        file.unlock()
        file.close()
