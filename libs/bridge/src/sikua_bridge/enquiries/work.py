"""The work *enquire*: claim due questions, ask outside any transaction, record what came.

A found row is stated for every project linked to its key. What is missing, refused or late is said too, with when it is
asked for again. A fault on the way is retried in real time; after enough of them the department counts as away until
the next day.
"""

from __future__ import annotations

from datetime import datetime

from sikua_chassis.flow import Work
from sikua_chassis.session import Session
from sikua_contracts.words import Quality

from sikua_bridge.answers import Answer, Found, NoSuchSubject, NotYet, Refused, Row, TryLater, Unreadable
from sikua_bridge.datasets import Dataset, KeyKind, Mapped, Unmappable, row_hash
from sikua_bridge.department import Question
from sikua_bridge.disclosure import disclosed
from sikua_bridge.enquiries import schedule, store
from sikua_bridge.enquiries.store import Claimed, EnquiryState
from sikua_bridge.facts.placing import place, statement_keys
from sikua_bridge.facts.statement import Statement, reported, unavailable
from sikua_bridge.facts.stating import state
from sikua_bridge.links import store as links
from sikua_bridge.quarantine import store as quarantine
from sikua_bridge.tools import BridgeTools


async def act(tools: BridgeTools, claimed: Claimed) -> Answer:
    """Ask the department."""
    return await tools.gateway.ask(Question(claimed.dataset, claimed.kind, claimed.key))


async def record(session: Session, claimed: Claimed, answer: Answer) -> None:
    """Finish the enquiry and state what it brought, in one unit of work."""
    tools: BridgeTools = session.tools
    dataset = tools.by_slug[claimed.dataset]
    now = session.now
    match answer:
        case Found():
            await _found(session, tools, dataset, claimed, answer)
        case NoSuchSubject(reason):
            await _nothing(
                session, dataset, claimed, EnquiryState.NOT_FOUND, reason, schedule.after_absence(dataset, now)
            )
        case NotYet(ask_at, reason):
            again = schedule.after_not_yet(now, ask_at)
            await _nothing(session, dataset, claimed, EnquiryState.NOT_YET, reason, again, named=True)
        case Refused(code, reason):
            said = f"{code}: {reason}" if reason else code
            await _nothing(session, dataset, claimed, EnquiryState.REFUSED, said, now + schedule.AFTER_FAILURE)
        case Unreadable(reason, raw):
            again = now + schedule.AFTER_FAILURE
            if await store.finish(session, claimed, EnquiryState.QUARANTINED, reason, again):
                await quarantine.keep(
                    session, source="enquiry", dataset=dataset.slug, key=claimed.key, reason=reason, raw=raw
                )
        case TryLater():
            await _later(session, tools, dataset, claimed, answer)


async def _later(session: Session, tools: BridgeTools, dataset: Dataset, claimed: Claimed, fault: TryLater) -> None:
    stable = f"{claimed.dataset}|{claimed.key}"
    wait = tools.backoff.wait(stable, claimed.attempts + 1, fault.after_seconds)
    if wait is not None:
        await store.retry(session, claimed, fault.reason, session.recorded_at + wait)
        return
    reason = f"部门系统多次无应答 · the department did not answer: {fault.reason}"
    await _nothing(session, dataset, claimed, EnquiryState.AWAY, reason, session.now + schedule.AFTER_FAILURE)


async def _nothing(
    session: Session,
    dataset: Dataset,
    claimed: Claimed,
    became: EnquiryState,
    reason: str,
    ask_again_at: datetime,
    named: bool = False,
) -> None:
    if not await store.finish(session, claimed, became, reason, ask_again_at):
        return
    key = (claimed.kind.value, claimed.key)
    await links.lock_keys(session, [key])
    statement = unavailable(
        dataset,
        claimed.kind,
        claimed.key,
        reason=reason,
        asked_at=session.now,
        ask_again_at=ask_again_at,
        named=named,
    )
    projects = (await links.projects_by_key(session, [key])).get(key, [])
    await state(session, [(statement, project_id) for project_id in projects])


async def _found(session: Session, tools: BridgeTools, dataset: Dataset, claimed: Claimed, answer: Found) -> None:
    read = [(row, _read(dataset, claimed, row)) for row in answer.rows]
    mapped = [(row, found) for row, found in read if isinstance(found, Mapped)]
    settled = bool(mapped) and len(mapped) == len(read) and all(found.settled for _, found in mapped)
    ask_at = schedule.after_found(dataset, session.now, settled, answer.next_change_at)
    reason = None if answer.rows else "部门无相应记录 · nothing is recorded there"
    if not await store.finish(session, claimed, EnquiryState.FOUND, reason, ask_at):
        return
    quality = Quality.SIMULATED if answer.simulated else Quality.CONFIRMED
    statements = [(found, _statement(tools, dataset, claimed, row, found, quality)) for row, found in mapped]
    asked = (claimed.kind, claimed.key)
    await links.lock_keys(session, [asked, *((made.kind, made.key) for _, made in statements)])
    placed: list[tuple[Statement, str | None]] = []
    for found, statement in statements:
        projects = await place(session, statement, found, among=asked)
        placed.extend((statement, project_id) for project_id in projects or (None,))
    await state(session, placed)
    for row, outcome in read:
        if isinstance(outcome, Unmappable):
            await quarantine.keep_row(session, "enquiry", dataset.slug, claimed.key, outcome.reason, row)


def _read(dataset: Dataset, claimed: Claimed, row: Row) -> Mapped | Unmappable:
    found = dataset.mapped(row)
    if isinstance(found, Mapped) and claimed.kind is not KeyKind.NAME:
        named = found.keys.get(claimed.kind, claimed.key)
        if named != claimed.key:
            return Unmappable(f"answers_another_key: asked for {claimed.key}, got {named}")
    return found


def _statement(
    tools: BridgeTools, dataset: Dataset, claimed: Claimed, row: Row, found: Mapped, quality: Quality
) -> Statement:
    kind, key = (claimed.kind, claimed.key) if claimed.kind is not KeyKind.NAME else statement_keys(dataset, found)
    return reported(
        dataset,
        kind,
        key,
        disclosed(dataset, found.values, tools.granted),
        as_of=found.as_of,
        basis=found.basis,
        quality=quality,
        row_hash=row_hash(row),
    )


ENQUIRE = Work(
    name="enquire",
    claim=store.claim,
    act=act,
    record=record,
    due=store.due,
    batch=40,
    lease_seconds=40.0,
    concurrency=8,
    every_seconds=0.5,
)
