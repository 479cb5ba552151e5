"""Courses under their lock: one statement locks the plans, one reads all that concerns them, one a table writes it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sikua_chassis import outbox
from sikua_chassis.session import Session
from sikua_contracts.envelope import new_id
from sikua_contracts.registry import Record

from sikua_scheduler.calendars.store import calendar_in_force
from sikua_scheduler.course import Course, Setting
from sikua_scheduler.courses import rows
from sikua_scheduler.foretelling import told
from sikua_scheduler.plan import PlanTemplate
from sikua_scheduler.policies import Policies
from sikua_scheduler.step import Escalation

LOCK = "SELECT project_id FROM plan WHERE project_id = ANY($1::text[]) ORDER BY project_id FOR UPDATE"
LOCK_BY_STEP = """SELECT project_id FROM plan
WHERE project_id = (SELECT project_id FROM step WHERE step_id = $1) FOR UPDATE"""
LOCK_BY_ESCALATION = """SELECT project_id FROM plan
WHERE project_id = (SELECT project_id FROM escalation WHERE escalation_id = $1) FOR UPDATE"""
LOCK_BY_TRACK = """SELECT project_id FROM plan
WHERE project_id = (SELECT project_id FROM track WHERE track_id = $1) FOR UPDATE"""

READ = """SELECT to_jsonb(p) AS plan, j.record,
  (SELECT coalesce(jsonb_agg(s ORDER BY s.ordinal), '[]') FROM step s WHERE s.project_id = p.project_id) AS steps,
  (SELECT coalesce(jsonb_agg(z ORDER BY z.since, z.pause_id), '[]') FROM pause z
     JOIN step s USING (step_id) WHERE s.project_id = p.project_id) AS pauses,
  (SELECT coalesce(jsonb_agg(e ORDER BY e.raised_at, e.escalation_id), '[]') FROM escalation e
     WHERE e.project_id = p.project_id) AS escalations,
  (SELECT to_jsonb(t) FROM track t WHERE t.project_id = p.project_id
     ORDER BY t.closed_at DESC NULLS FIRST, t.opened_at DESC LIMIT 1) AS track
FROM plan p JOIN project j USING (project_id)
WHERE p.project_id = ANY($1::text[]) ORDER BY p.project_id"""


def _upsert(table: str, columns: str) -> str:
    """All columns, named between spaces, the key first."""
    names = columns.split()
    named = ", ".join(f'"{name}"' for name in names)
    changed = ", ".join(f'"{name}" = excluded."{name}"' for name in names[1:])
    return (
        f'INSERT INTO "{table}" ({named}) SELECT {named} FROM jsonb_populate_recordset(NULL::"{table}", $1::jsonb) '
        f"ON CONFLICT ({names[0]}) DO UPDATE SET {changed}"
    )


SAVE_PLANS = _upsert(
    "plan", "project_id version status fast_lane fast_lane_reason quiet created_at released_at released_by"
)
SAVE_STEPS = _upsert(
    "step",
    "step_id project_id project_name ordinal code item name_zh name_en owner_role owner_division consulted status "
    "limit_amount limit_unit cycle coordination historic armed_at started_at completed_at due_at due_provisional "
    "calendar_version before_pause block extension policy proof refuted next_rung next_rung_at tracked",
)
SAVE_PAUSES = _upsert("pause", "pause_id step_id since until reason document of_project by resumed_document resumed_by")
SAVE_ESCALATIONS = _upsert(
    "escalation",
    "escalation_id step_id project_id rung cycle raised_at reason recipients overdue_working_days quiet forced "
    "acknowledged_at acknowledged_by waits_until resolved_at resolution resolved_by",
)
SAVE_TRACKS = _upsert(
    "track",
    "track_id project_id project_name reasons opened_at opened_by order_reason document closed_at closed_by "
    "close_reason",
)
SAVE_JOURNAL = _upsert(
    "rescheduling", "rescheduling_id step_id project_id at due_before due_after calendar_version reason"
)
SAVE_RECORD = (
    _upsert("project", "project_id version name status divisions record planless_reason").replace(
        'excluded."planless_reason"', "coalesce(excluded.planless_reason, project.planless_reason)"
    )
    + " WHERE project.version <= excluded.version"
)

CLAIM_RUNGS = """INSERT INTO escalation
SELECT e.* FROM jsonb_populate_recordset(NULL::escalation, $1::jsonb) e
ON CONFLICT ON CONSTRAINT escalation_once DO NOTHING RETURNING escalation_id"""


async def setting(session: Session, template: PlanTemplate | None = None) -> Setting:
    """What holds for this unit of work; `template` is the plan's version, the current one by default."""
    policies: Policies = session.tools
    calendar = await calendar_in_force(session)
    return Setting(template or policies.plan, policies.ladder, calendar, session.now, new_id)


