"""Courses for tests: the shipped policies, a record, and a clock that the test turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sikua_contracts.registry import Crossing, Record, Statement
from sikua_contracts.words import CrossingKind, ProjectStatus, Quality, StepCode
from sikua_rules.working_days import WorkCalendar
from sikua_scheduler import following
from sikua_scheduler.app import policies
from sikua_scheduler.course import Course, Setting
from sikua_scheduler.step import Step

POLICIES = policies()
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""2026-03-02 09:00 in Shanghai."""

CROSSING = Crossing(kind=CrossingKind.DISTRICT, declared=False, reason="two districts")


def _ids() -> Iterator[str]:
    return (f"id-{number:04d}" for number in count(1))


def setting(now: datetime = MONDAY, calendar: WorkCalendar | None = None) -> Setting:
    """What holds at `now`."""
    ids = _ids()
    return Setting(POLICIES.plan, POLICIES.ladder, calendar or WorkCalendar.official(), now, lambda: next(ids))


def record(stage: StepCode | None = None, **more: Any) -> Record:
    """A record of a project in 黄岛."""
    fields = {"project_id": "p-1", "version": 1, "status": ProjectStatus.ACTIVE, "name": "测试项目"}
    return Record(**{**fields, "divisions": ["370211"], "stage": stage, **more})


def stated(
    value: Any, fact_id: str | None = "f-1", stated_by: str = "tax", quality: Quality = Quality.STATED
) -> Statement:
    """One field's statement."""
    return Statement(value=value, stated_by=stated_by, as_of=MONDAY, basis="test", quality=quality, fact_id=fact_id)


def begun(stage: StepCode | None = None, now: datetime = MONDAY, **more: Any) -> Course:
    """A plan just laid out."""
    return following.plan_for(setting(now), record(stage, **more))


def at(course: Course, now: datetime) -> Course:
    """The same course later, nothing said yet."""
    course.setting = replace(course.setting, now=now)
    course.said.clear()
    return course


def step(course: Course, key: str) -> Step:
    """A step by its key."""
    return course.steps[key]


def kinds(course: Course) -> list[str]:
    """What was said, by type, without the common parts."""
    return [said.type.removeprefix("cn.sikua.").removesuffix(".v1") for said in course.said]
