"""An event becomes notices: who stands for its owners, in which words, through which channels, leaving when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sikua_chassis import outbox
from sikua_chassis.errors import Forbidden, NotFound
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event, new_id
from sikua_contracts.notifier import NoticeAcknowledged, NoticeFailed
from sikua_contracts.scheduler import (
    EscalationAcknowledged,
    EscalationRaised,
    EscalationResolved,
    StepArmed,
    StepBlocked,
    StepReassigned,
    StepState,
    TrackOpened,
)
from sikua_contracts.words import Owner

from sikua_notifier import wording
from sikua_notifier.calendars.store import calendar
from sikua_notifier.contacts.store import contacts_of, people_for
from sikua_notifier.digest import timing
from sikua_notifier.kinds import URGENT
from sikua_notifier.notices import store
from sikua_notifier.policy import Policy
from sikua_notifier.quiet_hours import WorkingTime
from sikua_notifier.routing import COORDINATOR, MAIL, Contact, Unreachable, routes

_NOWHERE = "none"


@dataclass(frozen=True)
class Telling:
    """What is told, whoever hears it."""

    event_id: str
    content: wording.Content
    project_id: str
    project_name: str
    step_id: str | None = None
    escalation_id: str | None = None

    @property
    def urgent(self) -> bool:
        """Whether it waits for nothing."""
        return self.content.kind in URGENT


async def tell_armed(session: Session, event: Event[StepArmed]) -> None:
    """It is the owner's turn. What an import armed tells nobody."""
    said = event.data
    if not said.historic:
        await _tell_of_step(session, event.id, said.step, wording.armed(said.step), [said.step.owner])


async def tell_blocked(session: Session, event: Event[StepBlocked]) -> None:
    """The owner, whoever is waited for, and for a tracked project the coordinator hear of a block."""
    said = event.data
    owners = [said.waiting_for] if said.waiting_for is not None else []
    owners += [said.step.owner, *([COORDINATOR] if said.step.tracked else [])]
    content = wording.blocked(said.step, said.reason, said.waiting_for)
    await _tell_of_step(session, event.id, said.step, content, owners)


async def tell_reassigned(session: Session, event: Event[StepReassigned]) -> None:
    """The new owner hears."""
    said = event.data
    content = wording.reassigned(said.step, said.owner_before, said.reason)
    await _tell_of_step(session, event.id, said.step, content, [said.step.owner])


async def tell_raised(session: Session, event: Event[EscalationRaised]) -> None:
    """The rung's recipients hear, unless the escalation is quiet."""
    said = event.data
    if not said.quiet:
        content = wording.raised(said)
        await _tell_of_step(session, event.id, said.step, content, said.recipients, said.escalation_id)


async def stop_watching(session: Session, event: Event[EscalationAcknowledged]) -> None:
    """Somebody accepted the escalation: no deputy need hear of it."""
    store.end_watch(session, event.data.escalation_id)


async def tell_resolved(session: Session, event: Event[EscalationResolved]) -> None:
    """Whoever was told hears that it is over; what has not left yet is withdrawn instead."""
    said = event.data
    store.end_watch(session, said.escalation_id)
    await store.withdraw(session, said.escalation_id, session.now)
    told = {found.recipient: found.owner for found in await store.told(session, said.escalation_id)}
    contacts = await contacts_of(session, sorted(told))
    telling = _telling(event.id, said.step, wording.resolved(said), said.escalation_id)
    for person, contact in sorted(contacts.items()):
        await tell_contact(session, telling, told[person], contact)


async def tell_tracked(session: Session, event: Event[TrackOpened]) -> None:
    """The coordinator hears that a project came under scheduling, unless its plan is quiet."""
    said = event.data
    if not said.quiet:
        content = wording.tracked(said.project_name, said.reasons)
        await tell(session, Telling(event.id, content, said.project_id, said.project_name), [COORDINATOR])


async def tell(session: Session, telling: Telling, owners: Iterable[Owner]) -> None:
    """Make notices for everybody who stands for these owners; an owner for whom nobody stands makes a failed one."""
    wanted = list(dict.fromkeys(owners))
    people = await people_for(session, wanted)
    found, missing = routes(wanted, people.roster, people.contacts)
    for route in found:
        await tell_contact(session, telling, route.owner, route.contact)
    for unreachable in missing:
        _tell_nobody(session, telling, unreachable)


