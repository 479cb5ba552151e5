"""What this process has just committed to its outbox, so that its relay need not read it back from there.

A row counts only as the next one of its stream, after one that this relay has sent itself, or as a stream's first: its counter
stays locked until commit, so nobody else can have said what lies between. Whatever does not follow is read from the outbox.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sikua_chassis.bus.port import RECORD_COLUMNS, Record, record_of_row
from sikua_chassis.gathering import Part
from sikua_chassis.outbox import shard_of

MOST_ROWS = 500
MOST_STREAMS = 4096

Arrived = tuple[int, Record]
"""A row's number in the outbox, and what it says."""


class FreshRows:
    """Rows by the order of their commits, at most `MOST_ROWS`; kept only while a relay of this process asks for them."""

    def __init__(self, most_rows: int = MOST_ROWS, most_streams: int = MOST_STREAMS) -> None:
        self.wanted = False
        self.missed = False
        self._most_rows = most_rows
        self._most_streams = most_streams
        self._rows: deque[Arrived] = deque()
        self._sent: OrderedDict[tuple[str, str], int] = OrderedDict()

    def returned_by(self, events: Part | None, number: int) -> Part | None:
        """The statement that writes so many events, so that it returns them where they are wanted, and fit in here."""
        if events is None or not self.wanted or number > self._most_rows:
            return events
        return f"{events[0]}\nRETURNING arrival, {RECORD_COLUMNS}", events[1]

    def add(self, rows: Iterable[Any]) -> None:
        """These rows are committed, as what `returned_by` gave has returned them."""
        for row in rows:
            if self.wanted:
                self._rows.append((row["arrival"], record_of_row(row)))
        if len(self._rows) > self._most_rows:
            self._rows.clear()
            self.missed = True

    def take(self, shards: Collection[int], limit: int) -> list[Arrived]:
        """The next rows of these shards, in order; `missed` is set where the outbox has to be read instead."""
        taken: list[Arrived] = []
        last: dict[tuple[str, str], int] = {}
        while self._rows and len(taken) < limit and not self.missed:
            record = self._rows[0][1]
            stream = (record.topic, record.subject)
            stands = last.get(stream) or self._sent.get(stream, 0)
            if record.sequence == stands + 1 and shard_of(record.subject) in shards:
                taken.append(self._rows[0])
                last[stream] = record.sequence
            elif record.sequence > stands and shard_of(record.subject) in shards:
                self.missed = True
                break
            self._rows.popleft()
        return taken

    def sent(self, records: Sequence[Record]) -> None:
        """These have left, in this order: what follows on them is in step."""
        for record in records:
            stream = (record.topic, record.subject)
            self._sent.pop(stream, None)
            self._sent[stream] = record.sequence
        while len(self._sent) > self._most_streams:
            self._sent.popitem(last=False)

    def is_read(self) -> None:
        """The outbox is about to be read: it shows all that was added before."""
        self._rows.clear()
        self.missed = False

    def forget(self, *, wanted: bool) -> None:
        """Nothing is known of what was sent, and the outbox has to be read first."""
        self._rows.clear()
        self._sent.clear()
        self.wanted, self.missed = wanted, False
