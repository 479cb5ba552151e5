"""What people do with an escalation: accept it, push it higher, put it right."""

from __future__ import annotations

from collections.abc import Callable

from sikua_chassis.errors import NotFound
from sikua_chassis.session import Session
from sikua_contracts.words import Rung

from sikua_scheduler import climbing
from sikua_scheduler.course import Course
from sikua_scheduler.courses.store import LOCK_BY_ESCALATION, load_by, save
from sikua_scheduler.permission import sees
from sikua_scheduler.refusals import RuleError
from sikua_scheduler.step import Escalation
from sikua_scheduler.steps.handlers import by, refusal

Change = Callable[[Course, Escalation], Escalation]


async def acknowledge(session: Session, escalation_id: str) -> Escalation:
    """Accept it: the next rung waits."""
    return await _act(session, escalation_id, lambda course, one: climbing.acknowledge(course, one, by(session)))


async def push(session: Session, escalation_id: str, rung: Rung | None, reason: str) -> Escalation:
    """Push it to the next rung or a higher one by order; the new escalation."""
    return await _act(session, escalation_id, lambda course, one: climbing.push(course, one, rung, reason, by(session)))


async def resolve(session: Session, escalation_id: str, resolution: str) -> Escalation:
    """Put it right."""
    return await _act(
        session, escalation_id, lambda course, one: climbing.resolve(course, one, resolution, by(session))
    )


async def _act(session: Session, escalation_id: str, change: Change) -> Escalation:
    course = await load_by(session, LOCK_BY_ESCALATION, escalation_id)
    found = next((one for one in course.escalations if one.escalation_id == escalation_id), None) if course else None
    if course is None or found is None or not sees(session.actor, course.divisions):
        raise NotFound("没有这个督办 · there is no such escalation")
    try:
        changed = change(course, found)
    except RuleError as error:
        raise refusal(error) from error
    save(session, course)
    return changed
