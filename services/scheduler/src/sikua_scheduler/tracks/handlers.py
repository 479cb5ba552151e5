"""The command office puts a project on a track by order, and takes it off again."""

from __future__ import annotations

from sikua_chassis.errors import Conflict, NotFound
from sikua_chassis.session import Session
from sikua_contracts.words import TrackReason

from sikua_scheduler import acts, scheduling
from sikua_scheduler.course import Course, PlanStatus, Track
from sikua_scheduler.courses.store import LOCK_BY_TRACK, load_by, load_one, save
from sikua_scheduler.permission import sees
from sikua_scheduler.refusals import RuleError
from sikua_scheduler.steps.handlers import by, refusal
from sikua_scheduler.transitions import ActRefused, Reason


class TrackRefused(Conflict):
    """409: the track's state doesn't allow it; `reason` is from a closed list."""

    slug = "refused-by-rule"
    title_zh = "规则不允许此操作"
    title_en = "A rule does not allow this"


async def open_by_order(session: Session, project_id: str, reason: str, document: str) -> Track:
    """Put a project on a track, or add the order to the reasons it has."""
    course = await load_one(session, project_id)
    if course is None or not sees(session.actor, course.divisions):
        raise NotFound("该项目没有计划 · this project has no plan")
    _require_live(course)
    if course.tracked and course.track is not None and TrackReason.ORDER in course.track.reasons:
        raise TrackRefused(
            "项目已按指令纳入调度 · the project is on a track by order already", reason="ordered-already"
        )
    track = scheduling.open_track(course, [TrackReason.ORDER], by(session), reason, document)
    save(session, course)
    return track


async def close(session: Session, track_id: str, reason: str) -> Track:
    """Take a project off its track."""
    course = await load_by(session, LOCK_BY_TRACK, track_id)
    track = course.track if course else None
    if course is None or track is None or not sees(session.actor, course.divisions):
        raise NotFound("没有这个调度 · there is no such track")
    if track.track_id != track_id or not track.open:
        raise TrackRefused("调度已结束 · the track is closed already", reason="closed-already")
    scheduling.close_track(course, reason, by(session))
    save(session, course)
    return course.track or track


def _require_live(course: Course) -> None:
    try:
        acts.require_open_plan(course)
        if course.plan.status is PlanStatus.FINISHED:
            raise ActRefused(Reason.PLAN_CLOSED)
    except RuleError as error:
        raise refusal(error) from error
