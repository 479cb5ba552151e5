"""The distributed form on one machine: a real Kafka, seven services as processes born of one, and a door in front of them.

Simulated departments and channels run in the launcher's process, as in the embedded form.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import asyncpg
import structlog
from sikua_chassis.auth.issuer import LOCAL_ISSUER, LocalIssuer
from sikua_chassis.auth.tokens import AUDIENCE
from sikua_chassis.bus.topics import Difference
from sikua_chassis.clock import BusinessClock, ClockMode
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.http import OUTSIDE_ERRORS, Client, client
from sikua_chassis.settings import BusKind, ServiceSettings
from starlette.types import ASGIApp

from sikua_cli.launcher import topics
from sikua_cli.launcher.children import Child, Kept, kept_running
from sikua_cli.launcher.front import Forwarded
from sikua_cli.launcher.index import one_port
from sikua_cli.launcher.kafka import LocalKafka
from sikua_cli.launcher.keeping import kept
from sikua_cli.launcher.logs import end_of
from sikua_cli.launcher.nursery import Nursery
from sikua_cli.launcher.place import Place
from sikua_cli.launcher.ports import listen
from sikua_cli.launcher.rooms import PORTS, WORDS
from sikua_cli.launcher.running import Running, Wanted, begin_time, finished
from sikua_cli.launcher.trust import renewed_token, trusted
from sikua_cli.trouble import Exit, Trouble

START_SECONDS = 240.0
TOPICS_SECONDS = 60.0
FOLLOW_SECONDS = 180.0
FRONT_SECONDS = 120.0
CONNECTIONS = 200
FRONT_PORT = 8100
_FORMER_SECONDS = 20.0
_LOOK_SECONDS = 0.1

log = structlog.get_logger("sikua.launcher")


@asynccontextmanager
async def distributed(
    wanted: Wanted, given: ServiceSettings, url: str, port: int
) -> AsyncIterator[tuple[Running, ASGIApp]]:
    """Kafka and all services on this database, ready, and what answers for them on the one port."""
    issuer, clock = LocalIssuer.at(wanted.place.issuer_key), BusinessClock(wanted.clock_mode)
    trusted(given, issuer, wanted)
    ports = await service_ports(given.host, wanted.port)
    bases = {name: f"http://{given.host}:{each}" for name, each in ports.items()}
    front = f"http://{given.host}:{port}"
    async with AsyncExitStack() as stack:
        # What is outside comes first: simulators refuse a database with real data before anything is written to it.
        await stack.enter_async_context(wanted.outside(url, clock))
        kafka = _own_kafka(wanted.place, given)
        bootstrap = given.kafka_bootstrap if kafka is None else kafka.bootstrap
        shared = _variables(wanted, given, url, bootstrap, front, bases)
        nursery = Nursery(shared, wanted.place.nursery_log)
        # It reads the services' code while Kafka starts.
        await stack.enter_async_context(kept_running([nursery]))
        if kafka is not None:
            await stack.enter_async_context(_running_kafka(kafka, given.kafka_prefix))
        if wanted.begins is not None:
            await begin_time(url, wanted.begins)
        await stack.enter_async_context(_following(clock, url))
        children = [
            Child(name, nursery, {"SIKUA_PORT": str(own)}, wanted.place.service_log(name))
            for name, own in ports.items()
        ]
        await stack.enter_async_context(kept_running(children))
        # The address of one stands for all: each is plain HTTP on this machine, and calls name their own in full.
        inside = await stack.enter_async_context(
            client(bases["registry"], timeout_seconds=FRONT_SECONDS, connections=CONNECTIONS)
        )
        await _ready(inside, [nursery, *children], bases)
        followed = following(inside, bases, renewed_token(issuer, "operator"))
        system = Running(front, url, issuer, clock, followed, bases)
        yield system, one_port({name: Forwarded(name, bases[name], inside) for name in WORDS}, system.notice)


async def service_ports(host: str, front: int) -> dict[str, int]:
    """The fixed ports beside the fixed front one, any free ones beside another. Raises Trouble for one that stays in use."""
    if front != FRONT_PORT:
        with contextlib.ExitStack() as stack:
            held = {name: stack.enter_context(contextlib.closing(listen(host, 0))) for name in WORDS}
            return {name: int(taken.getsockname()[1]) for name, taken in held.items()}
    until = asyncio.get_running_loop().time() + _FORMER_SECONDS
    for port in PORTS.values():
        await free_port(host, port, until)
    return dict(PORTS)


async def free_port(host: str, port: int, until: float) -> None:
    """Wait until nobody has this port. Raises Trouble when somebody still has it at `until`, in the loop's time."""
    # Services of a launcher that was killed notice it and stop, which takes them a moment.
    while True:
        try:
            listen(host, port).close()
            return
        except Trouble:
            if asyncio.get_running_loop().time() > until:
                raise
            await asyncio.sleep(_LOOK_SECONDS)


def _own_kafka(place: Place, settings: ServiceSettings) -> LocalKafka | None:
    """The place's own cluster, made but not started; None where one is configured, which is left as it is."""
    if "kafka_bootstrap" in settings.model_fields_set:
        return None
    kafka = LocalKafka(place.kafka)
    kafka.make()
    return kafka


