"""The feed's tables: entries numbered without a gap, never changed; the one counter is locked until commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sikua_chassis.session import Session

from sikua_command_office.store import gather_row

FEED = "office"

_ENTRY = (
    "event_id, type, source, sequence, project_id, time, recorded_at, entered_at, correlation_id, data, sentence_zh, "
    "sentence_en"
)
_ENTER = f"""WITH counted AS (
  UPDATE feed_counter SET last = last + jsonb_array_length($1::jsonb) WHERE feed = '{FEED}'
  RETURNING last - jsonb_array_length($1::jsonb) AS before
) INSERT INTO feed_entry (number, {_ENTRY})
SELECT c.before + r.number, {_ENTRY} FROM counted c, jsonb_populate_recordset(NULL::feed_entry, $1::jsonb) r"""
_LAST = "SELECT last FROM feed_counter WHERE feed = $1"
_SEEN = "EXISTS (SELECT 1 FROM unnest(c.divisions) AS division WHERE division LIKE ANY({}))"
_MOVED = """SELECT DISTINCT project_id FROM feed_entry
WHERE number > $1 AND number <= $2 AND project_id IS NOT NULL"""
_COLUMNS = """f.number, f.event_id, f.type, f.source, f.sequence, f.project_id, f.time, f.recorded_at, f.correlation_id,
       f.data, f.sentence_zh, f.sentence_en, c.name AS project_name, c.divisions"""
_UNSETTLED = """SELECT min(f.number) FROM feed_entry f LEFT JOIN project_card c ON c.project_id = f.project_id
WHERE f.entered_at > $1 AND f.number > $2 AND f.project_id IS NOT NULL AND c.project_id IS NULL"""
_FOLLOWING = f"""WITH place AS MATERIALIZED (
  SELECT least(counted.last, ({_UNSETTLED}) - 1) AS until FROM feed_counter counted WHERE counted.feed = $3
) SELECT {_COLUMNS} FROM feed_entry f LEFT JOIN project_card c ON c.project_id = f.project_id
WHERE f.number > $2 AND f.number <= (SELECT until FROM place) ORDER BY f.number LIMIT $4"""


def enter(session: Session, entry: dict[str, Any]) -> None:
    """Write an entry at commit, under the number that follows the last one then; within a unit in the order of the calls."""
    rows = session.gathering.rows_of(_ENTER)
    gather_row(session, _ENTER, entry["event_id"], {"number": len(rows[0][0]) + 1 if rows else 1, **entry})


async def last_number(session: Session) -> int:
    """The number of the newest entry; 0 before the first."""
    return int(await session.fetchval(_LAST, FEED))


async def projects_moved(session: Session, after: int, until: int) -> list[str]:
    """Ids of the projects to which anything happened within these numbers: after the first, up to the second."""
    rows = await session.fetch(_MOVED, after, until)
    return [row["project_id"] for row in rows]


async def settled_until(session: Session, after: int, since: datetime) -> int:
    """Up to which number entries have a known place: the last one, or the one before the first entry whose project
    the office has not heard of yet, among those that came in after `since`."""
    last = await last_number(session)
    unsettled = await session.fetchval(_UNSETTLED, since, after)
    return last if unsettled is None else int(unsettled) - 1


async def following(session: Session, after: int, since: datetime, limit: int) -> list[Any]:
    """The entries after this number that have a known place, in rising order: what `settled_until` and `entries` say."""
    return await session.fetch(_FOLLOWING, since, after, FEED, limit)


async def entries(
    session: Session,
    *,
    after: int | None = None,
    until: int | None = None,
    before: int | None = None,
    newest_first: bool = False,
    limit: int,
    project_id: str | None = None,
    types: Sequence[str] | None = None,
    visible: Sequence[str] | None = None,
) -> list[Any]:
    """Entries within these numbers, in rising order or newest first.

    `visible`: LIKE patterns of division codes of which the entry's project must have one; None sees all. What concerns
    no project is seen by everybody.
    """
    wheres: list[str] = []
    arguments: list[Any] = []

    def require(condition: str, value: Any) -> None:
        arguments.append(value)
        wheres.append(condition.format(f"${len(arguments)}"))

    if after is not None:
        require("f.number > {}", after)
    if until is not None:
        require("f.number <= {}", until)
    if before is not None:
        require("f.number < {}", before)
    if project_id is not None:
        require("f.project_id = {}", project_id)
    if types:
        require("f.type = ANY({}::text[])", list(types))
    if visible is not None:
        require("(f.project_id IS NULL OR " + _SEEN.replace("{}", "{}::text[]") + ")", list(visible))
    where = " AND ".join(wheres) or "true"
    order = "DESC" if newest_first else "ASC"
    return await session.fetch(
        f"SELECT {_COLUMNS} FROM feed_entry f LEFT JOIN project_card c ON c.project_id = f.project_id "
        f"WHERE {where} ORDER BY f.number {order} LIMIT {int(limit)}",
        *arguments,
    )
