"""A client of Kafka is closed whole: whatever of it goes on opens no connection any more, and none that it opened stays.

The library closes the connections of that moment. Requests that are repeated, metadata that is asked for anew, a start that
is cut off half way open others, which nobody knows of; and whatever cuts off its `stop` leaves open what was to be closed next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import IllegalStateError, KafkaConnectionError, KafkaError
from aiokafka.structs import BrokerMetadata

from sikua_chassis.supervision import heed_cancellation

STOP_SECONDS = 1.5
ENDING_SECONDS = 1.0
FIRST = "bootstrap"
"""What the library calls the broker that it asks for all others: once they are known it lets this connection go."""

log = structlog.get_logger("sikua.kafka")


class WholeClient(AIOKafkaClient):
    """The library's client, which knows every connection from its first moment and opens none once it is shut."""

    _is_shut: bool
    _sync_task: asyncio.Task[None] | None
    _opening: set[asyncio.Task[AIOKafkaConnection | None]]

    @classmethod
    def of(cls, client: AIOKafkaClient) -> None:
        """Make the client of a consumer, a producer or an administrator a whole one; they build theirs themselves."""
        client.__class__ = cls
        client._is_shut = False
        client._opening = set()

    async def bootstrap(self) -> None:
        """Learn from the first address that answers which brokers there are. Raises KafkaConnectionError."""
        for host, port, _ in self.hosts:
            self.cluster._bootstrap_brokers = {FIRST: BrokerMetadata(FIRST, host, port, None)}
            if await self._metadata_update(self.cluster, set()):
                break
            unhelpful = self._conns.pop((FIRST, ConnectionGroup.DEFAULT), None)
            if unhelpful is not None:
                _break_off(unhelpful)
        else:
            raise KafkaConnectionError(f"Unable to bootstrap from {self.hosts}")
        if self._sync_task is None:
            self._sync_task = asyncio.create_task(self._md_synchronizer())

    async def close(self) -> None:
        """Shut, and wait a little until all has come to its end."""
        await ended(self.shut())

    def shut(self) -> list[asyncio.Future[Any]]:
        """Break off every connection now, whoever waits for it, and open none from now on; what is coming to its end."""
        self._is_shut = True
        sync, self._sync_task = self._sync_task, None
        tasks = [*self._opening, *([] if sync is None else [sync])]
        for task in tasks:
            task.cancel()
        return [*tasks, *(_break_off(connection) for connection in self._conns.values())]

    async def _get_conn(
        self, node_id: Any, *, group: ConnectionGroup = ConnectionGroup.DEFAULT, no_hint: bool = False
    ) -> AIOKafkaConnection | None:
        """The connection to a node, opened when there is none; None when there can be none."""
        known = self._conns.get((node_id, group))
        if self._is_shut:
            return None
        if known is not None:
            if known.connected():
                return known
            # The library forgets such a one as it is, half open.
            _break_off(known, CloseReason.CONNECTION_BROKEN)
        opening = asyncio.create_task(super()._get_conn(node_id, group=group))
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
        opening.add_done_callback(seen)
        try:
            await asyncio.wait({opening})
        finally:
            opening.cancel()
        return None if self._is_shut or opening.cancelled() else opening.result()


async def let_go(consumer: AIOKafkaConsumer) -> None:
    """Leave the group if Kafka answers; close everything in any case, even when cancelled meanwhile."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await consumer.stop()
    except asyncio.CancelledError:
        # The library lets out the cancellation of a task of its own, as if it were ours.
        heed_cancellation()
    except (TimeoutError, KafkaError, OSError, IllegalStateError) as trouble:
        log.warning("Kafka did not hear that a consumer leaves.", action="consumer_left", error=repr(trouble))
    finally:
        consumer._closed = True
        await ended([*_cancelled(_tasks_of(consumer)), *consumer._client.shut()])


async def abandon(producer: AIOKafkaProducer) -> None:
    """Let go at once. The library's own `stop` would flush first, and wait for a broker that may not answer."""
    producer._closed = True
    sending = producer._sender.sender_task
    await ended([*_cancelled([] if sending is None else [sending]), *producer.client.shut()])


async def ended(coming: Iterable[asyncio.Future[Any]]) -> None:
    """Wait until all of these have come to their end, or for a second. What they failed with is of no interest any more."""
    waited = set(coming)
    for each in waited:
        each.add_done_callback(seen)
    if waited:
        await asyncio.wait(waited, timeout=ENDING_SECONDS)


def seen(future: asyncio.Future[Any]) -> None:
    """A failure that nobody waits for any more is known."""
    if not future.cancelled():
        future.exception()


def _break_off(connection: AIOKafkaConnection, reason: CloseReason | None = None) -> asyncio.Future[None]:
    """Close a connection without waiting until what was written has been read: a broker that is frozen never reads it."""
    connection.close(reason=reason)
    transport = connection._protocol._transport
    if transport is not None:
        transport.abort()
    closed: asyncio.Future[None] = connection._closed_fut
    return closed


def _tasks_of(consumer: AIOKafkaConsumer) -> list[asyncio.Task[Any]]:
    coordinator, fetcher = consumer._coordinator, consumer._fetcher
    found = [getattr(coordinator, name, None) for name in _COORDINATION]
    if fetcher is not None:
        found += [fetcher._fetch_task, *fetcher._pending_tasks]
    return [task for task in found if task is not None and not task.done()]


_COORDINATION = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task", "_reset_committed_task")
"""Of a member of a group the first three, of a reader without a group the last."""


def _cancelled(tasks: list[asyncio.Task[Any]]) -> list[asyncio.Task[Any]]:
    for task in tasks:
        task.cancel()
    return tasks
