"""Links from a department's keys to our projects: certain by rule, pending until a person decides, confirmed, rejected,
ended when the record that showed the key no longer does.

Whoever adds a link, and whoever states something for all links of a key, first locks the key until commit; so neither
can pass the other and leave a project without a fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from sikua_chassis.session import Session
from sikua_contracts.envelope import new_id


class LinkState(StrEnum):
    """How a link stands."""

    CERTAIN = "certain"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    ENDED = "ended"


_COLUMNS = (
    """link_id, project_id, key_kind, key, state, reason, similarity, stated_name, created_at, decided_at, decided_by"""
)
_HOLDS = "state IN ('certain', 'confirmed')"


async def lock_keys(session: Session, keys: Iterable[tuple[str, str]]) -> None:
    """Hold these (kind, key) until commit, in one order for all, so that two who lock several never deadlock."""
    names = sorted({f"{kind}:{key}" for kind, key in keys})
    if names:
        await session.execute(
            """SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || name, 0))
            FROM unnest($1::text[]) WITH ORDINALITY AS named(name, place) ORDER BY place""",
            names,
        )


_CERTAIN = """INSERT INTO link (link_id, project_id, key_kind, key, state, reason, created_at)
SELECT borne.id, $1, borne.key_kind, borne.key, 'certain', $5, $6
FROM unnest($2::text[], $3::text[], $4::text[]) AS borne(id, key_kind, key)
ON CONFLICT (project_id, key_kind, key) DO UPDATE SET state = 'certain', reason = excluded.reason
  WHERE link.state IN ('pending', 'ended') OR (link.state = 'rejected' AND excluded.reason = 'record')"""


async def make_certain(session: Session, project_id: str, keys: Iterable[tuple[str, str]], reason: str) -> bool:
    """Link by rule; True when any of the links is new, was pending or had ended. A person's rejection stands. The caller
    holds the locks."""
    arguments = _certain(session, project_id, keys, reason)
    return bool(await session.fetch(f"{_CERTAIN} RETURNING link_id", *arguments))


def make_shown(session: Session, project_id: str, keys: Iterable[tuple[str, str]]) -> None:
    """Link to a project, before the next read, what its record shows, a person's rejection notwithstanding. The caller
    holds the locks."""
    session.gather(_CERTAIN, *_certain(session, project_id, keys, "record"))


def _certain(session: Session, project_id: str, keys: Iterable[tuple[str, str]], reason: str) -> tuple[Any, ...]:
    listed = sorted(set(keys))
    return (
        project_id,
        [new_id() for _ in listed],
        [kind for kind, _ in listed],
        [key for _, key in listed],
        reason,
        session.now,
    )


async def ask_a_person(
    session: Session, project_id: str, kind: str, key: str, reason: str, similarity: float, stated_name: str
) -> None:
    """Keep a pending link; one that was decided stays decided."""
    await session.execute(
        """INSERT INTO link (link_id, project_id, key_kind, key, state, reason, similarity, stated_name, created_at)
        VALUES ($1, $2, $3, $4, 'pending', $5, $6, $7, $8) ON CONFLICT (project_id, key_kind, key) DO NOTHING""",
        new_id(),
        project_id,
        kind,
        key,
        reason,
        similarity,
        stated_name,
        session.now,
    )


async def decide(session: Session, link_id: str, state: LinkState, by: str) -> Any | None:
    """A person's word on a pending link; None when it is not pending."""
    return await session.fetchrow(
        f"""UPDATE link SET state = $2, decided_at = $3, decided_by = $4
        WHERE link_id = $1 AND state = 'pending' RETURNING {_COLUMNS}""",
        link_id,
        state.value,
        session.now,
        by,
    )


async def confirm_by_hand(session: Session, project_id: str, kind: str, key: str, by: str) -> Any | None:
    """A link made by a person; None when the project has it already."""
    return await session.fetchrow(
        f"""INSERT INTO link (link_id, project_id, key_kind, key, state, reason, created_at, decided_at, decided_by)
        VALUES ($1, $2, $3, $4, 'confirmed', 'by_hand', $5, $5, $6)
        ON CONFLICT (project_id, key_kind, key) DO UPDATE
          SET state = 'confirmed', decided_at = excluded.decided_at, decided_by = excluded.decided_by
          WHERE link.state IN ('pending', 'rejected', 'ended')
        RETURNING {_COLUMNS}""",
        new_id(),
        project_id,
        kind,
        key,
        session.now,
        by,
    )


