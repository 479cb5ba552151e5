"""The work *enquire*: claim due questions, ask outside any transaction, record what came.

A found row is stated for every project linked to its key. What is missing, refused or late is said too, with when it is
asked for again. A fault on the way is retried in real time; after enough of them the department counts as away for an
hour of business time.
"""

from __future__ import annotations

from datetime import datetime

from sikua_chassis.flow import Work
from sikua_chassis.session import Session

from sikua_bridge.answers import Answer, Found, NoSuchSubject, NotYet, Refused, TryLater, Unreadable
from sikua_bridge.datasets import Dataset, Mapped, Unmappable, row_hash
from sikua_bridge.department import Question
from sikua_bridge.enquiries import schedule, store
from sikua_bridge.enquiries.store import Claimed, EnquiryState
from sikua_bridge.facts.placing import Places, stated
from sikua_bridge.facts.statement import Statement, quality_of, unavailable
from sikua_bridge.facts.stating import state
from sikua_bridge.links import store as links
from sikua_bridge.quarantine import store as quarantine
from sikua_bridge.quarantine.store import Origin
from sikua_bridge.tools import BridgeTools


async def act(tools: BridgeTools, claimed: Claimed) -> Answer:
    """Ask the department; not once more when asking has never come to an end, however often it was begun."""
    if claimed.attempts > tools.backoff.attempts:
        return Unreadable(f"多次提问而未能记录 · asked {claimed.attempts - 1} times and never recorded", "")
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
            await _nothing(session, dataset, claimed, EnquiryState.NOT_YET, reason, again)
        case Refused(code, reason):
            said = f"{code}: {reason}" if reason else code
            await _nothing(session, dataset, claimed, EnquiryState.REFUSED, said, now + schedule.AFTER_FAILURE)
        case Unreadable(reason, raw):
            await _unreadable(session, dataset, claimed, reason, raw)
        case TryLater():
            await _later(session, tools, dataset, claimed, answer)


async def _unreadable(session: Session, dataset: Dataset, claimed: Claimed, reason: str, raw: str) -> None:
    await links.lock_keys(session, [(claimed.kind.value, claimed.key)])
    again = session.now + schedule.AFTER_FAILURE
    if await store.finish(session, claimed, EnquiryState.QUARANTINED, reason, again) is not None:
        origin = Origin("enquiry", dataset.slug, claimed.kind, claimed.key)
        await quarantine.keep_answer(session, origin, reason, raw)


async def _later(session: Session, tools: BridgeTools, dataset: Dataset, claimed: Claimed, fault: TryLater) -> None:
    stable = f"{claimed.dataset}|{claimed.key}"
    wait = tools.backoff.wait(stable, claimed.attempts, fault.after_seconds)
    if wait is not None:
        await store.retry(session, claimed, fault.reason, session.recorded_at + wait)
        return
    reason = "部门系统多次无应答 · the department did not answer, again and again"
    await _nothing(session, dataset, claimed, EnquiryState.AWAY, reason, session.now + schedule.AFTER_OUTAGE)


async def _nothing(
    session: Session, dataset: Dataset, claimed: Claimed, became: EnquiryState, reason: str, ask_again_at: datetime
) -> None:
    """Say that there is nothing, if that is news: not at every asking that brings the same answer."""
    key = (claimed.kind.value, claimed.key)
    await links.lock_keys(session, [key])
    before = await store.finish(session, claimed, became, reason, ask_again_at)
    if before is None or (before.state is became and before.reason == reason and became is not EnquiryState.NOT_YET):
        return
    statement = unavailable(
        dataset,
        claimed.kind,
        claimed.key,
        reason=reason,
        asked_at=session.now,
        ask_again_at=ask_again_at,
        recorded_at=session.recorded_at,
    )
    projects = (await links.projects_by_key(session, [key])).get(key, [])
    await state(session, [(statement, project_id) for project_id in projects])


async def _found(session: Session, tools: BridgeTools, dataset: Dataset, claimed: Claimed, answer: Found) -> None:
    latest = schedule.latest_as_of(session.now)
    asked = (claimed.kind, claimed.key)
    read = [(row, dataset.answering(row, asked, latest)) for row in answer.rows]
    mapped = [(row, found) for row, found in read if isinstance(found, Mapped)]
    settled = bool(mapped) and len(mapped) == len(read) and all(found.settled for _, found in mapped)
    ask_at = schedule.after_found(dataset, session.now, settled, answer.next_change_at)
    reason = None if answer.rows else "部门无相应记录 · nothing is recorded there"
    quality = quality_of(answer.simulated)
    statements = [
        (found, stated(dataset, found, asked, tools.granted, quality=quality, hashed=row_hash(row)))
        for row, found in mapped
    ]
    await links.lock_keys(session, [asked, *((made.kind, made.key) for _, made in statements)])
    before = await store.finish(session, claimed, EnquiryState.FOUND, reason, ask_at)
    if before is None:
        return
    places = Places(session, among=asked)
    await places.read(statement for _, statement in statements)
    placed: list[tuple[Statement, str | None]] = []
    for found, statement in statements:
        projects = await places.of(statement, found)
        placed.extend((statement, project_id) for project_id in projects or (None,))
    await state(session, placed, again=before.state in store.NOTHING)
    for row, outcome in read:
        if isinstance(outcome, Unmappable):
            origin = Origin("enquiry", dataset.slug, claimed.kind, claimed.key, simulated=answer.simulated)
            await quarantine.keep_row(session, origin, outcome.reason, row)


ENQUIRE = Work(
    name="enquire",
    claim=store.claim,
    act=act,
    record=record,
    due=store.due,
    batch=40,
    lease_seconds=70.0,
    concurrency=8,
    every_seconds=0.5,
    claims_at_once=True,
)
