"""A broker that asks for a password over TLS lets our services in, and nobody with a wrong one; what is wrong is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sikua_chassis.bus.access import Access, access_of
from sikua_chassis.bus.kafka_topics import topics_of
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.session import Session
from sikua_chassis.settings import BusKind, ServiceSettings
from sikua_cli.launcher.kafka import LocalKafka
from sikua_cli.launcher.topics import read
from sikua_contracts.envelope import Event
from support.certificates import Authority
from support.kafka import fresh_topics
from support.processes import free_port
from support.small_services import Heard, closed, listener
from support.system import System, new_system

ACCOUNT, PASSWORD = "registry", "geheim"

pytestmark = pytest.mark.timeout(200)


@dataclass(frozen=True)
class Guarded:
    """A broker with one open door for its keeper and one that asks for TLS and a password."""

    broker: LocalKafka
    settings: dict[str, Any]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    authority = Authority.fresh()
    certificate, key = authority.write(folder, "broker")
    (folder / "store.pem").write_bytes(key.read_bytes() + certificate.read_bytes())
    (folder / "password").write_text(PASSWORD)
    port = free_port()
    broker = LocalKafka(folder / "kafka", more=guarded_listener(port, folder / "store.pem"))
    broker.start()
    yield Guarded(
        broker,
        {
            "bus": BusKind.KAFKA,
            "kafka_bootstrap": f"127.0.0.1:{port}",
            "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_mechanism": "PLAIN",
            "kafka_sasl_username": ACCOUNT,
            "kafka_sasl_password_file": str(folder / "password"),
            "kafka_ssl_ca_file": str(authority.write_own(folder)),
        },
    )
    broker.stop()


def guarded_listener(port: int, store: Path) -> dict[str, str]:
    """Settings of a broker for one more listener, SASL_SSL with the mechanism PLAIN and one account."""
    login = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    name = "listener.name.guarded"
    return {
        "listeners": f"GUARDED://127.0.0.1:{port}",
        "advertised.listeners": f"GUARDED://127.0.0.1:{port}",
        "listener.security.protocol.map": "GUARDED:SASL_SSL",
        f"{name}.sasl.enabled.mechanisms": "PLAIN",
        f"{name}.plain.sasl.jaas.config": f'{login} user_{ACCOUNT}="{PASSWORD}";',
        f"{name}.ssl.keystore.type": "PEM",
        f"{name}.ssl.keystore.location": str(store),
    }


@pytest.fixture
async def let_in(database_url: str, tmp_path: Path, guarded: Guarded) -> AsyncIterator[System]:
    """A system that knows the password."""
    prefix = await fresh_topics(guarded.broker.bootstrap)
    started = await new_system(database_url, tmp_path, kafka_prefix=prefix, **guarded.settings)
    yield started
    await started.stop()


async def noted(session: Session, event: Event[Any]) -> None:
    await Heard.note(session, event)


async def test_events_leave_and_arrive_over_tls_with_a_password(let_in: System) -> None:
    service = await let_in.start(listener(noted))
    await let_in.say("scheduler", *(closed(f"p{n}") for n in range(20)))
    await let_in.quiet(60)
    assert sorted(await Heard.of(service)) == sorted((f"p{n}", 1) for n in range(20))


async def test_topics_are_made_and_compared_through_the_same_door(guarded: Guarded) -> None:
    wanted = [topic.on(1) for topic in read(prefix="guarded.")]
    async with topics_of(access_of(ServiceSettings(**guarded.settings))) as topics:
        await topics.apply(wanted)
        assert set(await topics.found(topic.name for topic in wanted)) == {topic.name for topic in wanted}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("password", "Invalid username or password"), ("authority", "CERTIFICATE_VERIFY_FAILED"), ("protocol", "")],
)
async def test_who_is_not_let_in_waits_for_the_broker_and_the_log_says_why(
    guarded: Guarded, tmp_path: Path, caplog: pytest.LogCaptureFixture, wrong: str, said: str
) -> None:
    settings = dict(guarded.settings)
    if wrong == "password":
        (tmp_path / "wrong").write_text("falsch")
        settings["kafka_sasl_password_file"] = str(tmp_path / "wrong")
    if wrong == "authority":
        settings["kafka_ssl_ca_file"] = str(Authority.fresh().write_own(tmp_path))
    access = Access(settings["kafka_bootstrap"]) if wrong == "protocol" else access_of(ServiceSettings(**settings))
    with pytest.raises(EnvironmentFault, match="kafka: "):
        async with asyncio.timeout(60), topics_of(access):
            pass
    assert said in caplog.text
    assert PASSWORD not in caplog.text
