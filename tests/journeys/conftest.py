"""The whole system in one process: seven services, real PostgreSQL, a real SMTP server, time turned by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sikua_cli.demo.units import read_people
from sikua_contracts.topics import SERVICES
from sikua_notifier.app import NotifierSettings
from sikua_notifier.app import build as build_notifier
from sikua_simulators.channels import ChannelPorts, serve
from support.applications import build_of
from support.city import City
from support.system import new_system

UNITS = Path(__file__).parents[2] / "demo" / "units.csv"


@pytest.fixture
async def city(database_url: str, tmp_path: Path) -> AsyncIterator[City]:
    """All seven services, every trace sampled, offices on duty, mail at once."""
    system = await new_system(database_url, tmp_path, trace_sample_ratio=1.0)
    async with serve(ChannelPorts(0, 0)) as channels:
        try:
            settings = NotifierSettings(smtp_port=channels.ports.smtp, digest_hours="")
            for service in SERVICES:
                if service == "notifier":
                    await system.start(lambda runtime: build_notifier(runtime, settings))
                else:
                    await system.start(build_of(service))
            people = read_people(UNITS)
            contacts = [{**contact, "webhook": ""} for contact in people.contacts]
            notifier = system.client("notifier", "command_office")
            (await notifier.put("/contacts", json={"contacts": contacts})).raise_for_status()
            (await notifier.put("/rosters", json={"rosters": people.rosters})).raise_for_status()
            yield City(system, channels)
        finally:
            await system.stop()
