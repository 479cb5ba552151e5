"""Tracks: a project comes under the command office's scheduling for reasons, gains further ones, and leaves again."""

from __future__ import annotations

from dataclasses import replace

from sikua_contracts.scheduler import StepState, TrackClosed, TrackOpened
from sikua_contracts.words import StepCode, TrackReason

from sikua_scheduler.course import SCHEDULER, Course, PlanStatus, Track
from sikua_scheduler.plan import total_investment_wan
from sikua_scheduler.tracking import reasons
from sikua_scheduler.transitions import DONE


def review_track(course: Course) -> None:
    """Open a track, or add to it, for what the record shows now. A closed track comes back only for a new reason."""
    if course.plan.status is not PlanStatus.OPEN:
        return
    signed = course.steps[StepCode.SIGN].status in DONE
    policy = course.setting.template.tracking
    found = reasons(policy, course.record, total_investment_wan(course.record), signed)
    known = course.track.reasons if course.track else ()
    new = [reason for reason in found if reason not in known]
    if new:
        open_track(course, new, SCHEDULER)


def open_track(
    course: Course, new: list[TrackReason], by: str, reason: str | None = None, document: str | None = None
) -> Track:
    """Put the project on a track, or add reasons to the one it is on."""
    track = course.track
    if track is None or not track.open:
        track = Track(
            track_id=course.setting.new_id(),
            project_id=course.plan.project_id,
            project_name=course.record.name,
            reasons=(),
            opened_at=course.now,
            opened_by=by,
        )
    known = (*track.reasons, *(one for one in new if one not in track.reasons))
    track = replace(
        track, reasons=known, order_reason=reason or track.order_reason, document=document or track.document
    )
    course.track = track
    _settle(course, tracked=True)
    course.say(
        TrackOpened(
            track_id=track.track_id,
            project_id=track.project_id,
            project_name=course.record.name,
            steps=_open_steps(course),
            reasons=list(track.reasons),
            opened_by=by,
            quiet=course.plan.quiet,
        )
    )
    return track


def close_track(course: Course, reason: str, by: str) -> None:
    """Take the project off the command office's scheduling: rungs above red are no longer climbed."""
    track = course.track
    if track is None or not track.open:
        return
    course.track = replace(track, closed_at=course.now, closed_by=by, close_reason=reason)
    _settle(course, tracked=False)
    course.say(
        TrackClosed(
            track_id=track.track_id,
            project_id=track.project_id,
            project_name=course.record.name,
            steps=_open_steps(course),
            reason=reason,
            closed_by=by,
        )
    )


def _settle(course: Course, tracked: bool) -> None:
    for step in list(course.steps.values()):
        if step.is_open and step.tracked is not tracked:
            course.put(step, tracked=tracked)


def _open_steps(course: Course) -> list[StepState]:
    return [step.state() for step in course.steps.values() if step.is_open]
