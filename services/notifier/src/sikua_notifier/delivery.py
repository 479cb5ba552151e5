"""Delivery: due notices are gathered into parcels, each is claimed, sent without a transaction, and recorded.

A parcel that dies on the way is sent again under the same id: mail by Message-ID, webhooks by `webhook-id`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sikua_chassis import outbox
from sikua_chassis.flow import Work
from sikua_chassis.sealing import Seals
from sikua_chassis.session import Session
from sikua_contracts.envelope import new_id
from sikua_contracts.notifier import NoticeFailed, NoticeSent

from sikua_notifier.calendars.store import calendar
from sikua_notifier.channels.smtp import MailChannel
from sikua_notifier.channels.verdicts import Reason, Refused, Sent, TryLater, Verdict
from sikua_notifier.channels.webhook import Message, WebhookChannel
from sikua_notifier.digest import Waiting, after_hold, parcels
from sikua_notifier.letter import Item, Letter
from sikua_notifier.notices.store import spoken
from sikua_notifier.parcels import store
from sikua_notifier.policy import Policy
from sikua_notifier.quiet_hours import WorkingTime
from sikua_notifier.routing import MAIL, WEBHOOK
from sikua_notifier.signing import SECRET_PREFIX, body
from sikua_notifier.silences import store as silences
from sikua_notifier.silencing import Field, Silence, longest_hold
from sikua_notifier.webhooks import store as endpoints
from sikua_notifier.wording import Content

LEASE_SECONDS = 60.0
_MOST_BUNDLES = 400


@dataclass(frozen=True)
class Tools:
    """What handlers and works find as `session.tools`."""

    policy: Policy
    mail: MailChannel
    webhooks: WebhookChannel
    seals: Seals


@dataclass(frozen=True)
class Job:
    """One claimed parcel with its notices, and what goes out; a Refused when nothing can."""

    parcel_id: str
    token: UUID
    channel: str
    address: str
    attempts: int
    notices: Sequence[Any]
    outgoing: Letter | Message | Refused
    traceparent: str | None


async def claim(session: Session, limit: int) -> Sequence[Job]:
    """Gather what has become due, then take parcels under a lease."""
    if await store.any_due(session):
        await _gather_due(session)
    token = uuid4()
    claimed = await store.claim(session, token, timedelta(seconds=LEASE_SECONDS), limit)
    return [_job(parcel, token, claimed, session.tools) for parcel in claimed.parcels]


async def act(tools: Tools, job: Job) -> Verdict:
    """Talk to the channel; no transaction is open."""
    match job.outgoing:
        case Letter() as letter:
            return await tools.mail.send(letter)
        case Message() as message:
            return await tools.webhooks.send(message)
        case Refused() as refused:
            return refused


async def record(session: Session, job: Job, verdict: Verdict) -> None:
    """Write down what became of the parcel and say it for each of its notices."""
    policy: Policy = session.tools.policy
    match verdict:
        case Sent(detail):
            if await store.finish(session, job.parcel_id, job.token, sent=True, answer=detail):
                store.mark_sent(session, job.parcel_id)
                _say_sent(session, job)
        case TryLater(reason, detail, after_seconds):
            wait = policy.retrying.wait_seconds(job.parcel_id, job.attempts, after_seconds)
            if wait is None:
                await _fail(session, job, reason, detail)
                return
            again = session.recorded_at + timedelta(seconds=wait)
            await store.postpone(session, job.parcel_id, job.token, again, f"{reason}: {detail}")
            if job.channel == WEBHOOK and after_seconds > 0:
                endpoints.pause(session, job.address, session.recorded_at + timedelta(seconds=after_seconds))
        case Refused(reason, detail):
            await _fail(session, job, reason, detail)
            if job.channel == WEBHOOK and reason is Reason.GONE:
                endpoints.disable(session, job.address, reason.value)


async def due(session: Session) -> int:
    """What could be claimed now, is claimed, or waits for its next attempt."""
    return await store.count_due(session)


DELIVER = Work(
    name="deliver",
    claim=claim,
    act=act,
    record=record,
    due=due,
    batch=16,
    concurrency=16,
    lease_seconds=LEASE_SECONDS,
    every_seconds=1.0,
)


async def _gather_due(session: Session) -> None:
    rows = {row["id"]: row for row in await store.due_notices(session, _MOST_BUNDLES)}
    in_force = await silences.in_force(session, session.now)
    working = WorkingTime(
        (await calendar(session)).is_working_day, session.tools.policy.opens, session.tools.policy.closes
    )
    free = [row for row in rows.values() if not _held(session, row, in_force, working)]
    waiting = [
        Waiting(row["id"], row["bundle"], row["recipient"], row["channel"], row["project_id"], row["address"])
        for row in free
    ]
    for parcel in parcels(waiting):
        store.pack(session, new_id(), [rows[notice.notice_id] for notice in parcel])


def _held(session: Session, row: Any, in_force: Sequence[Silence], working: WorkingTime) -> bool:
    facts = {
        Field.PROJECT_ID: row["project_id"],
        Field.ROLE: row["owner_role"],
        Field.DIVISION: row["owner_division"],
        Field.RECIPIENT: row["recipient"],
        Field.CHANNEL: row["channel"],
        Field.KIND: row["kind"],
    }
    silence = longest_hold(in_force, facts, session.now)
    if silence is None:
        return False
    when = after_hold(
        silence.ends_at,
        key=row["id"],
        recipient=row["recipient"],
        by_mail=row["channel"] == MAIL,
        urgent=row["urgent"],
        working=working,
    )
    silences.hold(session, row["id"], when.due_at, when.bundle, silence.silence_id)
    return True


def _job(parcel: Any, token: UUID, claimed: store.Claimed, tools: Tools) -> Job:
    notices = claimed.contents.get(parcel["id"], [])
    outgoing: Letter | Message | Refused
    if parcel["channel"] == MAIL:
        outgoing = _letter(parcel, notices, claimed.people.get(parcel["recipient"]), tools.policy)
    else:
        outgoing = _message(parcel, notices[0], claimed.endpoints.get(parcel["address"]), tools)
    return Job(
        parcel_id=parcel["id"],
        token=token,
        channel=parcel["channel"],
        address=parcel["address"],
        attempts=parcel["attempts"],
        notices=notices,
        outgoing=outgoing,
        traceparent=parcel["traceparent"],
    )


def _letter(parcel: Any, notices: Sequence[Any], contact: Any | None, policy: Policy) -> Letter | Refused:
    if contact is None or not contact["email"]:
        return Refused(Reason.NO_ADDRESS, "the recipient has no mail address any more")
    items = [Item(Content.from_json(row["content"]), _link(row, policy), row["id"]) for row in notices]
    return Letter(
        parcel_id=parcel["id"],
        sender=policy.mail_from,
        sender_domain=policy.mail_domain,
        recipient_name=contact["name"],
        recipient=contact["email"],
        items=items,
        written_at=parcel["written_at"],
    )


def _message(parcel: Any, notice: Any, endpoint: Any | None, tools: Tools) -> Message | Refused:
    if endpoint is None:
        return Refused(Reason.ENDPOINT_DISABLED, f"{parcel['address']} is disabled or not registered")
    data = {
        "notice_id": notice["id"],
        "project_id": notice["project_id"],
        "step_id": notice["step_id"],
        "escalation_id": notice["escalation_id"],
        "owner": {"role": notice["owner_role"], "division": notice["owner_division"]},
        "recipient": notice["recipient"],
        "urgent": notice["urgent"],
        "link": _link(notice, tools.policy),
    }
    secrets = _opened([endpoint["secret"], endpoint["secret_before"]], tools.seals)
    if not secrets:
        return Refused(Reason.MISCONFIGURED, f"no key opens the secret of {parcel['address']}: give it a new one")
    content = Content.from_json(notice["content"])
    return Message(parcel["id"], endpoint["url"], secrets, body(content, notice["created_at"], data))


def _opened(kept: Sequence[str | None], seals: Seals) -> list[str]:
    # One that was kept before there were seals stands as it is.
    found = [each if each.startswith(SECRET_PREFIX) else seals.unseal(each) for each in kept if each]
    return [secret for secret in found if secret is not None]


def _link(notice: Any, policy: Policy) -> str:
    return policy.link(notice["project_id"], notice["escalation_id"])


async def _fail(session: Session, job: Job, reason: Reason, detail: str) -> None:
    if not await store.finish(session, job.parcel_id, job.token, sent=False, answer=f"{reason}: {detail}"):
        return
    store.mark_failed(session, job.parcel_id, reason.value)
    for row in job.notices:
        outbox.publish(session, NoticeFailed(**spoken(row), reason=reason.value, attempts=job.attempts))


def _say_sent(session: Session, job: Job) -> None:
    gathered = len(job.notices) > 1
    for row in job.notices:
        said = NoticeSent(
            **spoken(row),
            subject_line=Content.from_json(row["content"]).title,
            sent_at=session.now,
            digest_id=job.parcel_id if gathered else None,
        )
        outbox.publish(session, said)
