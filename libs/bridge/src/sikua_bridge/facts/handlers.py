"""A department states by itself: in our words (`POST /facts`), or in its own through the signed door (`POST /receive`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sikua_chassis import outbox
from sikua_chassis.errors import Conflict, Forbidden, NotFound
from sikua_chassis.session import Session
from sikua_contracts.bridges import FactWithdrawn
from sikua_contracts.words import Quality

from sikua_bridge.datasets import Dataset, Mapped, Unmappable, row_hash
from sikua_bridge.disclosure import disclosed
from sikua_bridge.facts import store
from sikua_bridge.facts.items import Verdict, read_item
from sikua_bridge.facts.placing import place, statement_keys
from sikua_bridge.facts.statement import Statement, reported
from sikua_bridge.facts.stating import state
from sikua_bridge.links import store as links
from sikua_bridge.quarantine import store as quarantine
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
    verdicts: list[Verdict] = []
    ready: list[_Ready] = []
    for index, document in enumerate(items):
        read = read_item(document, tools.by_slug, department)
        if isinstance(read, list):
            errors = [error.as_json() for error in read]
            verdicts.append(Verdict(index=index, verdict="rejected", errors=errors))
            continue
        dataset, item, found = read
        hashed = row_hash({"values": found.values, "as_of": item.as_of, "basis": item.basis})
        ready.append(_Ready(index, found, _statement(tools, dataset, found, item.quality, hashed, batch_id)))
    return sorted([*verdicts, *await _settle(session, ready)], key=lambda verdict: verdict.index)


async def receive_rows(
    session: Session, dataset: Dataset, batch_id: str, rows: Sequence[Mapping[str, Any]], simulated: bool
) -> list[Verdict]:
    """Rows in the department's own words, through the same mapping as its answers. What can't be read is quarantined."""
    tools: BridgeTools = session.tools
    quality = Quality.SIMULATED if simulated else Quality.CONFIRMED
    verdicts: list[Verdict] = []
    ready: list[_Ready] = []
    for index, row in enumerate(rows):
        found = dataset.mapped(row)
        if isinstance(found, Unmappable):
            await quarantine.keep_row(session, "receive", dataset.slug, "", found.reason, row, batch_id)
            verdicts.append(Verdict(index=index, verdict="quarantined", reason=found.reason))
            continue
        ready.append(_Ready(index, found, _statement(tools, dataset, found, quality, row_hash(row), batch_id)))
    return sorted([*verdicts, *await _settle(session, ready)], key=lambda verdict: verdict.index)


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


def _statement(
    tools: BridgeTools, dataset: Dataset, found: Mapped, quality: Quality, hashed: str, batch_id: str
) -> Statement:
    kind, key = statement_keys(dataset, found)
    values = disclosed(dataset, found.values, tools.granted)
    return reported(
        dataset,
        kind,
        key,
        values,
        as_of=found.as_of,
        basis=found.basis,
        quality=quality,
        row_hash=hashed,
        batch_id=batch_id,
    )


async def _settle(session: Session, ready: Sequence[_Ready]) -> list[Verdict]:
    await links.lock_keys(session, [(each.statement.kind.value, each.statement.key) for each in ready])
    placed = [(each, await place(session, each.statement, each.found, among=None)) for each in ready]
    pairs = [(each.statement, project_id) for each, projects in placed for project_id in projects or (None,)]
    new = await state(session, pairs)
    verdicts = []
    for each, projects in placed:
        ids = [each.statement.id_for(project_id) for project_id in projects]
        fresh = [fact_id for fact_id in ids if fact_id in new]
        new.difference_update(fresh)
        if not projects:
            verdict = Verdict(index=each.index, verdict="held_unlinked", reason="no_project_linked")
        elif fresh:
            verdict = Verdict(index=each.index, verdict="accepted", fact_ids=fresh)
        else:
            verdict = Verdict(index=each.index, verdict="duplicate", reason="stated_before")
        verdicts.append(verdict)
    return verdicts
