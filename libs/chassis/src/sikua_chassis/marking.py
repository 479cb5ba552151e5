"""Rows leave the outbox and get their positions in the published log in one statement, under the one counter row.

Where marking a row as published is all the sending there is, the same statement also takes what waits: the rows never leave the
database, and nothing lies between reading and marking that could come too late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sikua_chassis.bus.port import RECORD_COLUMNS, Placed, record_of_row

_MAY_LEAVE = """shard = ANY($1) AND parked IS NULL
  AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.parked IS NOT NULL AND p.aggregateid = o.aggregateid
                  AND p.aggregatetype = o.aggregatetype AND p.arrival < o.arrival)"""
"""Rows of these shards; those that came after a parked one of their stream wait for it."""

_PUBLISH = """given AS (
  UPDATE publication SET last_position = last_position + (SELECT count(*) FROM taken)
  WHERE EXISTS (SELECT 1 FROM taken) RETURNING last_position - (SELECT count(*) FROM taken) AS before
) INSERT INTO published (position, id, aggregatetype, aggregateid, type, payload, source, sequence, previousid, time,
                         recordedtime, headers, tracingspancontext)
SELECT g.before + row_number() OVER (ORDER BY t.arrival), t.id, t.aggregatetype, t.aggregateid, t.type, t.payload,
       t.source, t.sequence, t.previousid, t.time, t.recordedtime, t.headers, t.tracingspancontext
FROM taken t, given g"""

READ = f"""SELECT arrival, {RECORD_COLUMNS} FROM outbox o
WHERE {_MAY_LEAVE} AND arrival NOT IN (SELECT unnest($3::bigint[]))
ORDER BY arrival LIMIT $2"""

MARK = f"WITH taken AS (DELETE FROM outbox WHERE arrival = ANY($1) RETURNING *), {_PUBLISH}"

_MARK_WAITING = f"""WITH waiting AS MATERIALIZED (
  SELECT arrival FROM outbox o WHERE {_MAY_LEAVE} ORDER BY arrival LIMIT $2
), taken AS (DELETE FROM outbox WHERE arrival IN (SELECT arrival FROM waiting) RETURNING *), {_PUBLISH} RETURNING"""

MARK_WAITING = f"{_MARK_WAITING} type"
MARK_AND_TELL = f"{_MARK_WAITING} position, {RECORD_COLUMNS}"


async def mark_waiting(connection: Any, shards: Sequence[int], limit: int) -> Counter[str]:
    """Move the first rows of these shards to the published log, in order of arrival; how many of each type there were."""
    return Counter(row["type"] for row in await connection.fetch(MARK_WAITING, shards, limit))


async def mark_and_tell(connection: Any, shards: Sequence[int], limit: int) -> list[Placed]:
    """The same, and what was moved: all that stands in the log between the first and the last of them."""
    rows = await connection.fetch(MARK_AND_TELL, shards, limit)
    return sorted(((row["position"], record_of_row(row)) for row in rows), key=itemgetter(0))
