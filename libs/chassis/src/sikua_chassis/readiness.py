"""What `/readyz` of a service proves: its database answers, its shards are held, its consumer runs and its positions move.

A broker that is away degrades: requests are accepted, and what they say waits in the database. A position that stands still
although the bus answers is a failure, as is a consumer that has halted: such a version must not replace one that works.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.health import Check, Degraded
from sikua_chassis.outbox import SHARDS
from sikua_chassis.shards import held_by_anybody

if TYPE_CHECKING:
    from sikua_chassis.service import Service

BUS_SECONDS = 1.5
STILL_SECONDS = 60.0


class NotReady(Exception):
    """What keeps a service from being ready; its name is shown, so it says what is wrong."""


class LoopEnded(NotReady):
    """A loop that must run does not."""


class ConsumerHalted(NotReady):
    """Many lanes failed alike, and the consumer stopped."""


class PositionStandsStill(NotReady):
    """There is more to read, the bus answers, and nothing has been read for a minute."""


def checks_of(service: Service) -> Mapping[str, Check]:
    """The checks of one service, by the names that `?verbose` shows."""
    return {
        "database": lambda: _database_answers(service),
        "relay": lambda: _relay_runs(service),
        "shards": lambda: _shards_are_held(service),
        "consumer": lambda: _consumer_runs(service),
        "position": lambda: _position_moves(service),
    }


async def _database_answers(service: Service) -> None:
    await service.database.pool.fetchval("SELECT last_position FROM publication")


async def _relay_runs(service: Service) -> None:
    if not service.runs("relay"):
        raise LoopEnded


async def _shards_are_held(service: Service) -> str:
    anybody = await held_by_anybody(service.database.pool, service.database.schema)
    here = len(service.relay.shards)
    if anybody < SHARDS:
        raise Degraded(f"{anybody} of {SHARDS} held; what is said in the others waits")
    return f"{here} of {SHARDS} here, {SHARDS - here} elsewhere"


async def _consumer_runs(service: Service) -> None:
    if service.consumer is None:
        return
    if service.consumer.halted is not None:
        raise ConsumerHalted
    if not service.runs("consumer"):
        raise LoopEnded


async def _position_moves(service: Service) -> str:
    if service.consumer is None:
        return "nothing to read"
    try:
        async with asyncio.timeout(BUS_SECONDS):
            found = await service.consumer.positions()
    except (EnvironmentFault, TimeoutError) as away:
        raise Degraded("the bus does not answer; what others say arrives when it is back") from away
    still = service.progress.look(found, asyncio.get_running_loop().time())
    if any(seconds >= STILL_SECONDS for seconds in still.values()):
        raise PositionStandsStill
    behind = sum(max(head - position, 0) for position, head in found.values())
    return f"{behind} behind, moving" if behind else "at the end of every log"
