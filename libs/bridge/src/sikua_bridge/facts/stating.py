"""State rows: keep each one once per project, and say the event for those that are new. Held rows say nothing yet."""

from __future__ import annotations

from collections.abc import Sequence

from sikua_chassis import outbox
from sikua_chassis.session import Session
from sikua_contracts.bridges import FactWithdrawn

from sikua_bridge.datasets import KeyKind
from sikua_bridge.facts import store
from sikua_bridge.facts.statement import Statement
from sikua_bridge.facts.store import Kept
from sikua_bridge.tools import BridgeTools

_UNLINKED = "该项目不再使用此标识 · the project's record no longer shows this key"


async def state(
    session: Session, statements: Sequence[tuple[Statement, str | None]], *, again: bool = False
) -> list[Kept]:
    """Keep and say these, in order; each once. The caller holds the lock of every key.

    `again`: meanwhile it was said that nothing is known, so what holds is said again under its old id.
    """
    kept = await store.add(session, statements)
    repeated = await store.repeat(session, [each.fact_id for each in kept if not each.new]) if again else frozenset()
    said: set[str] = set()
    for each in kept:
        if each.project_id is None or each.fact_id in said:
            continue
        if each.new or each.fact_id in repeated:
            said.add(each.fact_id)
            outbox.publish(session, each.statement.said_of(each.project_id, each.fact_id))
    return kept


async def catch_up(session: Session, project_id: str, keys: Sequence[tuple[KeyKind, str]]) -> None:
    """State for a project what was stated or held under its keys before it bore them. The caller holds the locks."""
    tools: BridgeTools = session.tools
    listed = [(kind.value, key) for kind, key in keys]
    waiting = await store.under_keys(session, listed, tools.departments, project_id)
    if waiting:
        await state(session, [(statement, project_id) for statement in waiting])
        await store.release(session, listed)


async def take_back(session: Session, project_id: str, keys: Sequence[tuple[KeyKind, str]]) -> None:
    """Take back what was stated for a project under keys that are no longer its own. The caller holds the locks."""
    tools: BridgeTools = session.tools
    for kind, key in keys:
        for fact_id, dataset in await store.unlink(session, project_id, kind.value, key):
            said = FactWithdrawn(
                project_id=project_id,
                department=tools.departments[dataset],
                dataset=dataset,
                fact_id=fact_id,
                reason=_UNLINKED,
            )
            outbox.publish(session, said)