async def load(session: Session, project_ids: Sequence[str], *, locked: bool = False) -> list[Course]:
    """The courses of these projects, in order of id, under their locks. Projects without a plan are left out."""
    if not project_ids:
        return []
    if not locked:
        await session.fetch(LOCK, sorted(project_ids))
    found = await session.fetch(READ, sorted(project_ids))
    return [await _course(session, row) for row in found]


async def load_one(session: Session, project_id: str) -> Course | None:
    """The course of one project; None when it has no plan."""
    found = await load(session, [project_id])
    return found[0] if found else None


async def load_by(session: Session, lock: str, key: str) -> Course | None:
    """The course that a step, an escalation or a track belongs to (`lock` is one of LOCK_BY_…)."""
    project_id = await session.fetchval(lock, key)
    if project_id is None:
        return None
    found = await load(session, [project_id], locked=True)
    return found[0] if found else None


async def look(session: Session, project_id: str) -> Course | None:
    """The course without its lock, for reading only."""
    found = await load(session, [project_id], locked=True)
    return found[0] if found else None


async def claim_rungs(session: Session, escalations: Sequence[Escalation]) -> frozenset[str]:
    """Insert new rungs by their unique constraint; the ids that are ours. Another scheduler's stay theirs."""
    if not escalations:
        return frozenset()
    claimed = await session.fetch(CLAIM_RUNGS, [rows.row_of(one) for one in escalations])
    return frozenset(row["escalation_id"] for row in claimed)


def save(session: Session, course: Course) -> None:
    """Write what changed and publish what it caused, with the unit of work."""
    if course.plan != course.plan_before:
        session.gather(SAVE_PLANS, [rows.row_of(course.plan)])
    if course.touched:
        steps = [rows.row_of_step(step) for key, step in course.steps.items() if key in course.touched]
        session.gather(SAVE_STEPS, steps)
    pauses = [rows.row_of(one) for one in course.pauses if one.pause_id in course.touched_pauses]
    if pauses:
        session.gather(SAVE_PAUSES, pauses)
    escalations = [rows.row_of(one) for one in course.escalations if one.escalation_id in course.touched_escalations]
    if escalations:
        session.gather(SAVE_ESCALATIONS, escalations)
    if course.track is not None and course.track != course.track_before:
        session.gather(SAVE_TRACKS, [rows.row_of(course.track)])
    if course.journal:
        session.gather(SAVE_JOURNAL, [{"rescheduling_id": new_id(), **rows.row_of(one)} for one in course.journal])
    for said in told(course):
        outbox.publish(session, said)


def save_record(session: Session, record: Record, planless_reason: str | None = None) -> None:
    """Keep the newest record of a project; an older one changes nothing."""
    policies: Policies = session.tools
    row: dict[str, Any] = {
        "project_id": record.project_id,
        "version": record.version,
        "name": record.name,
        "status": record.status,
        "divisions": record.divisions or [policies.plan.city],
        "record": record.model_dump(mode="json"),
        "planless_reason": planless_reason,
    }
    session.gather(SAVE_RECORD, [row])


async def _course(session: Session, row: Any) -> Course:
    policies: Policies = session.tools
    plan = rows.plan_of(row["plan"])
    steps = [rows.step_of(one) for one in row["steps"]]
    track = rows.track_of(row["track"])
    return Course(
        setting=await setting(session, policies.pinned(plan.version)),
        plan=plan,
        record=Record.model_validate(row["record"]),
        steps={step.key: step for step in steps},
        pauses=rows.pauses_of(row["pauses"]),
        escalations=rows.escalations_of(row["escalations"]),
        track=track,
        plan_before=plan,
        track_before=track,
    )
