"""State rows: keep each one once per project, and say the event for those that are new. Held rows say nothing yet."""

from __future__ import annotations

from collections.abc import Sequence

from sikua_chassis import outbox
from sikua_chassis.session import Session

from sikua_bridge.datasets import KeyKind
from sikua_bridge.facts import store
from sikua_bridge.facts.statement import Statement
from sikua_bridge.tools import BridgeTools


async def state(session: Session, statements: Sequence[tuple[Statement, str | None]]) -> set[str]:
    """Keep and say these; the ids of the facts that are new. The caller holds the lock of every key."""
    new = await store.add(session, statements)
    said: set[str] = set()
    for statement, project_id in statements:
        if project_id is None:
            continue
        fact_id = statement.id_for(project_id)
        if fact_id in new and fact_id not in said:
            said.add(fact_id)
            outbox.publish(session, statement.said_of(project_id))
    return new


async def catch_up(session: Session, project_id: str, keys: Sequence[tuple[KeyKind, str]]) -> None:
    """State for a project what was stated or held under its keys before it bore them. The caller holds the locks."""
    tools: BridgeTools = session.tools
    for kind, key in keys:
        waiting = await store.under_key(session, kind.value, key, tools.departments, project_id)
        if waiting:
            await state(session, [(statement, project_id) for statement in waiting])
            await store.release(session, kind.value, key)
