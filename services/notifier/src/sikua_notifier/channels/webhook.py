"""Webhook out: one signed POST to an address that was looked at first; nothing is followed, nothing is read back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from sikua_chassis import http
from sikua_chassis.clock import real_now

from sikua_notifier.channels.verdicts import Reason, Refused, TryLater, Verdict, http_verdict
from sikua_notifier.destinations import Destination, allowed, parsed
from sikua_notifier.signing import headers

TIMEOUT_SECONDS = 15.0
_WAY_THERE: tuple[type[Exception], ...] = (*http.OUTSIDE_ERRORS, OSError)


@dataclass(frozen=True)
class Message:
    """One webhook message. `message_id` stays the same over all attempts; `secrets` are those in force, newest first."""

    message_id: str
    url: str
    secrets: Sequence[str]
    body: bytes


class WebhookChannel:
    """Sends messages by Standard Webhooks. `exceptions` are hosts, or `host:port`, that need not be public or https."""

    def __init__(self, exceptions: frozenset[str], timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._exceptions = exceptions
        self._timeout_seconds = timeout_seconds
        self._client: http.Client | None = None

    async def start(self) -> None:
        """Open the client."""
        self._client = http.client(timeout_seconds=self._timeout_seconds)

    async def stop(self) -> None:
        """Close the client."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def send(self, message: Message) -> Verdict:
        """Send one message. Never raises for what the other side, or the way there, does."""
        try:
            destination = parsed(message.url)
        except ValueError as wrong:
            return Refused(Reason.FORBIDDEN_ADDRESS, str(wrong))
        try:
            async with asyncio.timeout(self._timeout_seconds):
                addresses = await _resolved(destination)
                if not allowed(destination, addresses, self._exceptions):
                    return Refused(Reason.FORBIDDEN_ADDRESS, f"{destination.host} is not a public https address")
                return await self._post(destination, addresses[0], message)
        except socket.gaierror as unknown:
            return TryLater(Reason.UNREACHABLE, f"{destination.host}: {unknown.strerror}")
        except TimeoutError:
            return TryLater(Reason.AWAY, f"no answer in {self._timeout_seconds:g} s")
        except _WAY_THERE as trouble:
            return TryLater(Reason.UNREACHABLE, repr(trouble)[:300])

    async def _post(self, destination: Destination, address: str, message: Message) -> Verdict:
        if self._client is None:
            raise RuntimeError("the webhook channel is not started")
        sent_at = real_now()
        signed = headers(message.secrets, message.message_id, sent_at, message.body)
        # The connection goes to the address that was looked at; the name is kept for Host and for the certificate. It is
        # not used again: two names at one address must not share what was checked for one of them.
        request = self._client.build_request(
            "POST",
            destination.at(address),
            content=message.body,
            headers={**signed, "host": destination.authority, "connection": "close"},
            extensions={"sni_hostname": destination.host},
        )
        response = await self._client.send(request, stream=True)
        try:
            return http_verdict(response.status_code, response.headers.get("retry-after", ""), real_now())
        finally:
            await response.aclose()


async def _resolved(destination: Destination) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(destination.host, destination.port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