@asynccontextmanager
async def _running_kafka(kafka: LocalKafka, prefix: str) -> AsyncIterator[None]:
    """Run this cluster, with all topics, while the block lasts."""
    try:
        await finished(kafka.start)
        for difference in await _applied(kafka.bootstrap, prefix):
            log.info("A topic was made or mended.", action="topic_applied", difference=str(difference))
        async with kept("kafka", kafka):
            yield
    finally:
        await asyncio.to_thread(kafka.stop)


async def _applied(bootstrap: str, prefix: str) -> list[Difference]:
    """Make and mend the topics. A broker that listens may not answer yet. Raises Trouble when it never does."""
    until = asyncio.get_running_loop().time() + TOPICS_SECONDS
    while True:
        try:
            return await topics.apply(bootstrap, prefix=prefix)
        except EnvironmentFault as fault:
            if asyncio.get_running_loop().time() > until:
                raise Trouble(f"Kafka 主题未能建立:{fault}", f"no topics on Kafka: {fault}", Exit.MACHINE) from fault
            await asyncio.sleep(_LOOK_SECONDS)


@asynccontextmanager
async def _following(clock: BusinessClock, url: str) -> AsyncIterator[None]:
    """Let what is simulated here follow business time, as every service does."""
    if clock.mode is ClockMode.SYSTEM:
        yield
        return
    async with asyncpg.create_pool(url, min_size=1, max_size=1) as pool:
        await clock.start(pool)
        try:
            yield
        finally:
            await clock.stop()


def _variables(
    wanted: Wanted, given: ServiceSettings, url: str, bootstrap: str, front: str, bases: Mapping[str, str]
) -> dict[str, str]:
    """What all services find in their environment: ours, and where everything is."""
    told = {
        "SIKUA_BUS": BusKind.KAFKA.value,
        "SIKUA_KAFKA_BOOTSTRAP": bootstrap,
        "SIKUA_DATABASE_URL": url,
        "SIKUA_HOST": given.host,
        "SIKUA_SERVICES": json.dumps({**bases, **given.services}),
        "SIKUA_PUBLIC_URL": front,
        "SIKUA_LOCAL_ISSUER_KEY": str(wanted.place.issuer_key.resolve()),
        "SIKUA_BUSINESS_TIME": wanted.clock_mode.value,
    }
    if wanted.begins is not None:
        # Made-up people are believed by the local issuer alone.
        told |= {"SIKUA_OIDC_ISSUER": LOCAL_ISSUER, "SIKUA_OIDC_AUDIENCE": AUDIENCE, "SIKUA_JWKS": ""}
    return {**os.environ, **told}


async def _ready(http: Client, processes: Sequence[Kept], bases: Mapping[str, str]) -> None:
    """Wait until every service is ready. Raises Trouble with the end of its log when one ends or takes too long."""
    until = asyncio.get_running_loop().time() + START_SECONDS
    services = [each for each in processes if each.name in bases]
    for service in services:
        while not await _answers_well(http, f"{bases[service.name]}/readyz"):
            ended = next((each for each in processes if each.ends), None)
            if ended is not None:
                raise _does_not_start(ended, ended.ends[-1])
            if asyncio.get_running_loop().time() > until:
                raise _does_not_start(service, f"not ready after {START_SECONDS:g} s")
            await asyncio.sleep(_LOOK_SECONDS)


async def _answers_well(http: Client, url: str) -> bool:
    try:
        return (await http.get(url)).is_success
    except OUTSIDE_ERRORS:
        return False


def following(
    http: Client, bases: Mapping[str, str], token: Callable[[], str]
) -> Callable[[datetime], Awaitable[None]]:
    """What waits until all these services act at a moment. It raises Trouble when one does not come to it."""

    async def followed(moment: datetime) -> None:
        try:
            async with asyncio.timeout(FOLLOW_SECONDS):
                await asyncio.gather(*(_follows(http, base, token(), moment) for base in bases.values()))
        except TimeoutError as late:
            raise Trouble(
                f"{FOLLOW_SECONDS:g} 秒内并非所有服务都到达业务时间 {moment.isoformat()}",
                f"not every service came to the turned business time within {FOLLOW_SECONDS:g} s: see sikua status",
            ) from late

    return followed


async def _follows(http: Client, base: str, token: str, moment: datetime) -> None:
    """Wait until this service acts at the moment; one that is being started again is waited for too."""
    while True:
        with contextlib.suppress(*OUTSIDE_ERRORS):
            answer = await http.get(f"{base}/status", headers={"Authorization": f"Bearer {token}"})
            if answer.is_success and datetime.fromisoformat(answer.json()["business_now"]) >= moment:
                return
        await asyncio.sleep(_LOOK_SECONDS)


def _does_not_start(child: Kept, why: str) -> Trouble:
    return Trouble(
        f"服务 {child.name} 启动失败:{end_of(child.log)};日志见 {child.log}",
        f"the service {child.name} does not start ({why}), see the log at {child.log}",
        Exit.MACHINE,
    )
