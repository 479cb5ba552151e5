"""Events about one made-up project, as the other services would say them to the command office."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sikua_contracts.bridges import FactReported, FieldValue
from sikua_contracts.envelope import Level, new_id
from sikua_contracts.notifier import NoticeSent
from sikua_contracts.registry import Crossing, ProjectEnriched, ProjectRegistered, Record, Statement
from sikua_contracts.scheduler import (
    EscalationAcknowledged,
    EscalationRaised,
    StepArmed,
    StepBlocked,
    StepState,
    TrackOpened,
)
from sikua_contracts.words import (
    STEP_NAMES,
    CrossingKind,
    Owner,
    ProjectStatus,
    Quality,
    Rung,
    StepCode,
    StepStatus,
    TrackReason,
)
from sikua_rules.limits import LimitUnit

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
RESOURCES = Owner(role="natural_resources", division="370200")


def a_statement(value: Any, by: str = "reform", fact_id: str | None = None) -> Statement:
    """A field's value as a department stated it."""
    return Statement(value=value, stated_by=by, as_of=AT, basis="备案", quality=Quality.SIMULATED, fact_id=fact_id)


def a_record(project_id: str, division: str = "370211", **more: Any) -> Record:
    """A project's record."""
    given: dict[str, Any] = {
        "version": 1,
        "status": ProjectStatus.ACTIVE,
        "name": f"项目 {project_id[-4:]}",
        "divisions": [division],
        "crossings": [Crossing(kind=CrossingKind.FIELD, declared=False, reason="两个领域")],
        "fields": {"total_investment_wan": a_statement("300000.0000", "import")},
    }
    return Record(project_id=project_id, **{**given, **more})


def registered(project_id: str, division: str = "370211", **more: Any) -> ProjectRegistered:
    """The project enters the registry."""
    return ProjectRegistered(record=a_record(project_id, division, **more), registered_by="test")


def enriched(project_id: str, version: int, **fields: Statement) -> ProjectEnriched:
    """Facts changed the record."""
    record = a_record(project_id, version=version, fields=fields)
    return ProjectEnriched(record=record, changed=sorted(fields), fact_ids=["f1"])


def a_step(project_id: str, status: StepStatus = StepStatus.ARMED, **more: Any) -> StepState:
    """The project's step 落实指标, due on the Friday after AT."""
    name_zh, name_en = STEP_NAMES[StepCode.QUOTA]
    given: dict[str, Any] = {
        "owner": RESOURCES,
        "limit_amount": 4,
        "limit_unit": LimitUnit.WORKING_DAY,
        "armed_at": AT,
        "due_at": AT + timedelta(days=4, hours=8.5),
        "name_zh": name_zh,
        "name_en": name_en,
        "project_name": f"项目 {project_id[-4:]}",
    }
    return StepState(
        step_id=f"{project_id}-quota", project_id=project_id, code=StepCode.QUOTA, status=status, **{**given, **more}
    )


def armed(project_id: str) -> StepArmed:
    """The step's clock runs."""
    return StepArmed(step=a_step(project_id))


def blocked(project_id: str, reason: str = "能耗指标未落实") -> StepBlocked:
    """Something holds the step up."""
    ecology = Owner(role="ecology", division="370211")
    step = a_step(project_id, StepStatus.BLOCKED, blocked_reason=reason)
    return StepBlocked(step=step, reason=reason, waiting_for=ecology, by="owner")


def tracked(project_id: str, *steps: StepState) -> TrackOpened:
    """The project comes under the command office's scheduling; `steps`: its open steps, as they now are."""
    return TrackOpened(
        track_id=f"{project_id}-track",
        project_id=project_id,
        project_name="项目",
        reasons=[TrackReason.CROSSING],
        opened_by="scheduler",
        steps=list(steps),
    )


def raised(project_id: str, rung: Rung = Rung.RED, **more: Any) -> EscalationRaised:
    """A rung was reached; `more` of its step, say what comes next on it."""
    return EscalationRaised(
        escalation_id=f"{project_id}-{rung}",
        rung=rung,
        step=a_step(project_id, StepStatus.BLOCKED, blocked_reason="能耗指标未落实", **more),
        recipients=[RESOURCES],
        reason="overdue",
        overdue_working_days=5,
    )


def accepted(project_id: str, rung: Rung = Rung.RED, by: str = "王晓", **more: Any) -> EscalationAcknowledged:
    """Somebody accepted the rung; the next one waits five days."""
    return EscalationAcknowledged(
        escalation_id=f"{project_id}-{rung}",
        rung=rung,
        step=a_step(project_id, StepStatus.BLOCKED, blocked_reason="能耗指标未落实", **more),
        by=by,
        waits_until=AT + timedelta(days=30),
    )


def a_fact(project_id: str, **values: tuple[Any, Level]) -> FactReported:
    """What the tax office states."""
    return FactReported(
        project_id=project_id,
        department="tax",
        dataset="tax.paid",
        fact_id=new_id(),
        values=[FieldValue(field=field, value=value, level=level) for field, (value, level) in values.items()],
        as_of=AT,
        basis="共享目录",
        quality=Quality.SIMULATED,
        resource_id="r",
        row_hash="h",
    )


def noticed(project_id: str) -> NoticeSent:
    """A mail went out."""
    return NoticeSent(
        notice_id=f"{project_id}-notice",
        project_id=project_id,
        owner=RESOURCES,
        recipient="owner@example.org",
        channel="smtp",
        subject_line="红色督办",
        sent_at=AT,
    )
