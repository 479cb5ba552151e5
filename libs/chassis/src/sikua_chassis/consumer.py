"""A consumer reads its logs one after another and hands each batch to the inbox, from the position that is stored.

Losing the database or the bus costs time; many lanes failing alike halt it, because that is a bad deployment.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter as CountOf
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from sikua_chassis.batches import PositionMoved
from sikua_chassis.bus.port import Batch, Bus, LogChanged, Subscription
from sikua_chassis.clock import real_now
from sikua_chassis.database import LOST, Database
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.flow import Flow
from sikua_chassis.inbox import NOT_THE_EVENTS, Handled, Inbox
from sikua_chassis.lane_store import begin_again, position_of
from sikua_chassis.lanes import FailureWatch
from sikua_chassis.signals import Signal
from sikua_chassis.supervision import heed_cancellation
from sikua_chassis.telemetry.metrics import Metrics

BATCH = 200
WAIT_SECONDS = 1.0
HAND_OVER_SECONDS = 4.0
SAY_AGAIN_SECONDS = 30.0
RETRY_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)

log = structlog.get_logger("sikua.consumer")


@dataclass(frozen=True, slots=True)
class Ahead:
    """A batch on its way, and under which assignment of logs it was asked for: under another one it is not ours."""

    assignment: int
    batch: asyncio.Future[Batch | None]


class Consumer:
    """Reads the logs of one subscription."""

    def __init__(self, database: Database, bus: Bus, flow: Flow, inbox: Inbox, metrics: Metrics) -> None:
        self.name = flow.service
        self._database = database
        self._inbox = inbox
        self._metrics = metrics
        self._subscription: Subscription = bus.subscribe(flow.service, flow.topics)
        self._logs: frozenset[str] = frozenset()
        self._unsought: set[str] = set()
        self._assignment = 0
        self._ahead: Ahead | None = None
        self._handling = asyncio.Lock()
        self._watch = FailureWatch()
        self.held = Signal()
        self.changed = Signal()
        self.applied = 0
        self.duplicates = 0
        self.halted: str | None = None

    @property
    def logs(self) -> frozenset[str]:
        """The logs that are this consumer's to read now."""
        return self._logs

    async def run(self) -> None:
        """Read until cancelled. Whatever fails costs time; a bad deployment halts, and says so."""
        failures = 0
        try:
            await self._join()
            while True:
                try:
                    await self._turn()
                    failures = 0
                except Exception as trouble:
                    heed_cancellation()
                    pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                    failures += 1
                    self._metrics.environment_faults.labels(type(trouble).__name__).inc()
                    log.warning(
                        "The consumer pauses.",
                        action="consumer_pauses",
                        seconds=pause,
                        error=repr(trouble),
                        exc_info=not isinstance(trouble, LOST),
                    )
                    await asyncio.sleep(pause)
                if self.halted is not None:
                    log.error("The consumer has halted.", action="consumer_halted", reason=self.halted)
                    return
        finally:
            await self._drop_ahead()
            await self._subscription.stop()

    async def positions(self) -> dict[str, tuple[int, int]]:
        """Per log: the position handled and the last one there is."""
        heads = await self._subscription.heads()
        rows = await self._database.pool.fetch("SELECT log, position FROM position WHERE consumer = $1", self.name)
        stored = {row["log"]: row["position"] for row in rows}
        return {name: (stored.get(name, 0), head) for name, head in heads.items()}

    async def _join(self) -> None:
        """Join, however long it takes. Waiting is said in one line at once, and again every half minute."""
        failures, now = 0, asyncio.get_running_loop().time
        said_at: float | None = None
        while True:
            try:
                await self._subscription.start(self._assigned, self._revoked)
            except LOST as trouble:
                heed_cancellation()
                if said_at is None or now() - said_at >= SAY_AGAIN_SECONDS:
                    said_at = now()
                    hop = trouble.hop if isinstance(trouble, EnvironmentFault) else "bus"
                    log.warning("Waiting for the bus.", action="waits", hop=hop, error=str(trouble))
                await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1
            else:
                if said_at is not None:
                    log.info("The bus answers.", action="waited", hop="bus")
                return

    async def _assigned(self, logs: Sequence[str]) -> None:
        self._assignment += 1
        self._logs = frozenset(logs)
        self._unsought = set(logs)

    async def _revoked(self, logs: Sequence[str]) -> None:
        """Let the batch in hand end, so that the next owner need not do it again; not for ever, because it can."""
        self._logs = self._logs.difference(logs)
        self._unsought.difference_update(logs)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HAND_OVER_SECONDS), self._handling:
                return

    async def _turn(self) -> None:
        """Handle what was fetched while the batch before it was handled, and meanwhile fetch what comes after it."""
        if self._unsought:
            await self._drop_ahead()
            await self._seek()
        ahead = self._ahead or self._fetch()
        self._ahead = None
        try:
            batch = await ahead.batch
        except LogChanged as changed:
            await self._begin_again(changed)
            return
        if batch is not None and ahead.assignment == self._assignment and batch.log in self._logs:
            self._ahead = self._fetch()
            await self._read(batch)

    def _fetch(self) -> Ahead:
        return Ahead(self._assignment, asyncio.ensure_future(self._subscription.fetch(BATCH, WAIT_SECONDS)))

    async def _drop_ahead(self) -> None:
        """Throw away what was fetched ahead; its log is sought anew, since the subscription stands behind it."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return
        ahead.batch.cancel()
        await asyncio.wait({ahead.batch})
        if ahead.batch.cancelled():
            return
        failure = ahead.batch.exception()
        found = ahead.batch.result() if failure is None else failure
        if isinstance(found, Batch | LogChanged) and found.log in self._logs:
            self._unsought.add(found.log)

    async def _seek(self) -> None:
        """Read on from what is stored, wherever that has not been done since the log became ours."""
        while self._unsought:
            name = min(self._unsought)
            position, last_id = await position_of(self._database.pool, self.name, name, real_now())
            await self._subscription.seek(name, position, last_id)
            self._unsought.discard(name)

    async def _begin_again(self, changed: LogChanged) -> None:
        """Read all that the log has now: what was handled is dropped as duplicate, what is missing shows as a gap."""
        log.error(
            "A log no longer holds what was read last; it is read again from its beginning.",
            action="log_changed",
            log=changed.log,
            reason=changed.reason,
            first=changed.first,
        )
        self._unsought.add(changed.log)
        position, _ = await position_of(self._database.pool, self.name, changed.log, real_now())
        await begin_again(self._database.pool, self.name, changed.log, position, changed.first, real_now())
        self.changed.set()

    async def _read(self, batch: Batch) -> None:
        """Handle a batch; whatever keeps it from being handled, its log is read again from what is stored.

        So it is when logs were shared out meanwhile, though this one came back: it stands still until it is sought.
        """
        assignment = self._assignment
        self._unsought.add(batch.log)
        async with self._handling:
            with self._metrics.batch_seconds.time(), contextlib.suppress(PositionMoved):
                await self._handle(batch)
                if assignment == self._assignment:
                    self._unsought.discard(batch.log)

    async def _handle(self, batch: Batch) -> None:
        self._subscription.hold_back()
        try:
            handled = await self._inbox.in_one(batch, self._subscription.go_on)
        except NOT_THE_EVENTS:
            raise
        except Exception as failure:
            heed_cancellation()
            log.info("A batch is run event by event.", action="batch_slow_path", log=batch.log, error=repr(failure))
            self._subscription.go_on()
            handled = await self._inbox.one_by_one(batch)
        finally:
            self._subscription.go_on()
        self._count(batch, handled)
        for alike in handled.failures:
            if self._watch.too_many(asyncio.get_running_loop().time(), alike):
                self.halted = f"many lanes fail alike: {alike}"
        if handled.held:
            self.held.set()

    def _count(self, batch: Batch, handled: Handled) -> None:
        self.applied += handled.applied
        self.duplicates += handled.duplicates
        self._metrics.duplicates.inc(handled.duplicates)
        self._metrics.batch.observe(len(batch.records))
        now = real_now()
        self._metrics.last_handled.set(now.timestamp())
        for kind, events in CountOf(record.type for record in batch.records).items():
            self._metrics.handled.labels(kind).inc(events)
        if batch.records:
            self._metrics.latency_seconds.observe((now - batch.records[-1].recordedtime).total_seconds())
