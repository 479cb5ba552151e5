"""The connection of one batch: its transaction begins by moving the position and locking the lanes, in this order.

Where the lanes are known and no handler reads it is not opened: one statement then verifies position and lanes as it writes
them (`lane_store.moving`). What is known of a lane is what this consumer wrote last.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

import asyncpg

from sikua_chassis.bulk_insert import BulkInserts
from sikua_chassis.bus.port import Batch
from sikua_chassis.clock import real_now
from sikua_chassis.connection import Connection
from sikua_chassis.lane_store import open_batch
from sikua_chassis.lanes import Lane, LaneKey, key_of

MOST_LANES = 4096

Place = tuple[int, str | None]
"""Where a lane stands that flows: its last sequence and that event's id."""


class PositionMoved(Exception):
    """Somebody else moved the position: this batch was not fetched from what is stored, and is thrown away."""


class LanesDiffer(Exception):
    """Position or lanes are not as they were known: nothing was written, and the batch is to be run on what is stored."""


class KnownLanes:
    """Where the lanes stand that were written last. It may be out of date: what is built on it is verified as it is written."""

    def __init__(self, most_lanes: int = MOST_LANES) -> None:
        self._most_lanes = most_lanes
        self._places: OrderedDict[LaneKey, Place] = OrderedDict()

    def of(self, batch: Batch) -> dict[LaneKey, Place] | None:
        """Where all lanes of a batch stand; None when one is not known. A stream that begins with 1 has no lane yet."""
        places: dict[LaneKey, Place] = {}
        for record in batch.records:
            key = key_of(record)
            if key in places:
                continue
            place = self._places.get(key)
            if place is None and record.sequence != 1:
                return None
            places[key] = place or (0, None)
        return places

    def keep(self, lanes: Iterable[Lane]) -> None:
        """These were written; one that does not flow is forgotten."""
        for lane in lanes:
            self._places.pop(lane.key, None)
            if lane.state is None and lane.sequence > 0:
                self._places[lane.key] = (lane.sequence, lane.last_id)
        while len(self._places) > self._most_lanes:
            self._places.popitem(last=False)

    def forget(self, batch: Batch) -> None:
        """The lanes of this batch have to be asked for."""
        for record in batch.records:
            self._places.pop(key_of(record), None)


class BatchConnection(Connection):
    """`begin` opens the batch, once. `known`: where its lanes stand as far as is known, None when they are to be asked for."""

    def __init__(
        self,
        pool_of: Callable[[], asyncpg.Pool],
        consumer: str,
        batch: Batch,
        known: dict[LaneKey, Place] | None,
        sending: Callable[[], None] | None = None,
        bulk_inserts: BulkInserts | None = None,
    ) -> None:
        super().__init__(pool_of, sending=sending, bulk_inserts=bulk_inserts)
        self._consumer = consumer
        self._batch = batch
        self.known = known
        self.lanes = {key: Lane(*key, *place) for key, place in (known or {}).items()}
        self.is_open = False

    async def begin(self) -> Any:
        """Raises PositionMoved, and LanesDiffer when a lane does not stand where it was known to."""
        raw = await super().begin()
        if not self.is_open:
            found = await open_batch(raw, self._consumer, self._batch, real_now())
            self.statements += 1
            if found is None:
                raise PositionMoved(f"{self._batch.log} is no longer at {self._batch.start}")
            if self.known is None:
                self.lanes = found
            elif any((lane.sequence, lane.last_id) != self.known[key] or lane.state for key, lane in found.items()):
                raise LanesDiffer
            self.is_open = True
        return raw
