"""What each event changes in the office's picture of a project. Nothing is published: the picture can be drawn anew."""

from __future__ import annotations

from typing import Any

from sikua_chassis.session import Session
from sikua_contracts.bridges import FactReported, FactUnavailable, FactWithdrawn
from sikua_contracts.envelope import AnyEvent, Event
from sikua_contracts.notifier import NoticeAcknowledged, NoticeFailed, NoticeSent
from sikua_contracts.registry import ProjectEnriched, ProjectMerged, ProjectRegistered, Record
from sikua_contracts.scheduler import (
    CalendarPublished,
    EscalationAcknowledged,
    EscalationRaised,
    EscalationResolved,
    StepArmed,
    StepBlocked,
    StepCompleted,
    StepPaused,
    StepSkipped,
    StepState,
    TrackClosed,
    TrackOpened,
)
from sikua_contracts.words import StepStatus

from sikua_command_office.feed.shareable import shareable
from sikua_command_office.projects import store
from sikua_command_office.store import gather_row

EscalationEvent = Event[EscalationRaised] | Event[EscalationAcknowledged] | Event[EscalationResolved]


async def keep_record(session: Session, event: AnyEvent) -> None:
    """Any event of the registry: the record as it now is. An older version never replaces a newer one."""
    said = event.data
    record: Record = said.record
    row: dict[str, Any] = {
        "project_id": record.project_id,
        "version": record.version,
        "status": record.status,
        "name": record.name,
        "divisions": record.divisions,
        "zone": record.zone,
        "chain": _value(record, "industry_chain"),
        "origins": record.origins,
        "stage": record.stage,
        "historic": record.historic,
        "crossings": [crossing.kind for crossing in record.crossings],
        "record": record,
        "changed_at": event.time,
    }
    if isinstance(said, ProjectRegistered):
        row["started"] = said.started
    if isinstance(said, ProjectEnriched):
        row["disagreeing"] = said.disagreeing
    if isinstance(said, ProjectMerged):
        row["merged_into"] = said.into
    if hasattr(said, "reason"):
        row["reason"] = said.reason
    gather_row(session, store.KEEP_PROJECT, record.project_id, row)


async def keep_step(session: Session, event: AnyEvent) -> None:
    """Any event of a step: the step as it now is, whom its block waits for, and what completed it."""
    said = event.data
    step: StepState = said.step
    row = _step_row(step, event)
    if isinstance(said, StepBlocked):
        row["waiting_for"] = said.waiting_for or {}
    elif step.status is not StepStatus.BLOCKED:
        row["waiting_for"] = {}
    if isinstance(said, StepCompleted):
        row["proof"] = said.proof
        row["late_working_days"] = said.overdue_working_days
    if isinstance(said, StepArmed):
        row["historic"] = said.historic
    if isinstance(said, StepPaused | StepSkipped):
        row["reason"] = said.reason
    gather_row(session, store.KEEP_STEP, step.step_id, row)


async def keep_track(session: Session, event: Event[TrackOpened] | Event[TrackClosed]) -> None:
    """The project came under the command office's scheduling, or left it; its open steps' ladders changed with that."""
    said = event.data
    row: dict[str, Any] = {"track_id": said.track_id, "project_id": said.project_id}
    if isinstance(said, TrackOpened):
        row |= {"open": True, "reasons": said.reasons, "opened_by": said.opened_by, "opened_at": event.time}
    else:
        row |= {"open": False, "closed_by": said.closed_by, "closed_reason": said.reason, "closed_at": event.time}
    gather_row(session, store.KEEP_TRACK, said.track_id, row)
    for step in said.steps:
        gather_row(session, store.KEEP_STEP, step.step_id, _step_row(step, event))


async def raise_escalation(session: Session, event: Event[EscalationRaised]) -> None:
    """A rung was reached."""
    said = event.data
    _keep_escalation(
        session,
        event,
        recipients=said.recipients,
        reason=said.reason,
        overdue_working_days=said.overdue_working_days,
        quiet=said.quiet,
        raised_at=event.time,
    )


