"""What the scheduler says about the invented project, one example of each event."""

from __future__ import annotations

from sikua_rules.limits import LimitUnit

from sikua_contracts.envelope import Said
from sikua_contracts.examples.story import DISTRICT, OFFICE, PROJECT, PROJECT_NAME, REFORM, at
from sikua_contracts.scheduler import (
    CalendarPublished,
    EscalationAcknowledged,
    EscalationRaised,
    EscalationResolved,
    Proof,
    StepArmed,
    StepBlocked,
    StepCompleted,
    StepExtended,
    StepPaused,
    StepReassigned,
    StepReopened,
    StepRescheduled,
    StepResumed,
    StepSkipped,
    StepStarted,
    StepState,
    StepUnblocked,
    TrackClosed,
    TrackOpened,
)
from sikua_contracts.words import Owner, Rung, StepCode, StepStatus, TrackReason

_TRACK = "019de5b4-6d00-7001-8b00-000000000001"
_ESCALATION = "019de5b4-6e00-7001-8b00-000000000001"
_OFFICER = "reform-officer-1"

ENERGY = StepState(
    step_id="019de5b4-6d00-7002-8b00-000000000002",
    project_id=PROJECT,
    project_name=PROJECT_NAME,
    code=StepCode.QUOTA,
    item="ENERGY",
    name_zh="落实能耗指标",
    name_en="Securing the energy quota",
    owner=REFORM,
    status=StepStatus.ARMED,
    limit_amount=20,
    limit_unit=LimitUnit.WORKING_DAY,
    armed_at=at(2),
    due_at=at(30, 17, 30),
    tracked=True,
    next_rung=Rung.REMIND,
    next_rung_at=at(25, 9),
    consulted=[Owner(role="ecology", division="370211")],
)


def _as(status: StepStatus, **changes: object) -> StepState:
    return ENERGY.model_copy(update={"status": status, **changes})


_STARTED = _as(StepStatus.STARTED, started_at=at(3))
_COMPLETED = _as(StepStatus.COMPLETED, started_at=at(3), completed_at=at(20), next_rung=None, next_rung_at=None)
_BLOCKED = _as(StepStatus.BLOCKED, started_at=at(3), blocked_reason="能耗指标需市级统筹")
_PAUSED = _as(StepStatus.PAUSED, started_at=at(3), due_at=None, next_rung=None, next_rung_at=None)

_STEPS: tuple[Said, ...] = (
    StepArmed(step=ENERGY, historic=False),
    StepStarted(step=_STARTED, by=_OFFICER),
    StepCompleted(
        step=_COMPLETED,
        proof=Proof(fact_id="019de5b4-6c00-7001-8a00-000000000007", field="energy_review_result", stated_by="reform"),
        overdue_working_days=0,
    ),
    StepReopened(step=_STARTED, reason="节能审查意见被撤销", by="command-office"),
    StepSkipped(
        step=_as(StepStatus.SKIPPED, next_rung=None, next_rung_at=None), reason="不单独进行节能审查", by=_OFFICER
    ),
    StepBlocked(
        step=_BLOCKED,
        reason="能耗指标需市级统筹",
        waiting_for=Owner(role="ecology", division="370200"),
        by=_OFFICER,
    ),
    StepUnblocked(step=_STARTED, resolution="市级统筹指标已下达", by=_OFFICER),
    StepPaused(step=_PAUSED, reason="委托评估期间", document="青发改评〔2026〕5号", by=_OFFICER),
    StepResumed(step=_STARTED, document="评估报告〔2026〕12号", by=_OFFICER),
    StepExtended(step=_STARTED, extension_amount=10, reason="情况复杂", approved_by="command-office"),
    StepRescheduled(step=ENERGY, due_before=at(27, 17, 30), reason="calendar:2027 v1"),
    StepReassigned(step=_STARTED, owner_before=DISTRICT, reason="能耗审查权限在市级", by="command-office"),
)

_OTHERS: tuple[Said, ...] = (
    TrackOpened(
        track_id=_TRACK,
        project_id=PROJECT,
        project_name=PROJECT_NAME,
        steps=[ENERGY],
        reasons=[TrackReason.CROSSING, TrackReason.KEY_SIGNING],
        opened_by="rule",
    ),
    TrackClosed(
        track_id=_TRACK, project_id=PROJECT, project_name=PROJECT_NAME, reason="已开工", closed_by="command-office"
    ),
    EscalationRaised(
        escalation_id=_ESCALATION,
        rung=Rung.COORDINATE,
        step=_BLOCKED,
        recipients=[OFFICE, REFORM],
        reason="四跨项目存在未解决堵点",
        overdue_working_days=0,
    ),
    EscalationAcknowledged(
        escalation_id=_ESCALATION,
        rung=Rung.COORDINATE,
        step=_BLOCKED,
        by="command-office",
        waits_until=at(27, 17, 30),
    ),
    EscalationResolved(
        escalation_id=_ESCALATION,
        rung=Rung.COORDINATE,
        step=_COMPLETED,
        resolution="专题会议协调解决",
        by="command-office",
    ),
    CalendarPublished(
        year=2027,
        version=1,
        off=["2027-01-01", "2027-01-02", "2027-01-03"],
        work=["2027-01-09"],
        papers=["国务院办公厅关于2027年部分节假日安排的通知"],
    ),
)

SAID: tuple[tuple[str, Said], ...] = tuple(("scheduler", said) for said in (*_STEPS, *_OTHERS))
