"""A bus that carries copies as a broker does: what was sent stays sent, though its sender dies before marking it."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence

import asyncpg
from sikua_chassis.bus.embedded import EmbeddedBus, EmbeddedSubscription
from sikua_chassis.bus.port import Placed, Record

CARRY = """INSERT INTO "wire-{log}".published (id, aggregatetype, aggregateid, type, payload, source, sequence, previousid,
  time, recordedtime, headers, tracingspancontext) VALUES ($1, $2, $3, $4, $5::text::json, $6, $7, $8, $9, $10, $11, $12)"""


class CarryingBus(EmbeddedBus):
    """Sends into a log of its own per service, record by record; readers read that log.

    `dies_after` records it kills its own process, as a sender dies between two records, or before it marks the last.
    `dies_when_marked` kills it when everything is marked and nobody has been told.
    """

    carries = True

    def __init__(
        self,
        url: str,
        speakers: Mapping[str, Sequence[str]],
        *,
        dies_after: int | None = None,
        dies_when_marked: bool = False,
    ) -> None:
        super().__init__(url, speakers)
        self._dies_after = dies_after
        self._dies_when_marked = dies_when_marked
        self._sent = 0

    async def make_log(self, service: str) -> None:
        """The log of one service, empty."""
        await self.pool.execute(
            f'CREATE SCHEMA "wire-{service}"; CREATE TABLE "wire-{service}".published (LIKE "{service}".published); '
            f'ALTER TABLE "wire-{service}".published ALTER position ADD GENERATED ALWAYS AS IDENTITY'
        )

    async def send(self, service: str, records: Sequence[Record]) -> None:
        """Carry each record at once and for good."""
        for record in records:
            self._perhaps_die()
            await self.pool.execute(
                CARRY.format(log=service),
                *(record.id, record.topic, record.subject, record.type, record.payload, record.source),
                *(record.sequence, record.previousid, record.time, record.recordedtime),
                *(record.headers, record.traceparent),
            )
            self._sent += 1
        self._perhaps_die()

    def sent(self, service: str, marked: Sequence[Placed] = ()) -> None:
        """The relay has marked what was sent."""
        if self._dies_when_marked:
            os.kill(os.getpid(), signal.SIGKILL)
        super().sent(service, marked)

    def subscribe(self, consumer: str, topics: frozenset[str]) -> EmbeddedSubscription:
        """A reader of the carried logs."""
        logs = sorted({f"wire-{service}" for topic in topics for service in self._speakers.get(topic, ())})
        return EmbeddedSubscription(self, dict.fromkeys(logs, tuple(sorted(topics))))

    def _perhaps_die(self) -> None:
        if self._sent == self._dies_after:
            os.kill(os.getpid(), signal.SIGKILL)


async def carried(pool: asyncpg.Pool, service: str) -> list[str]:
    """Ids in the order in which they were sent, each as often as it was."""
    rows = await pool.fetch(f'SELECT id FROM "wire-{service}".published ORDER BY position')
    return [row["id"] for row in rows]
