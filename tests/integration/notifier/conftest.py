"""The notifier on a real database, with a real SMTP server and a real webhook receiver."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sikua_notifier.app import NotifierSettings, build
from sikua_simulators.channels import ChannelPorts, Channels, serve
from support.notices import CENTRE, CHIEF, LAND, LAND_TWO, Desk, contact
from support.system import System


@pytest.fixture
async def channels() -> AsyncIterator[Channels]:
    """Both channels on free ports."""
    async with serve(ChannelPorts(0, 0)) as running:
        yield running


@pytest.fixture
async def desk(system: System, channels: Channels) -> Desk:
    """The notifier with four people: an owner with a stand-in on the roster, the head, the coordinator."""
    settings = NotifierSettings(
        smtp_port=channels.ports.smtp,
        webhook_allow="127.0.0.1",
        delivery_attempts=4,
        delivery_first_wait_seconds=0.05,
        webhook_timeout_seconds=1.0,
    )
    await system.start(lambda runtime: build(runtime, settings))
    client = system.client("notifier", "command_office")
    people = [
        contact(LAND, "natural_resources"),
        contact(LAND_TWO, "natural_resources"),
        contact(CHIEF, "natural_resources.head", deputy=LAND),
        contact(CENTRE, "command_office.coordinator", "370200"),
    ]
    answer = await client.put("/contacts", json={"contacts": people})
    assert answer.status_code == 200, answer.text
    rosters = [
        {"role": "natural_resources", "division": "370211", "persons": [LAND, LAND_TWO]},
        {"role": "natural_resources.head", "division": "370211", "persons": [CHIEF]},
        {"role": "command_office.coordinator", "division": "370200", "persons": [CENTRE]},
    ]
    answer = await client.put("/rosters", json={"rosters": rosters})
    assert answer.status_code == 200, answer.text
    return Desk(system, settings, channels, client)
