"""How a plan follows its project's record: laid out at registration, then names, owners, lane, track and proofs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sikua_contracts.registry import Record
from sikua_contracts.words import ProjectStatus, StepCode, StepStatus

from sikua_scheduler.course import SCHEDULER, Course, Plan, PlanStatus, Setting
from sikua_scheduler.plan import division_of, lay_out, takes_fast_lane
from sikua_scheduler.progress import advance
from sikua_scheduler.scheduling import close_track, review_track
from sikua_scheduler.withdrawing import open_again, set_aside

HAS_STARTED = "construction-started"
NOT_ACTIVE = "not-active"

PLANLESS: dict[str, tuple[str, str]] = {
    HAS_STARTED: ("登记时已开工或竣工投产，不再编制计划", "construction had started when it was registered"),
    NOT_ACTIVE: ("登记时不在推进状态，恢复后再编制计划", "not active when registered; planned once it is"),
}


def planless(record: Record, started: bool) -> str | None:
    """Why the project gets no plan, a key of `PLANLESS`; None when it gets one."""
    if started or record.stage is StepCode.START:
        return HAS_STARTED
    return None if record.status is ProjectStatus.ACTIVE else NOT_ACTIVE


def plan_for(setting: Setting, record: Record) -> Course:
    """A new plan, laid out and armed. What an import brought in stays quiet until an officer releases it."""
    fast_lane = takes_fast_lane(setting.template, record)
    ids = [setting.new_id() for _ in setting.template.nodes]
    steps = lay_out(setting.template, record, fast_lane, ids)
    plan = Plan(
        project_id=record.project_id,
        version=setting.template.version,
        status=PlanStatus.OPEN,
        fast_lane=fast_lane,
        quiet=record.historic,
        created_at=setting.now,
    )
    course = Course(setting, plan, record, {step.key: step for step in steps})
    course.touched.update(course.steps)
    move_on(course, historic=record.historic)
    return course


def follow(course: Course, record: Record, withdrawn: Collection[str] = (), reason: str | None = None) -> None:
    """Take in a newer record of the project. An older one changes nothing.

    `withdrawn` are facts that a department took back, with its `reason`: what only they proved opens again.
    """
    if record.version < course.record.version:
        return
    before, course.record = course.record, record
    _rename(course, before, record)
    if not course.plan.fast_lane and takes_fast_lane(course.setting.template, record):
        course.plan = replace(course.plan, fast_lane=True)
    if bool(before.crossings) != bool(record.crossings):
        for step in list(course.steps.values()):
            if step.is_open:
                course.put(step)
    if withdrawn:
        set_aside(course, withdrawn, before)
    move_on(course, reason=reason)


def move_on(course: Course, historic: bool = False, reason: str | None = None) -> None:
    """Review the track, open again what is proven no longer, arm what is ready, complete what is proven."""
    review_track(course)
    open_again(course, reason)
    advance(course, historic)
    review_track(course)


def order_fast_lane(course: Course, reason: str, by: str) -> None:
    """Put the project on the fast lane by order: open steps get the shorter limit from when they were armed."""
    course.plan = replace(course.plan, fast_lane=True, fast_lane_reason=reason)
    for step in list(course.steps.values()):
        if step.is_open:
            limit = course.setting.template.node(step.key).limit.of(True)
            words = f"列入绿色通道：{reason}（{by}） · put on the fast lane: {reason} ({by})"
            course.move_due(step, words, limit=limit)


def end(course: Course, reason: str) -> None:
    """Take a closed or merged project off its track."""
    close_track(course, reason, SCHEDULER)


def _rename(course: Course, before: Record, record: Record) -> None:
    template = course.setting.template
    old, new = division_of(before, template), division_of(record, template)
    for step in list(course.steps.values()):
        changes: dict[str, object] = {}
        if step.project_name != record.name:
            changes["project_name"] = record.name
        owner = template.node(step.key).owner
        waits = step.status is StepStatus.NOT_STARTED
        if old != new and waits and step.owner == owner.of(old, template.city):
            changes["owner"] = owner.of(new, template.city)
            consulted = template.node(step.key).consulted
            changes["consulted"] = tuple(one.of(new, template.city) for one in consulted)
        if changes:
            course.put(step, **changes)
