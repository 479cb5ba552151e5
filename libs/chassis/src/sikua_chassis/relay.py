"""One relay holds a shard; it sends the shard's rows in order of arrival and moves them to the published log.

Lock, read and mark use one session, whose idle timeout frees the shards of a frozen holder. Positions are given under the
publication's one counter row, locked until commit, so that no reader is ever passed by a lower number.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog

from sikua_chassis.bus.port import Bus, Placed, Record, RecordRefused, record_of_row
from sikua_chassis.database import LOST, Database, register_codecs
from sikua_chassis.fresh_rows import Arrived
from sikua_chassis.marking import MARK, READ, mark_and_tell, mark_waiting
from sikua_chassis.outbox import SHARDS
from sikua_chassis.shards import Shards
from sikua_chassis.supervision import heed_cancellation
from sikua_chassis.telemetry.metrics import Metrics
from sikua_chassis.telemetry.sending import sending
from sikua_chassis.telemetry.traces import Tracing

CHUNK = 500
HEARTBEAT_SECONDS = 1.0
IDLE_SESSION_MILLISECONDS = 5000
TRANSACTION_MILLISECONDS = 15_000
"""Of one statement and what belongs to it. A session is not idle whose holder froze between preparing a statement and running
it, and no other timeout ends it."""

RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
PARTITION_ROWS = 1_000_000
ROOM_LOOKS = 20

log = structlog.get_logger("sikua.relay")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that leave together: their arrivals, and their records. `fresh`: this process said them, and did not read them."""

    arrivals: list[int]
    records: list[Record]
    fresh: bool = False

    @property
    def is_full(self) -> bool:
        """Whether more rows may wait behind these."""
        return len(self.records) == CHUNK


_NOTHING = Chunk([], [])


def _fresh(rows: Sequence[Arrived]) -> Chunk:
    ordered = sorted(rows)
    return Chunk([arrival for arrival, _ in ordered], [record for _, record in ordered], fresh=True)