async def projects_by_key(session: Session, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """Active linked projects of each (kind, key), in a stable order."""
    wanted = sorted(set(keys))
    rows = await session.fetch(
        f"""SELECT link.key_kind, link.key, link.project_id
        FROM link JOIN known_project USING (project_id)
        JOIN unnest($1::text[], $2::text[]) AS wanted(key_kind, key)
          ON wanted.key_kind = link.key_kind AND wanted.key = link.key
        WHERE active AND {_HOLDS} ORDER BY 1, 2, 3""",
        [kind for kind, _ in wanted],
        [key for _, key in wanted],
    )
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["key_kind"], row["key"]), []).append(row["project_id"])
    return found


async def keys_of(session: Session, project_id: str, reason: str | None = None) -> list[tuple[str, str]]:
    """(kind, key) of the links that hold for a project, the project's own id apart; with `reason` only those made for it."""
    rows = await session.fetch(
        f"""SELECT key_kind, key FROM link WHERE project_id = $1 AND {_HOLDS} AND key_kind <> 'project_id'
          AND ($2::text IS NULL OR (reason = $2 AND state = 'certain')) ORDER BY 1, 2""",
        project_id,
        reason,
    )
    return [(row["key_kind"], row["key"]) for row in rows]


async def end(session: Session, project_id: str, keys: Iterable[tuple[str, str]]) -> None:
    """End links of a project that its record showed once. The caller holds the locks."""
    listed = sorted(set(keys))
    await session.execute(
        """UPDATE link SET state = 'ended', decided_at = $4 FROM unnest($2::text[], $3::text[]) AS gone(key_kind, key)
        WHERE project_id = $1 AND link.key_kind = gone.key_kind AND link.key = gone.key AND state = 'certain'""",
        project_id,
        [kind for kind, _ in listed],
        [key for _, key in listed],
        session.now,
    )


async def move(session: Session, project_id: str, into: str) -> list[tuple[str, str]]:
    """Give a merged project's links to the one that stays; the keys that are new there. The caller holds the locks."""
    rows = await session.fetch(
        f"""INSERT INTO link (link_id, project_id, key_kind, key, state, reason, created_at)
        SELECT gen_random_uuid()::text, $2, key_kind, key, 'certain', 'merged', $3
        FROM link WHERE project_id = $1 AND {_HOLDS} AND key_kind <> 'project_id'
        ON CONFLICT (project_id, key_kind, key) DO UPDATE SET state = 'certain', reason = 'merged'
          WHERE link.state IN ('pending', 'ended')
        RETURNING key_kind, key""",
        project_id,
        into,
        session.now,
    )
    return [(row["key_kind"], row["key"]) for row in rows]


async def get(session: Session, link_id: str) -> Any | None:
    """One link."""
    return await session.fetchrow(f"SELECT {_COLUMNS} FROM link WHERE link_id = $1", link_id)


async def listed(
    session: Session,
    *,
    state: str | None,
    project_id: str | None,
    places: Sequence[str] | None,
    after: Sequence[Any] | None,
    limit: int,
) -> Sequence[Any]:
    """Links by (link_id), `limit` + 1 of them. `places` are division prefixes a reader may see; None for all."""
    return await session.fetch(
        f"""SELECT {_COLUMNS} FROM link
        WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR project_id = $2)
          AND ($3::text IS NULL OR link_id > $3) AND key_kind <> 'project_id'
          AND ($4::text[] IS NULL OR EXISTS (
            SELECT FROM known_project p, unnest(p.divisions) AS division
            WHERE p.project_id = link.project_id AND division LIKE ANY($4)))
        ORDER BY link_id LIMIT $5""",
        state,
        project_id,
        after[0] if after else None,
        list(places) if places is not None else None,
        limit + 1,
    )
