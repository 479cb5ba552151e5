"""The address is looked at when the message leaves, whatever was true when the endpoint was registered."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sikua_notifier.channels.verdicts import Reason, Refused, Sent, TryLater
from sikua_notifier.channels.webhook import Message, WebhookChannel
from sikua_notifier.signing import secret_from
from sikua_simulators.channels import Channels

SECRET = secret_from(b"x" * 32)


@pytest.fixture
async def guarded() -> AsyncIterator[WebhookChannel]:
    """A channel for which the operator allows nothing."""
    channel = WebhookChannel(frozenset(), timeout_seconds=2.0)
    await channel.start()
    yield channel
    await channel.stop()


@pytest.mark.parametrize(
    "url", ["https://localhost:{port}/hooks/a", "https://127.0.0.1:{port}/", "http://127.0.0.1/", "no"]
)
async def test_nothing_inside_is_ever_connected_to(guarded: WebhookChannel, channels: Channels, url: str) -> None:
    target = url.format(port=channels.ports.webhook)
    verdict = await guarded.send(Message("m", target, [SECRET], b"{}"))
    assert isinstance(verdict, Refused)
    assert verdict.reason is Reason.FORBIDDEN_ADDRESS
    assert channels.receiver.requests == 0


async def test_a_name_nobody_knows_is_tried_later(guarded: WebhookChannel) -> None:
    verdict = await guarded.send(Message("m", "https://nowhere.invalid/", [SECRET], b"{}"))
    assert isinstance(verdict, TryLater)


async def test_what_the_operator_allows_goes_through_with_its_own_name_as_host(channels: Channels) -> None:
    port = channels.ports.webhook
    channels.receiver.secrets["a"] = SECRET
    channel = WebhookChannel(frozenset({f"localhost:{port}"}))
    await channel.start()
    verdict = await channel.send(Message("m", f"http://localhost:{port}/hooks/a", [SECRET], b'{"type":"x"}'))
    await channel.stop()
    assert isinstance(verdict, Sent)
    assert channels.receiver.received[0].headers["host"] == f"localhost:{port}"