class Relay:
    """Moves what a service said from its outbox to the bus and to its published log; replicas share the shards."""

    def __init__(
        self, database: Database, bus: Bus, metrics: Metrics | None = None, tracing: Tracing | None = None
    ) -> None:
        self._database = database
        self._bus = bus
        self._metrics = metrics if metrics is not None else Metrics(database.service)
        self._tracing = tracing
        self._connection: Any = None
        self._shards = Shards(database.schema)
        self._looked_at = 0.0
        self._fresh = database.fresh
        self._behind = True
        self.published = 0
        self.trouble: str | None = None

    @property
    def shards(self) -> tuple[int, ...]:
        """Shards held now."""
        return tuple(self._shards.held)

    async def run(self) -> None:
        """Work until cancelled. Whatever fails costs time, nothing else: it resumes at the first unmarked row."""
        failures = 0
        try:
            while True:
                try:
                    await self._hold()
                    seen = self._database.said.generation
                    more = await self._move()
                    failures = 0
                    if self.shards:
                        self.trouble = None
                    if not more:
                        await self._database.said.wait(HEARTBEAT_SECONDS, seen)
                except Exception as trouble:
                    heed_cancellation()
                    pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                    failures, self.trouble = failures + 1, repr(trouble)
                    log.warning(
                        "The relay pauses.",
                        action="relay_pauses",
                        seconds=pause,
                        error=repr(trouble),
                        exc_info=not isinstance(trouble, LOST),
                    )
                    self._let_go()
                    self._shards.stand_back(asyncio.get_running_loop().time())
                    await asyncio.sleep(pause)
        finally:
            self._let_go()

    async def _hold(self) -> None:
        """Look after the session and the share of the shards, once a heartbeat: what is sent between them renews both."""
        now = asyncio.get_running_loop().time()
        if self._connection is None:
            self._connection = await asyncpg.connect(
                self._database.url,
                timeout=10,
                command_timeout=30,
                server_settings=self._database.server_settings(
                    idle_session_timeout=str(IDLE_SESSION_MILLISECONDS),
                    idle_in_transaction_session_timeout=str(IDLE_SESSION_MILLISECONDS),
                    transaction_timeout=str(TRANSACTION_MILLISECONDS),
                ),
            )
            await register_codecs(self._connection)
            self._fresh.forget(wanted=self._bus.carries)
        elif not self._heartbeat_is_due():
            return
        await self._shards.share(self._connection, now)
        self._looked_at = now
        self._behind = True

    async def _move(self) -> bool:
        """Send what waits, chunk after chunk, until a heartbeat is due; nothing is under way any more at the end.

        One chunk is under way at a time. Meanwhile the one before it is marked, and where there may be more than this
        process has just said, the one after it is read, in this order and in the one session. True when there may be more.
        """
        if not self._bus.carries:
            return await self._mark_waiting()
        chunk, sent = await self._read() if self._behind else self._said(), _NOTHING
        while chunk.records:
            under_way = asyncio.ensure_future(self._send(chunk.records))
            try:
                await self._mark(sent)
                ahead = await self._read(chunk) if self._reads_beside(chunk) else _NOTHING
                await self._awaken(under_way)
            except RecordRefused as refused:
                self._behind = True
                await self._park(refused)
                return True
            except BaseException:
                under_way.cancel()
                await asyncio.wait({under_way})
                raise
            self._fresh.sent(chunk.records)
            chunk, sent = ahead if ahead.records else self._said(), chunk
        await self._mark(sent)
        return self._behind

    def _said(self) -> Chunk:
        """What this process has said since the outbox was read, where that follows on what was sent."""
        if self._behind or self._heartbeat_is_due():
            return _NOTHING
        rows = self._fresh.take(self._shards.held, CHUNK)
        self._behind = self._fresh.missed
        return _fresh(rows)

    def _reads_beside(self, chunk: Chunk) -> bool:
        """Whether to read while this chunk is under way: behind it, or what other processes said in our shards."""
        if self._heartbeat_is_due():
            return False
        return self._behind or (chunk.fresh and len(self._shards.held) < SHARDS)

    async def _mark_waiting(self) -> bool:
        """Where nothing is carried, marking is all there is to do. True when there may be more."""
        if not self._shards.held:
            return False
        shards, service = self._shards.held, self._database.service
        if not self._bus.is_read_here(service):
            return await self._published(await mark_waiting(self._connection, shards, CHUNK)) == CHUNK
        marked = await mark_and_tell(self._connection, shards, CHUNK)
        return await self._published(Counter(record.type for _, record in marked), marked) == CHUNK

    async def _read(self, under_way: Chunk | None = None) -> Chunk:
        """The first rows of our shards but for those under way; one that was committed late comes before its successors."""
        self._fresh.is_read()
        if not self._shards.held:
            self._behind = self._fresh.wanted = False
            return _NOTHING
        arrivals = under_way.arrivals if under_way is not None else []
        rows = await self._connection.fetch(READ, self._shards.held, CHUNK, arrivals)
        chunk = Chunk([row["arrival"] for row in rows], [record_of_row(row) for row in rows])
        self._behind = chunk.is_full
        # While the outbox has to be read anyway, nobody need return anything.
        self._fresh.wanted = not self._behind
        return chunk

    async def _send(self, records: Sequence[Record]) -> None:
        with sending(self._tracing if self._bus.hops else None, records) as carried:
            await self._bus.send(self._database.service, carried)

    async def _awaken(self, under_way: asyncio.Future[None]) -> None:
        """Wait for what is sent, and show the database that this process is not frozen: a slow bus costs nobody its shards."""
        while not (await asyncio.wait({under_way}, timeout=HEARTBEAT_SECONDS))[0]:
            await self._connection.execute("SELECT 1")
        under_way.result()

    async def _mark(self, sent: Chunk) -> None:
        if not sent.records:
            return
        await self._connection.execute(MARK, sent.arrivals)
        await self._published(Counter(record.type for record in sent.records))

    async def _published(self, by_type: Counter[str], marked: Sequence[Placed] = ()) -> int:
        """Tell everybody of what has just been marked; how many events there were."""
        events = by_type.total()
        if events:
            await self._make_room(events)
            self._bus.sent(self._database.service, marked)
            self._metrics.publish_batch.observe(events)
            for kind, number in by_type.items():
                self._metrics.published.labels(kind).inc(number)
        return events

    async def _park(self, refused: RecordRefused) -> None:
        await self._connection.execute("UPDATE outbox SET parked = $2 WHERE id = $1", refused.event_id, refused.reason)
        log.error(
            "The bus refused an event; its subject is parked.",
            action="outbox_parked",
            event_id=refused.event_id,
            reason=refused.reason,
        )

    def _heartbeat_is_due(self) -> bool:
        return asyncio.get_running_loop().time() - self._looked_at >= HEARTBEAT_SECONDS

    async def _make_room(self, rows: int) -> None:
        """Create the partition after next, long before it is needed, though other relays fill the same one."""
        before, self.published = self.published, self.published + rows
        step = PARTITION_ROWS // ROOM_LOOKS
        if before != 0 and before // step == self.published // step:
            return
        last = await self._connection.fetchval("SELECT last_position FROM publication")
        number = last // PARTITION_ROWS + 2
        # Two at once: one makes it, and the other need not.
        with suppress(asyncpg.UniqueViolationError, asyncpg.DuplicateTableError):
            await self._connection.execute(
                f"CREATE TABLE IF NOT EXISTS published_{number} PARTITION OF published "
                f"FOR VALUES FROM ({(number - 1) * PARTITION_ROWS}) TO ({number * PARTITION_ROWS})"
            )

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        self._shards.forget()
        self._fresh.forget(wanted=False)
        self._behind = True
        if connection is not None and not connection.is_closed():
            connection.terminate()
