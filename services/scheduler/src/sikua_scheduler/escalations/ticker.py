"""The ticker: rungs that have come are raised oldest first, in bounded batches, each by one unique insert.

Projects are locked while their steps climb and skipped when somebody else holds them, so two schedulers share the work. The
auditor looks after it: a rung long past, or no look at all, is a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sikua_chassis.session import Session
from sikua_contracts.scheduler import EscalationRaised

from sikua_scheduler.climbing import climb
from sikua_scheduler.course import Course
from sikua_scheduler.courses.store import claim_rungs, load, save
from sikua_scheduler.escalations import store

BATCH = 100
LATE = timedelta(hours=1)
BEAT = timedelta(seconds=30)
SOON = timedelta(seconds=3)


async def claim(session: Session, limit: int) -> Sequence[Course]:
    """Climb with every step whose rung has come, and take the rungs by their unique insert."""
    due = await store.claim_due(session, limit)
    steps = {step_id for step_id, _ in due}
    courses = await load(session, sorted({project_id for _, project_id in due}), locked=True)
    raised = []
    for course in courses:
        for step in [one for one in course.steps.values() if one.step_id in steps]:
            raised += climb(course, step)
    ours = await claim_rungs(session, raised)
    for course in courses:
        _keep(course, ours, {one.escalation_id for one in raised})
    return courses


async def record(session: Session, course: Course, _outcome: Any) -> None:
    """Write the climb and say what was raised."""
    save(session, course)


async def due(session: Session) -> int:
    """Steps whose next rung has come."""
    return await store.count_due(session)


async def audit(session: Session) -> bool:
    """Look at all that is open and leave a beat, unless somebody looked a moment ago."""
    last = await store.last_beat(session)
    # A finding may only mean that the ticker is at it: look again soon before anybody worries.
    wait = SOON if last is not None and last["findings"] else BEAT
    if last is None or session.recorded_at - last["recorded_at"] >= wait:
        open_escalations, findings = await store.audit(session, session.now - LATE)
        store.beat(session, open_escalations, findings)
    return False


def _keep(course: Course, ours: frozenset[str], fresh: set[str]) -> None:
    course.touched_escalations -= fresh
    course.said = [said for said in course.said if not isinstance(said, EscalationRaised) or said.escalation_id in ours]