async def acknowledge_escalation(session: Session, event: Event[EscalationAcknowledged]) -> None:
    """Somebody accepted the escalation."""
    said = event.data
    accepted = {"acknowledged_by": said.by, "acknowledged_at": event.time, "waits_until": said.waits_until}
    _keep_escalation(session, event, **accepted)


async def resolve_escalation(session: Session, event: Event[EscalationResolved]) -> None:
    """The escalation is over."""
    said = event.data
    _keep_escalation(session, event, resolved_by=said.by, resolved_at=event.time, resolution=said.resolution)


async def keep_calendar(session: Session, event: Event[CalendarPublished]) -> None:
    """A year's working days are known: lights and days left are reckoned with them from now on."""
    said = event.data
    row = {"year": said.year, "version": said.version, "off": said.off, "work": said.work}
    gather_row(session, store.KEEP_CALENDAR, said.year, row)


async def keep_notice(session: Session, event: Event[NoticeSent] | Event[NoticeFailed]) -> None:
    """A notice was sent, or will not get through."""
    said = event.data
    if isinstance(said, NoticeSent):
        _keep_notice(session, said, status="sent", subject_line=said.subject_line, at=said.sent_at)
    else:
        _keep_notice(session, said, status="failed", reason=said.reason, at=event.time)


async def acknowledge_notice(session: Session, event: Event[NoticeAcknowledged]) -> None:
    """The recipient has seen the notice."""
    said = event.data
    seen = {"acknowledged_by": said.acknowledged_by, "acknowledged_at": said.acknowledged_at}
    _keep_notice(session, said, status="acknowledged", **seen)


async def keep_fact(session: Session, event: Event[FactReported]) -> None:
    """What a department stated, without values above L2."""
    said = event.data
    shown = shareable(event)
    _keep_fact(
        session,
        said,
        field_values=shown["values"],
        withheld=shown.get("withheld", []),
        as_of=said.as_of,
        basis=said.basis,
        quality=said.quality,
        stated_at=event.time,
    )


async def withdraw_fact(session: Session, event: Event[FactWithdrawn]) -> None:
    """A department takes back a fact."""
    said = event.data
    _keep_fact(session, said, withdrawn_at=event.time, withdrawn_reason=said.reason)


async def keep_silence(session: Session, event: Event[FactUnavailable]) -> None:
    """A department was asked and had nothing to say."""
    said = event.data
    key = (said.project_id, said.department, said.dataset)
    row = {
        "project_id": said.project_id,
        "department": said.department,
        "dataset": said.dataset,
        "reason": said.reason,
        "asked_at": said.asked_at,
        "ask_again_at": said.ask_again_at,
    }
    gather_row(session, store.KEEP_SILENCE, key, row)


def _step_row(step: StepState, event: AnyEvent) -> dict[str, Any]:
    return {
        "step_id": step.step_id,
        "project_id": step.project_id,
        "code": step.code,
        "status": step.status,
        "state": step,
        "changed_at": event.time,
    }


def _keep_escalation(session: Session, event: EscalationEvent, **row: Any) -> None:
    said = event.data
    step, key = said.step, said.escalation_id
    about = {"project_id": step.project_id, "step_id": step.step_id, "rung": said.rung}
    gather_row(session, store.KEEP_ESCALATION, key, {"escalation_id": key, **about, **row})
    gather_row(session, store.KEEP_STEP, step.step_id, _step_row(step, event))


def _keep_notice(session: Session, said: NoticeSent | NoticeFailed | NoticeAcknowledged, **row: Any) -> None:
    about = {
        "project_id": said.project_id,
        "step_id": said.step_id,
        "escalation_id": said.escalation_id,
        "owner": said.owner,
        "recipient": said.recipient,
        "channel": said.channel,
    }
    gather_row(session, store.KEEP_NOTICE, said.notice_id, {"notice_id": said.notice_id, **about, **row})


def _keep_fact(session: Session, said: FactReported | FactWithdrawn, **row: Any) -> None:
    about = {"project_id": said.project_id, "department": said.department, "dataset": said.dataset}
    gather_row(session, store.KEEP_FACT, said.fact_id, {"fact_id": said.fact_id, **about, **row})


def _value(record: Record, field: str) -> str | None:
    statement = record.fields.get(field)
    return None if statement is None or statement.value is None else str(statement.value)
