"""A service by itself takes everything from its settings, and waits for its database with one line."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.clock import BusinessClock
from sikua_chassis.service import Runtime
from sikua_chassis.settings import ServiceSettings
from sikua_chassis.telemetry import logs
from sikua_cli.launcher.distributed import free_port, service_ports
from sikua_cli.launcher.ports import listen, port_of
from sikua_cli.launcher.rooms import PORTS, WORDS, made
from sikua_cli.launcher.serving import alone, database_answers
from sikua_cli.trouble import Exit, Trouble
from sikua_contracts.topics import SPEAKERS

URL = "postgresql://sikua@127.0.0.1/sikua"


def test_ports_are_the_fixed_ones_where_nothing_else_is_said() -> None:
    settings = alone("scheduler", ServiceSettings(database_url=URL))
    assert settings.port == 8105
    assert settings.services["command-office"] == "http://127.0.0.1:8107"


def test_what_is_said_stands() -> None:
    given = ServiceSettings(database_url=URL, port=8100, services={"registry": "http://registry:8101"})
    assert alone("scheduler", given) == given


def test_a_database_has_to_be_named() -> None:
    with pytest.raises(Trouble, match="SIKUA_DATABASE_URL") as refused:
        alone("registry", ServiceSettings())
    assert refused.value.exit_status is Exit.REFUSED


async def test_a_missing_database_is_waited_for_in_one_line_without_its_password(tmp_path: Path) -> None:
    said = io.StringIO()
    logs.configure("INFO", said)
    try:
        with pytest.raises(Trouble, match="the database does not answer") as raised:
            await database_answers(f"postgresql://sikua:hidden@/sikua?host={tmp_path}", wait_seconds=1.2)
    finally:
        logs.configure("INFO")
    assert raised.value.exit_status is Exit.MACHINE
    assert len(said.getvalue().splitlines()) == 1
    assert "hidden" not in said.getvalue() + str(raised.value)


async def test_beside_a_port_of_ones_own_services_take_free_ones() -> None:
    ports = await service_ports("127.0.0.1", 0)
    assert list(ports) == list(WORDS)
    assert len(set(ports.values())) == len(WORDS)
    assert not set(ports.values()) & set(PORTS.values())


async def test_a_port_that_is_free_in_a_moment_is_waited_for() -> None:
    taken = listen("127.0.0.1", 0)
    port, loop = port_of(taken), asyncio.get_running_loop()
    loop.call_later(0.3, taken.close)
    await free_port("127.0.0.1", port, loop.time() + 10)
    with listen("127.0.0.1", 0) as kept, pytest.raises(Trouble):
        await free_port("127.0.0.1", port_of(kept), loop.time())


def test_under_a_citys_issuer_the_notifier_wants_a_key_for_the_secrets_of_webhooks() -> None:
    settings = ServiceSettings(
        database_url=URL, jwks="https://id.city.example/jwks", oidc_issuer="https://id.city.example"
    )
    runtime = Runtime(settings, EmbeddedBus(URL, SPEAKERS), BusinessClock(), LocalIssuer.fresh().verifier())
    with pytest.raises(Trouble, match="SIKUA_WEBHOOK_KEYS") as refused:
        made("notifier", runtime)
    assert refused.value.exit_status is Exit.REFUSED