async def tell_contact(
    session: Session, telling: Telling, owner: Owner, contact: Contact, deputy_of: str | None = None
) -> None:
    """One notice for each way in which this person is reached. A deputy's notice is not watched in turn."""
    policy: Policy = session.tools.policy
    working = WorkingTime((await calendar(session)).is_working_day, policy.opens, policy.closes)
    watched = telling.urgent and deputy_of is None
    for channel, address in contact.addresses():
        notice_id = new_id()
        when = timing(
            session.now,
            key=notice_id,
            recipient=contact.person,
            by_mail=channel == MAIL,
            urgent=telling.urgent,
            hours=policy.digest,
            working=working,
        )
        notice = store.NewNotice(
            notice_id=notice_id,
            event_id=telling.event_id,
            content=telling.content,
            project_id=telling.project_id,
            project_name=telling.project_name,
            step_id=telling.step_id,
            escalation_id=telling.escalation_id,
            owner=owner,
            recipient=contact.person,
            channel=channel,
            address="" if channel == MAIL else address,
            urgent=telling.urgent,
            due_at=when.due_at,
            bundle=when.bundle,
            watch_until=working.after(session.now, policy.deputy_after) if watched else None,
            deputy_of=deputy_of,
        )
        store.add(session, notice)


async def acknowledge(session: Session, notice_id: str) -> Any:
    """The recipient, or the command office, has seen the notice. Saying it twice changes nothing. Returns the row."""
    row = await visible_notice(session, notice_id)
    actor = session.actor
    if actor is None or (actor.sub != row["recipient"] and "command_office" not in actor.roles):
        raise Forbidden("只有收件人或指挥部办公室可以确认 · only the recipient or the command office may acknowledge")
    if row["acknowledged_at"] is None and await store.acknowledge(session, row, actor.sub):
        said = NoticeAcknowledged(**store.spoken(row), acknowledged_by=actor.sub, acknowledged_at=session.now)
        outbox.publish(session, said)
        row = await store.one(session, notice_id)
    return row


async def visible_notice(session: Session, notice_id: str) -> Any:
    """The notice's row, if the caller may see it. Raises NotFound, also for one of a foreign district."""
    row = await store.one(session, notice_id)
    actor = session.actor
    if row is None or actor is None or not (actor.sub == row["recipient"] or actor.sees(row["owner_division"])):
        raise NotFound(f"没有这条通知 · no such notice: {notice_id}")
    return row


async def _tell_of_step(
    session: Session,
    event_id: str,
    step: StepState,
    content: wording.Content,
    owners: Iterable[Owner],
    escalation_id: str | None = None,
) -> None:
    await tell(session, _telling(event_id, step, content, escalation_id), owners)


def _telling(event_id: str, step: StepState, content: wording.Content, escalation_id: str | None) -> Telling:
    telling = Telling(event_id, content, step.project_id, step.project_name, step.step_id)
    return replace(telling, escalation_id=escalation_id)


def _tell_nobody(session: Session, telling: Telling, unreachable: Unreachable) -> None:
    owner = unreachable.owner
    recipient = f"{owner.role}@{owner.division}"
    notice_id = new_id()
    notice = store.NewNotice(
        notice_id=notice_id,
        event_id=telling.event_id,
        content=telling.content,
        project_id=telling.project_id,
        project_name=telling.project_name,
        step_id=telling.step_id,
        escalation_id=telling.escalation_id,
        owner=owner,
        recipient=recipient,
        channel=_NOWHERE,
        address="",
        urgent=telling.urgent,
        due_at=session.now,
        bundle=notice_id,
        reason=unreachable.reason,
    )
    store.add(session, notice)
    said = NoticeFailed(
        notice_id=notice_id,
        project_id=telling.project_id,
        step_id=telling.step_id,
        escalation_id=telling.escalation_id,
        owner=owner,
        recipient=recipient,
        channel=_NOWHERE,
        reason=unreachable.reason,
        attempts=0,
    )
    outbox.publish(session, said)
