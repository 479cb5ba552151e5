"""How a service stands: what waits in its outbox, how far it has read, which lanes are held, which work is due.

A driver of business time turns on only when every service is quiet; `sikua status` shows the same to people.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel

from sikua_chassis import frame_store
from sikua_chassis.clock import real_now
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.held_lanes import count_by_state
from sikua_chassis.lanes import LaneState

if TYPE_CHECKING:
    from sikua_chassis.service import Service


class LogStatus(BaseModel):
    """Position handled and last position there is, of one log."""

    position: int
    head: int


class Status(BaseModel):
    """One service at one moment. `quiet`: nothing waits, nothing is due, everything heard is handled.

    `bus`: why the bus does not say how far its logs go; then `logs` is empty. `failures`: the last failure of each loop
    that had to be begun again since the service started. `still_seconds`: how long the log that has stood still longest,
    though there is more to read in it, was seen to. `relay`: what the relay failed by last, until it goes on.
    """

    service: str
    business_now: AwareDatetime
    quiet: bool
    outbox: int
    outbox_parked: int
    oldest_unpublished_seconds: float
    published: int
    logs: dict[str, LogStatus]
    lanes: dict[str, int]
    works: dict[str, int]
    shards: int
    halted: str | None = None
    failures: dict[str, str] = {}
    bus: str | None = None
    relay: str | None = None
    still_seconds: float = 0.0

    @property
    def behind(self) -> int:
        """Positions between what was handled and what there is, over all logs."""
        return sum(log.head - log.position for log in self.logs.values())


async def status_of(service: Service) -> Status:
    """The service's status, read now."""
    now = real_now()
    consumer = service.consumer
    logs: dict[str, LogStatus] = {}
    lanes: dict[str, int] = {}
    away: str | None = None
    still: dict[str, float] = {}
    if consumer is not None:
        try:
            found = await consumer.positions()
            logs = {name: LogStatus(position=at, head=head) for name, (at, head) in found.items()}
            still = service.progress.look(found, asyncio.get_running_loop().time())
        except EnvironmentFault as trouble:
            away = str(trouble)
        lanes = await count_by_state(service.database, consumer.name)
    async with service.database.unit_of_work(read_only=True) as session:
        works = {work.name: await work.due(session) for work in service.flow.works}
        row = await frame_store.quietness(session, now)
        business_now = session.now
    quiet = away is None and row["outbox"] == 0 and row["busy"] == 0 and not any(works.values())
    oldest = (now - row["oldest"]).total_seconds() if row["oldest"] else 0.0
    return Status(
        service=service.name,
        business_now=business_now,
        quiet=quiet and all(log.position >= log.head for log in logs.values()),
        outbox=row["outbox"],
        outbox_parked=row["parked"],
        oldest_unpublished_seconds=round(oldest, 3),
        published=row["published"],
        logs=logs,
        lanes=lanes,
        works=works,
        shards=len(service.relay.shards),
        halted=consumer.halted if consumer is not None else None,
        failures=dict(service.failures),
        bus=away,
        relay=service.relay.trouble,
        still_seconds=round(max(still.values(), default=0.0), 1),
    )


async def observe(service: Service) -> None:
    """Set the gauges that are read from the database when somebody asks for the figures."""
    status = await status_of(service)
    metrics = service.metrics
    metrics.outbox_unpublished.set(status.outbox)
    metrics.outbox_oldest_seconds.set(status.oldest_unpublished_seconds)
    metrics.outbox_parked.set(status.outbox_parked)
    metrics.shards.set(status.shards)
    metrics.bus_away.set(status.bus is not None)
    # What nobody can tell now must not be told as it was before.
    metrics.lag.clear()
    for name, log in status.logs.items():
        metrics.lag.labels(name).set(max(log.head - log.position, 0))
    for state in LaneState:
        metrics.held_lanes.labels(state.value).set(status.lanes.get(state, 0))
    for name, due in status.works.items():
        metrics.work_due.labels(name).set(due)
