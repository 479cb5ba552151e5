"""Mail out: one message to one recipient over SMTP; the verdict is read from the server's reply code."""

from __future__ import annotations

import asyncio
import contextlib
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
    """Where mail is handed over. Without a user name nobody logs in; `ca_file` trusts a certificate authority of our own."""

    host: str
    port: int
    security: Security = Security.NONE
    username: str = ""
    password: str = ""
    ca_file: str = ""
    timeout_seconds: float = 20.0


class MailChannel:
    """Hands letters to one mail server, a connection each, so that no failure of one is another's.

    `whole_seconds` bounds everything that one letter may take.
    """

    def __init__(self, server: MailServer, whole_seconds: float = 45.0) -> None:
        self._server = server
        self._whole_seconds = whole_seconds

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
        )
