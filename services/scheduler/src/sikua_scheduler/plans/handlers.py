"""What the registry says makes and moves plans; officers release imported ones and order the fast lane."""

from __future__ import annotations

from collections.abc import Sequence

from sikua_chassis.errors import Conflict, NotFound
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from sikua_contracts.registry import (
    ProjectAmended,
    ProjectClosed,
    ProjectCrossed,
    ProjectEnriched,
    ProjectMerged,
    ProjectRegistered,
    ProjectReopened,
    ProjectResumed,
    ProjectSuspended,
    Record,
)

from sikua_scheduler import acts, following
from sikua_scheduler.course import Course
from sikua_scheduler.courses.store import load_one, save, save_record, setting
from sikua_scheduler.plans import store
from sikua_scheduler.policies import Policies


async def plan_project(session: Session, event: Event[ProjectRegistered]) -> None:
    """A project was registered: it gets a plan, or stands among the planless with the reason."""
    record = event.data.record
    reason = following.planless(record, event.data.started)
    course = following.plan_for(await setting(session), record) if reason is None else None
    save_record(session, record, reason)
    if course is not None:
        save(session, course)


async def take_amendment(session: Session, event: Event[ProjectAmended]) -> None:
    """An officer changed the record."""
    await _follow(session, event.data.record, event.data.changed)


async def take_facts(session: Session, event: Event[ProjectEnriched]) -> None:
    """Departments' facts changed the record; what they prove is complete, and what was taken back proves nothing."""
    said = event.data
    withdrawn = said.fact_ids if said.withdrawn_reason is not None else ()
    await _follow(session, said.record, said.changed, withdrawn, said.withdrawn_reason)


async def take_crossing(session: Session, event: Event[ProjectCrossed]) -> None:
    """What the project crosses changed."""
    await _follow(session, event.data.record, None)


async def suspend(session: Session, event: Event[ProjectSuspended]) -> None:
    """All clocks of the project stop."""
    order = event.data
    course = await _loaded(session, order.record)
    if course is not None:
        acts.suspend(course, order.reason, order.document or _order(event.id), order.ordered_by)
        save(session, course)


async def resume(session: Session, event: Event[ProjectResumed]) -> None:
    """The project's clocks run again."""
    await _return(session, event.data.record, event.data.document or _order(event.id), event.data.ordered_by)


async def reopen(session: Session, event: Event[ProjectReopened]) -> None:
    """A closed project is live again."""
    await _return(session, event.data.record, event.data.document or _order(event.id), event.data.ordered_by)


async def close(session: Session, event: Event[ProjectClosed]) -> None:
    """The project left the books: its plan and all that was raised on it end."""
    order = event.data
    await _end(session, order.record, order.reason, order.document or _order(event.id), order.ordered_by)


async def merge(session: Session, event: Event[ProjectMerged]) -> None:
    """The entry was the same project as another: its plan ends."""
    into = event.data.into
    reason = f"已并入项目 {into} · merged into project {into}"
    await _end(session, event.data.record, reason, _order(event.id), event.data.merged_by)


async def release(session: Session, project_ids: list[str] | None, by: str) -> int:
    """Let imported projects speak: their escalations are no longer quiet. None: all. How many were released."""
    return await store.release(session, project_ids, by)


async def fast_lane(session: Session, project_id: str, reason: str, by: str) -> Course:
    """Put a project on the fast lane by order. NotFound without a plan, Conflict when it is there already."""
    course = await load_one(session, project_id)
    if course is None:
        raise NotFound("该项目没有计划 · this project has no plan")
    if course.plan.fast_lane:
        raise Conflict("项目已在绿色通道 · the project is on the fast lane already", reason="fast-lane-already")
    following.order_fast_lane(course, reason, by)
    save(session, course)
    return course


def _order(event_id: str) -> str:
    return f"event:{event_id}"


async def _loaded(session: Session, record: Record) -> Course | None:
    save_record(session, record)
    course = await load_one(session, record.project_id)
    if course is not None:
        course.record = record
    return course


async def _follow(
    session: Session,
    record: Record,
    changed: list[str] | None,
    withdrawn: Sequence[str] = (),
    reason: str | None = None,
) -> None:
    policies: Policies = session.tools
    if changed is not None and policies.fields_that_matter.isdisjoint(changed):
        save_record(session, record)
        return
    course = await load_one(session, record.project_id)
    save_record(session, record)
    if course is not None:
        following.follow(course, record, withdrawn, reason)
        save(session, course)


async def _return(session: Session, record: Record, document: str, by: str) -> None:
    course = await _loaded(session, record)
    if course is not None:
        acts.return_to_life(course, document, by)
        following.move_on(course)
    elif await store.planless_reason(session, record.project_id) == following.NOT_ACTIVE:
        course = following.plan_for(await setting(session), record)
        await store.planned(session, record.project_id)
    if course is not None:
        save(session, course)


async def _end(session: Session, record: Record, reason: str, document: str, by: str) -> None:
    course = await _loaded(session, record)
    if course is not None:
        acts.close(course, reason, document, by)
        following.end(course, reason)
        save(session, course)
