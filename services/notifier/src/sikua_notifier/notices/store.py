"""Notices in PostgreSQL: one row per event, recipient and channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sikua_chassis.session import Session
from sikua_contracts.words import Owner

from sikua_notifier.kinds import NoticeKind, NoticeState
from sikua_notifier.wording import Content

COLUMNS = """id, position, event_id, kind, project_id, project_name, step_id, escalation_id, owner_role, owner_division,
  recipient, channel, address, content, urgent, created_at, due_at, bundle, state, reason, held_by, parcel_id, sent_at,
  acknowledged_at, acknowledged_by, watch_until, deputy_of, traceparent"""
_INSERT = """INSERT INTO notice (id, event_id, kind, project_id, project_name, step_id, escalation_id, owner_role,
  owner_division, recipient, channel, address, content, urgent, created_at, due_at, bundle, state, reason, watch_until,
  deputy_of, traceparent)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
ON CONFLICT ON CONSTRAINT notice_once DO NOTHING"""
_ONE = f"SELECT {COLUMNS} FROM notice WHERE id = $1"
_TOLD = """SELECT DISTINCT owner_role, owner_division, recipient FROM notice
WHERE escalation_id = $1 AND state IN ('waiting', 'sent') AND deputy_of IS NULL
ORDER BY recipient, owner_role, owner_division"""
_WITHDRAW = """UPDATE notice SET state = 'withdrawn', watch_until = NULL
WHERE escalation_id = $1 AND state = 'waiting' AND parcel_id IS NULL AND due_at > $2"""
_END_WATCH = "UPDATE notice SET watch_until = NULL WHERE escalation_id = $1 AND watch_until IS NOT NULL"
_ACKNOWLEDGE = """UPDATE notice SET acknowledged_at = $2, acknowledged_by = $3
WHERE id = $1 AND acknowledged_at IS NULL"""
_END_WATCH_OF = "UPDATE notice SET watch_until = NULL WHERE event_id = $1 AND recipient = $2"
_LIST = f"""SELECT {", ".join("n." + name.strip() for name in COLUMNS.split(","))}, c.name AS recipient_name
FROM notice n LEFT JOIN contact c ON c.person = n.recipient
WHERE n.position < $1
  AND ($2::text IS NULL OR n.state = $2) AND ($3::text IS NULL OR n.recipient = $3)
  AND ($4::text IS NULL OR n.project_id = $4) AND ($5::text IS NULL OR n.channel = $5)
  AND ($6::text IS NULL OR n.recipient = $6 OR n.owner_division LIKE ANY($7::text[]))
ORDER BY n.position DESC LIMIT $8"""


@dataclass(frozen=True)
class NewNotice:
    """A notice as it comes to be. `reason` is why it can go nowhere (state FAILED), else None."""

    notice_id: str
    event_id: str
    content: Content
    project_id: str
    project_name: str
    step_id: str | None
    escalation_id: str | None
    owner: Owner
    recipient: str
    channel: str
    address: str
    urgent: bool
    due_at: datetime
    bundle: str
    watch_until: datetime | None = None
    deputy_of: str | None = None
    reason: str | None = None

    @property
    def kind(self) -> NoticeKind:
        """What it is about."""
        return self.content.kind


@dataclass(frozen=True)
class Told:
    """Somebody who hears, or heard, of an escalation, and as which owner."""

    owner: Owner
    recipient: str


def add(session: Session, notice: NewNotice) -> None:
    """Keep a notice; the same event never makes a second one for the same recipient and channel."""
    state = NoticeState.FAILED if notice.reason else NoticeState.WAITING
    session.gather(
        _INSERT,
        *(notice.notice_id, notice.event_id, notice.kind.value, notice.project_id, notice.project_name),
        *(notice.step_id, notice.escalation_id, notice.owner.role, notice.owner.division),
        *(notice.recipient, notice.channel, notice.address, notice.content.as_json(), notice.urgent),
        *(session.now, notice.due_at, notice.bundle, state.value, notice.reason),
        *(notice.watch_until, notice.deputy_of, session.traceparent),
    )


async def one(session: Session, notice_id: str) -> Any | None:
    """The notice's row."""
    return await session.fetchrow(_ONE, notice_id)


async def told(session: Session, escalation_id: str) -> list[Told]:
    """Who was, or will be, told of an escalation; deputies left out."""
    rows = await session.fetch(_TOLD, escalation_id)
    return [Told(Owner(role=row["owner_role"], division=row["owner_division"]), row["recipient"]) for row in rows]


async def withdraw(session: Session, escalation_id: str, now: datetime) -> None:
    """Notices of an escalation that still wait for a later moment are not needed any more."""
    await session.execute(_WITHDRAW, escalation_id, now)


def end_watch(session: Session, escalation_id: str) -> None:
    """Nobody's deputy need hear of this escalation any more."""
    session.gather(_END_WATCH, escalation_id)


async def acknowledge(session: Session, row: Any, by: str) -> bool:
    """Record that the recipient has seen it; False when that was known already."""
    answer = await session.execute(_ACKNOWLEDGE, row["id"], session.now, by)
    await session.execute(_END_WATCH_OF, row["event_id"], row["recipient"])
    return answer == "UPDATE 1"


async def listed(
    session: Session,
    before: int,
    wanted: Sequence[str | None],
    only_for: str | None,
    divisions: Sequence[str],
    limit: int,
) -> list[Any]:
    """Notices from the newest down. `wanted` is state, recipient, project and channel, None for any.

    With `only_for`: those of that recipient, and of owners in divisions that match one of the LIKE patterns.
    """
    return await session.fetch(_LIST, before, *wanted, only_for, list(divisions), limit)


def spoken(row: Any) -> dict[str, Any]:
    """What every event about a notice carries, from its row."""
    return {
        "notice_id": row["id"],
        "project_id": row["project_id"],
        "step_id": row["step_id"],
        "escalation_id": row["escalation_id"],
        "owner": Owner(role=row["owner_role"], division=row["owner_division"]),
        "recipient": row["recipient"],
        "channel": row["channel"],
    }
