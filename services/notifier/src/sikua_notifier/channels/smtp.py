"""Mail out: one message to one recipient over SMTP; the verdict is read from the server's reply code."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from enum import StrEnum

import aiosmtplib

from sikua_notifier.channels.verdicts import Reason, Sent, TryLater, Verdict, smtp_verdict
from sikua_notifier.letter import Letter


class Security(StrEnum):
    """How the connection is protected: not at all, by STARTTLS (usually 587), or from the first byte (465)."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. Without a user name nobody logs in; `ca_file` trusts a certificate authority of our own.

    `own_name` is what we call ourselves there (EHLO, RFC 5321 §4.1.1.1); empty: this machine's name.
    """

    host: str
    port: int
    security: Security = Security.NONE
    username: str = ""
    password: str = ""
    ca_file: str = ""
    timeout_seconds: float = 20.0
    own_name: str = ""


class MailChannel:
    """Hands letters to one mail server, a connection each, so that no failure of one is another's.

    `whole_seconds` bounds everything that one letter may take.
    """

    def __init__(self, server: MailServer, whole_seconds: float = 45.0) -> None:
        self._server = server
        self._whole_seconds = whole_seconds
        self._own_name = server.own_name

    async def send(self, letter: Letter) -> Verdict:
        """Hand one letter over. Never raises for what the other side, or the way there, does."""
        try:
            async with asyncio.timeout(self._whole_seconds):
                return await self._hand_over(letter)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            first = refused.recipients[0]
            return smtp_verdict(first.code, first.message)
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as refused:
            return smtp_verdict(refused.code, refused.message)
        except (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPNotSupported) as trouble:
            return TryLater(Reason.MISCONFIGURED, str(trouble)[:300])
        except aiosmtplib.SMTPResponseException as trouble:
            return TryLater(Reason.AWAY, f"{trouble.code} {trouble.message}"[:300])
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as trouble:
            return TryLater(Reason.UNREACHABLE, repr(trouble)[:300])

    async def _hand_over(self, letter: Letter) -> Verdict:
        if not self._own_name:
            # Once and not for each letter: a resolver that is away takes seconds to say so.
            self._own_name = await asyncio.to_thread(socket.getfqdn)
        client = self._client()
        await client.connect()
        try:
            _, answer = await client.sendmail(letter.sender, [letter.recipient], letter.message())
            return Sent(answer[:300])
        finally:
            # The message was answered; whatever happens to the farewell changes nothing.
            with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit()
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            username=server.username or None,
            password=server.password or None,
            cert_bundle=server.ca_file or None,
            timeout=server.timeout_seconds,
            local_hostname=self._own_name,
        )
