"""A department states by itself: in our words (`POST /facts`), or in its own through the signed door (`POST /receive`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sikua_chassis import outbox
from sikua_chassis.errors import Conflict, Forbidden, NotFound
from sikua_chassis.session import Session
from sikua_contracts.bridges import FactWithdrawn

from sikua_bridge.datasets import Dataset, KeyKind, Mapped, Unmappable, row_hash
from sikua_bridge.enquiries.schedule import latest_as_of
from sikua_bridge.facts import store
from sikua_bridge.facts.items import Verdict, read_item
from sikua_bridge.facts.placing import Places, stated
from sikua_bridge.facts.statement import Statement, quality_of
from sikua_bridge.facts.stating import state
from sikua_bridge.facts.store import Kept
from sikua_bridge.links import store as links
from sikua_bridge.quarantine import store as quarantine
from sikua_bridge.quarantine.store import Origin
from sikua_bridge.tools import BridgeTools


@dataclass(frozen=True)
class _Ready:
    index: int
    found: Mapped
    statement: Statement


async def state_facts(
    session: Session, batch_id: str, items: Sequence[Mapping[str, Any]], department: str
) -> list[Verdict]:
    """A verdict per item, in order. Raises Forbidden when the department has no dataset at this bridge."""
    tools: BridgeTools = session.tools
    require_department(tools, department)
    latest = latest_as_of(session.now)
    verdicts: list[Verdict] = []
    ready: list[_Ready] = []
    for index, document in enumerate(items):
        read = read_item(document, tools.by_slug, department, latest)
        if isinstance(read, list):
            errors = [error.as_json() for error in read]
            verdicts.append(Verdict(index=index, verdict="rejected", errors=errors))
            continue
        dataset, item, found = read
        hashed = row_hash({"values": found.values, "as_of": item.as_of, "basis": item.basis})
        statement = stated(dataset, found, None, tools.granted, quality=item.quality, hashed=hashed, batch_id=batch_id)
        ready.append(_Ready(index, found, statement))
    return sorted([*verdicts, *await _settle(session, ready)], key=lambda verdict: verdict.index)


async def receive_rows(
    session: Session, dataset: Dataset, batch_id: str, rows: Sequence[Mapping[str, Any]], simulated: bool
) -> list[Verdict]:
    """Rows in the department's own words, through the same mapping as its answers. What can't be read is quarantined."""
    tools: BridgeTools = session.tools
    quality = quality_of(simulated)
    latest = latest_as_of(session.now)
    origin = Origin("receive", dataset.slug, batch_id=batch_id, simulated=simulated)
    verdicts: list[Verdict] = []
    ready: list[_Ready] = []
    for index, row in enumerate(rows):
        found = dataset.mapped(row, latest)
        if isinstance(found, Unmappable):
            await quarantine.keep_row(session, origin, found.reason, row)
            verdicts.append(Verdict(index=index, verdict="quarantined", reason=found.reason))
            continue
        statement = stated(
            dataset, found, None, tools.granted, quality=quality, hashed=row_hash(row), batch_id=batch_id
        )
        ready.append(_Ready(index, found, statement))
    return sorted([*verdicts, *await _settle(session, ready)], key=lambda verdict: verdict.index)


async def state_row(
    session: Session,
    dataset: Dataset,
    found: Mapped,
    row: Mapping[str, Any],
    asked: tuple[KeyKind, str] | None,
    *,
    simulated: bool,
    batch_id: str | None,
) -> Verdict:
    """State one row that could be read at last; `asked` is the key it once answered, None for a push."""
    tools: BridgeTools = session.tools
    statement = stated(
        dataset,
        found,
        asked,
        tools.granted,
        quality=quality_of(simulated),
        hashed=row_hash(row),
        batch_id=batch_id,
    )
    return (await _settle(session, [_Ready(0, found, statement)], asked))[0]


async def withdraw(session: Session, fact_id: str, reason: str, department: str) -> None:
    """Take a stated fact back. Raises NotFound, Forbidden (another department's), Conflict (taken back before)."""
    tools: BridgeTools = session.tools
    slug = await store.dataset_of(session, fact_id)
    if slug is None:
        raise NotFound(f"没有这条事实 · no such fact: {fact_id}")
    dataset = tools.by_slug[slug]
    if dataset.department != department:
        raise Forbidden(f"该事实由 {dataset.department} 陈述 · the fact was stated by {dataset.department}")
    row = await store.withdraw(session, fact_id)
    if row is None:
        raise Conflict("该事实已撤回 · the fact was taken back before")
    said = FactWithdrawn(
        project_id=row["project_id"], department=department, dataset=slug, fact_id=fact_id, reason=reason
    )
    outbox.publish(session, said)


def require_department(tools: BridgeTools, department: str) -> None:
    """Raises Forbidden unless this department states datasets here."""
    known = sorted(set(tools.departments.values()))
    if department not in known:
        raise Forbidden(f"本网桥只接收 {'、'.join(known)} 的数据 · this bridge speaks for {', '.join(known)} only")


async def _settle(session: Session, ready: Sequence[_Ready], among: tuple[KeyKind, str] | None = None) -> list[Verdict]:
    keys = [(each.statement.kind, each.statement.key) for each in ready]
    await links.lock_keys(session, keys if among is None else [*keys, among])
    places = Places(session, among)
    await places.read(each.statement for each in ready)
    pairs: list[tuple[Statement, str | None]] = []
    owners: list[int] = []
    for number, each in enumerate(ready):
        projects = await places.of(each.statement, each.found) or (None,)
        pairs.extend((each.statement, project_id) for project_id in projects)
        owners.extend(number for _ in projects)
    kept: list[list[Kept]] = [[] for _ in ready]
    for number, what in zip(owners, await state(session, pairs), strict=True):
        kept[number].append(what)
    standing = await store.standing(session, [what.fact_id for what in chain.from_iterable(kept) if not what.new])
    return [_verdict(each.index, whats, standing) for each, whats in zip(ready, kept, strict=True)]


def _verdict(index: int, kept: Sequence[Kept], standing: frozenset[str]) -> Verdict:
    fresh = [what.fact_id for what in kept if what.new]
    if kept[0].project_id is None:
        return Verdict(index=index, verdict="held_unlinked", reason="no_project_linked")
    if fresh:
        return Verdict(index=index, verdict="accepted", fact_ids=fresh)
    stands = any(what.fact_id in standing for what in kept)
    return Verdict(index=index, verdict="duplicate", reason="stated_before" if stands else "withdrawn_before")
